"""A lender's own code, outside the project: target, recipe and metric by dotted path, in one run."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from conftest import Run

MODULE = '''
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer


def late_now(accepted):
    """The target: a payment is late in the last month known."""
    return (accepted["PAY_0"] > 0).astype(int)


def filled(columns, strategy="median"):
    """The recipe: numbers with their gaps filled, nothing else."""
    made = ColumnTransformer(
        [("numbers", SimpleImputer(strategy=strategy), list(columns.numeric))], verbose_feature_names_out=False
    )
    return made.set_output(transform="pandas")


def missed(outcome, probability):
    """The metric: the share of the defaults that have a probability below one half."""
    return float((probability[outcome == 1] < 0.5).mean())


missed.greater_is_better = False
'''
MODEL = {
    "recipe": "own",
    "estimator": "sklearn.tree.DecisionTreeClassifier",
    "search": {"strategy": "racing", "space": {"max_depth": [1, 2, 3]}},
}


@pytest.fixture
def lender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "own_code").mkdir()
    (tmp_path / "own_code/a_bank.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path / "own_code")
    monkeypatch.setenv("CREDIT_PIPELINE_PACKAGES", "a_bank")
    yield "a_bank"
    sys.modules.pop("a_bank", None)


def test_a_lenders_own_target_recipe_and_metric_run_from_yaml(lender: str, project: Path, kedro_run: Run) -> None:
    raw = project / "tests/data/applications.csv"
    target = "default payment next month"
    pd.read_csv(raw).drop(columns=target).to_csv(raw, index=False)
    metric = f"{lender}.missed"
    given = {
        "data": {"columns": {target: {"function": f"{lender}.late_now"}}},
        "recipes": {"own": {"function": f"{lender}.filled"}},
        "models": {"own_tree": MODEL},
        "training": {
            "metrics": ["roc_auc", metric],
            "challenger": {"metric": metric, "minimum": 1.0, "tie_breaks": []},
        },
        "deployment": {"gates": {"maximum": {f"test_{metric}": 0.9}, "minimum": {}}},
    }
    kedro_run(project, pipeline_names=["data_split", "feature_engineering"], params=given)
    kedro_run(project, tags=["own_tree"], pipeline_names=["training"], params=given)
    found = json.loads(max((project / "data/test").rglob("own_tree/metrics.json/*/*.json")).read_text())
    assert 0 <= found["metrics"][f"test_{metric}_lower"] <= found["metrics"][f"test_{metric}"] <= 1
    assert found["candidates"] == 3
    chosen = max((project / "data/test").rglob("challenger.json/*/*.json"))
    assert json.loads(chosen.read_text())["model"] == "own_tree"
