"""Every use case is an environment of the same pipelines, and runs whole on small settings."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from mlflow import MlflowClient

from conftest import Run, copy_project

pytestmark = pytest.mark.takes_long

SMALL: dict[str, dict[str, Any]] = {
    "insurance": {
        "models": {
            "random_forest": {"fixed": {"n_estimators": 20}, "search": {"space": {"max_features": [1.0]}}},
            "xgboost": {"fixed": {"n_estimators": 60}, "search": {"space": {"max_depth": [3]}}},
        }
    },
    "temperature": {
        "models": {
            "hist_gradient_boosting": {"fixed": {"max_iter": 20}},
            "xgboost": {"fixed": {"n_estimators": 20}, "search": {"space": {"max_depth": [3]}}},
        }
    },
    "synthetic": {
        "generator": {"rows": 6000},
        "training": {"bootstrap": 50, "folds": {"count": 2}},
        "models": {"xgboost": {"fixed": {"n_estimators": 20}, "search": {"space": {"max_depth": [2]}}}},
    },
}


def latest(project: Path, env: str, name: str) -> Path:
    return max((project / "data" / env / name).glob("*/*"))


def document(project: Path, env: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(latest(project, env, name).read_text())
    return found


@pytest.fixture(scope="module", params=sorted(SMALL))
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, kedro_run: Run) -> tuple[Path, str]:
    """Give a project in which a use case has run whole, scoring included, and its name."""
    env: str = request.param
    project = copy_project(tmp_path_factory.mktemp(env))
    small = {**SMALL[env], "training": {"jobs": 1, **SMALL[env].get("training", {})}}
    kedro_run(project, env, small)
    kedro_run(project, env, small, pipeline_names=["scoring"])
    return project, env


def test_it_ends_with_a_champion_of_its_own_name(ran: tuple[Path, str]) -> None:
    project, env = ran
    name = yaml.safe_load((project / f"conf/{env}/globals.yml").read_text())["use_case"]
    client = MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    assert client.get_model_version_by_alias(name, "champion").version in {1, "1"}
    assert client.get_experiment_by_name(name) is not None
    assert document(project, env, "08_reporting/promotion_report.json")["outcome"] == "promoted"


def test_its_champion_scores_in_batch(ran: tuple[Path, str]) -> None:
    project, env = ran
    scores = pd.read_parquet(latest(project, env, "07_model_output/scores.parquet"))
    answer = "probability_of_default" if env == "synthetic" else "prediction"
    assert len(scores) == {"insurance": 1338, "temperature": 24, "synthetic": 200}[env]
    assert scores[answer].notna().all()


def test_its_metrics_are_those_of_its_task_each_with_an_interval(ran: tuple[Path, str]) -> None:
    project, env = ran
    metrics = document(project, env, "08_reporting/xgboost/metrics.json")["metrics"]
    wanted = {
        "insurance": ["r2", "mae", "rmse"],
        "temperature": ["mae", "rmse", "mase"],
        "synthetic": ["roc_auc", "ks"],
    }
    for name in wanted[env]:
        assert metrics[f"test_{name}_lower"] < metrics[f"test_{name}"] < metrics[f"test_{name}_upper"]


def test_its_split_is_proven(ran: tuple[Path, str]) -> None:
    project, env = ran
    manifest = document(project, env, "03_primary/split_manifest.json")
    parts = manifest["parts"]
    if env == "insurance":
        assert (parts["train"]["rows"], parts["test"]["rows"]) == (1070, 268)
    else:
        assert parts["train"]["last"] < parts["test"]["first"]
    if env == "temperature":
        # No hour of a forecast of train lies in the test part: the last is issued a day before the first of test.
        gap = pd.Timestamp(parts["test"]["first"]) - pd.Timestamp(parts["train"]["last"])
        assert gap > pd.Timedelta(days=1)


def test_the_forecast_beats_the_naive_one(ran: tuple[Path, str]) -> None:
    project, env = ran
    if env != "temperature":
        pytest.skip("no forecast")
    challenger = document(project, env, "08_reporting/challenger.json")["model"]
    errors = {
        model: document(project, env, f"08_reporting/{model}/metrics.json")["metrics"]["test_mase"]
        for model in (challenger, "seasonal_naive")
    }
    assert challenger != "seasonal_naive"
    assert errors[challenger] < errors["seasonal_naive"]


def test_loans_can_be_split_by_borrower_in_place_of_time(tmp_path: Path, kedro_run: Run) -> None:
    project = copy_project(tmp_path)
    kedro_run(
        project,
        "synthetic",
        {"generator": {"rows": 3000}, "split": {"scheme": "grouped"}},
        pipeline_names=["data_split"],
    )
    manifest = document(project, "synthetic", "03_primary/split_manifest.json")
    assert (manifest["scheme"], manifest["shared_groups"]) == ("grouped", 0)


def test_no_code_asks_which_use_case_it_is() -> None:
    source = Path(__file__).parents[1] / "src"
    asks = re.compile(r"""(==|in|case)\s*[({\[]?\s*["'](insurance|temperature|synthetic|credit_default)""")
    assert [str(path) for path in source.rglob("*.py") if asks.search(path.read_text(encoding="utf-8"))] == []
