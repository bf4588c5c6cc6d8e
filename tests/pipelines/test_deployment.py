"""Versions are made once, gates decide the alias, and no comparison is unfair."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from conftest import Run
from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.uncertainty.delong import delong_difference
from credit_pipeline.modelling.scoring.scoring_model import ProbabilityModel
from credit_pipeline.pipelines.deployment.nodes import compare_with_champion, promote
from credit_pipeline.tracking.registered_model import RegisteredModel, UnusableModel

MODEL = "credit_test"


def client_of(project: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{project / 'mlflow.db'}")


def versions(project: Path) -> list[str]:
    return sorted(str(found.version) for found in client_of(project).search_model_versions(f"name = '{MODEL}'"))


def aliases(project: Path) -> dict[str, str]:
    return {name: str(version) for name, version in client_of(project).get_registered_model(MODEL).aliases.items()}


def report(project: Path, name: str) -> dict[str, Any]:
    latest = max((project / f"data/test/08_reporting/{name}.json").glob("*/*.json"))
    document: dict[str, Any] = json.loads(latest.read_text())
    return document


def test_the_first_version_that_passes_is_champion(finished_project: Path) -> None:
    assert versions(finished_project) == ["1"]
    assert aliases(finished_project) == {"champion": "1"}
    assert report(finished_project, "smoke_report")["passed"]


def test_a_version_names_what_made_it_and_is_annotated(finished_project: Path) -> None:
    version = client_of(finished_project).get_model_version(MODEL, "1")
    assert {"raw_sha256", "train_sha256", "test_sha256", "source_sha256", "lock_sha256", "fingerprint"} <= set(
        version.tags
    )
    assert "A small run of the tests." in version.description
    assert version.tags["gates"] == "passed"


def test_nothing_registered_holds_a_pickle(finished_project: Path) -> None:
    stored = [path.name for path in (finished_project / "mlartifacts").rglob("*") if path.is_file()]
    assert "model.skops" in stored
    assert not [name for name in stored if name.endswith((".pkl", ".pickle", ".joblib"))]


def test_the_same_run_again_makes_no_version_and_keeps_what_a_person_wrote(small_project: Path, kedro_run: Run) -> None:
    client_of(small_project).update_model_version(MODEL, "1", "Read by Ada.")
    kedro_run(small_project)
    assert versions(small_project) == ["1"]
    assert report(small_project, "promotion_report")["outcome"] == "kept"
    assert client_of(small_project).get_model_version(MODEL, "1").description == "Read by Ada."


@pytest.mark.slow
def test_a_version_that_fails_a_gate_is_challenger_and_the_run_ends_well(project: Path, kedro_run: Run) -> None:
    params = {
        "models": {"xgboost": {"fixed": {"n_estimators": 31}}},
        "deployment": {"gates": {"minimum": {"test_roc_auc": 0.99}}},
    }
    kedro_run(project, params=params)
    assert aliases(project) == {"champion": "1", "challenger": "2"}
    promotion = report(project, "promotion_report")
    assert promotion["outcome"] == "held"
    assert "test_roc_auc" in promotion["reason"]


def test_a_version_whose_champion_was_replaced_after_the_comparison_is_held() -> None:
    version = {"name": MODEL, "version": "3", "new": True, "model": "xgboost"}
    gates = {"passed": True, "gates": [], "reason": "every gate passed", "standing": "1"}
    reported, challenger, champion = promote(version, gates, UnusableModel(MODEL, "2", "of another run"))
    assert reported["outcome"] == "held"
    assert str(reported["reason"]).startswith("another run moved champion to version 2 in the meantime")
    assert challenger["version"] == "3"
    assert champion == {"version": None}
    assert promote(version, gates, UnusableModel(MODEL, "1", "as compared"))[0]["outcome"] == "promoted"


def test_a_version_whose_server_was_lost_is_not_registered_and_the_report_says_how_to_do_it_later() -> None:
    version = {"name": MODEL, "version": "3", "new": True, "model": "xgboost"}
    gates = {"passed": True, "gates": [], "reason": "every gate passed", "standing": "1"}
    lost = UnusableModel(MODEL, "1", "ConnectionError: gone", loss=True)
    report, challenger, champion = promote(version, gates, lost)
    assert (report["outcome"], report["version"]) == ("none", None)
    assert str(report["reason"]).endswith("`kedro track` registers the version (ConnectionError: gone)")
    assert challenger == champion == {"version": None}


def test_the_comparison_with_the_champion_knows_the_loans_of_one_borrower() -> None:
    draw, borrower = np.random.default_rng(1), np.arange(300) // 3
    income = np.repeat(draw.normal(size=100), 3)
    default = (income + draw.normal(size=300) < 0).astype(int)
    test = pd.DataFrame({"borrower": borrower, "income": income, "default": default})
    columns = {"borrower": {"role": "group"}, "income": {"role": "numeric"}, "default": {"role": "target"}}
    steps = [("recipe", ColumnTransformer([("kept", "passthrough", ["income"])])), ("estimator", LogisticRegression())]
    pipeline = Pipeline(steps).fit(test, default)
    answered = pd.DataFrame({"outcome": default, "probability_of_default": draw.uniform(size=300)})
    reported = compare_with_champion(
        {"version": "2", "model": "tree"},
        RegisteredModel(MODEL, "1", "f", ProbabilityModel(pipeline), np.empty(0, dtype=np.uint64)),
        test,
        {"columns": columns},
        {"gates": {"champion": {"minimum_rows": 2, "minimum_events": 2}}},
        tree_test_predictions=answered,
    )
    champion = pipeline.predict_proba(test)[:, 1]
    challenger = Sample(default, answered["probability_of_default"].to_numpy(), cluster=borrower)
    gap = delong_difference(challenger, challenger.answered(champion))
    assert f"95 % {gap.lower:+.4f} to {gap.upper:+.4f}" in str(reported["reason"])


def test_champion_and_challenger_are_compared_only_on_rows_unseen_by_both(small_project: Path, kedro_run: Run) -> None:
    gates = {"minimum": {"test_roc_auc": 0.5}, "champion": {"minimum_rows": 20, "minimum_events": 2, "margin": 1.0}}
    kedro_run(small_project, params={"split": {"seed": 7}, "deployment": {"gates": gates}})
    gate = report(small_project, "champion_comparison")
    # A fifth of the rows is new to the challenger, a fifth of those to the champion: about 60 of 1,500.
    rows = int(gate["reason"].split(" on ")[1].split(" rows")[0])
    assert 30 < rows < 100
    assert aliases(small_project) == {"champion": "2"}


@pytest.mark.slow
def test_too_few_unseen_rows_are_no_comparison(project: Path, kedro_run: Run) -> None:
    kedro_run(project, params={"split": {"seed": 7}})
    gate = report(project, "champion_comparison")
    assert not gate["passed"]
    assert gate["reason"].startswith("not compared")
    assert aliases(project) == {"champion": "1", "challenger": "2"}


@pytest.mark.slow
def test_no_model_above_the_minimum_registers_nothing(project: Path, kedro_run: Run) -> None:
    kedro_run(project, params={"training": {"challenger": {"minimum": 0.99}}})
    assert versions(project) == ["1"]
    assert report(project, "promotion_report")["outcome"] == "none"
