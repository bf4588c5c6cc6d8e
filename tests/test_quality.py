"""The shipped use case at full size: what it reaches, and that its bytes do not depend on the machine."""

import http.client
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import local_browser
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from conftest import copy_project
from documented_commands import requests

FLOORS = {
    ("xgboost", "test_roc_auc"): 0.775,
    ("scorecard", "test_roc_auc"): 0.755,
    ("xgboost", "cv_roc_auc_mean"): 0.785,
    ("scorecard", "cv_roc_auc_mean"): 0.769,
}


def lifecycle(project: Path, *options: str, **variables: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), **variables}
    command = [sys.executable, "-m", "kedro", "run", *options]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def latest(project: Path, name: str) -> Path:
    return max((project / "data" / name).glob("*/*"))


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a project in which the plain `kedro run` has finished."""
    project = copy_project(tmp_path_factory.mktemp("full"))
    lifecycle(project)
    return project


@pytest.mark.slow
@pytest.mark.parametrize(("model", "metric"), FLOORS)
def test_the_shipped_models_reach_what_is_promised(full: Path, model: str, metric: str) -> None:
    document: dict[str, Any] = json.loads(latest(full, f"08_reporting/{model}/metrics.json").read_text())
    assert document["metrics"][metric] >= FLOORS[(model, metric)]


@pytest.mark.slow
def test_the_shipped_lifecycle_ends_with_a_champion_and_one_run_for_each_model(full: Path) -> None:
    client = MlflowClient(f"sqlite:///{full / 'mlflow.db'}")
    aliases = client.get_registered_model("credit_default").aliases
    assert {name: str(version) for name, version in aliases.items()} == {"champion": "1"}  # numbers in a sqlite store
    (experiment,) = [found for found in client.search_experiments() if found.name == "credit_default"]
    runs = client.search_runs([experiment.experiment_id])
    assert sorted((str(run.info.run_name), run.info.status) for run in runs) == [
        (name, "FINISHED") for name in ("lifecycle", "logistic_regression", "random_forest", "scorecard", "xgboost")
    ]


@pytest.mark.slow
def test_the_champion_gives_the_answer_that_the_readme_shows(full: Path, free_port: int) -> None:
    body, shown = requests()[0]
    store = {"MLFLOW_TRACKING_URI": f"sqlite:///{full / 'mlflow.db'}", "PYTHONPATH": str(full / "src")}
    command = ["mlflow", "models", "serve", "-m", "models:/credit_default@champion", "-p", str(free_port)]
    with local_browser.served(
        [sys.executable, "-m", *command, "--env-manager", "local"], full, free_port, "/ping", store
    ):
        server = http.client.HTTPConnection("127.0.0.1", free_port, timeout=60)
        request = json.dumps({"dataframe_split": body})
        server.request("POST", "/invocations", request, {"Content-Type": "application/json"})
        answers = json.load(server.getresponse())["predictions"]
        server.close()
    assert [{name: round(value, 3) for name, value in answer.items()} for answer in answers] == shown


@pytest.mark.slow
def test_another_hash_seed_and_one_core_give_the_same_parts_and_predictions(
    full: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = copy_project(tmp_path_factory.mktemp("other"))
    lifecycle(
        other, "--params", "training.jobs=1", PYTHONHASHSEED="3", OMP_NUM_THREADS="1", CREDIT_PIPELINE_TRACKING="off"
    )
    for part in ("train", "test"):
        name = f"03_primary/{part}.parquet"
        assert latest(full, name).read_bytes() == latest(other, name).read_bytes()
    for model in ("logistic_regression", "scorecard", "random_forest", "xgboost"):
        name = f"07_model_output/{model}/test_predictions.parquet"
        mine, theirs = (pd.read_parquet(latest(project, name)) for project in (full, other))
        within = 1e-7 if model in {"logistic_regression", "scorecard"} else 1e-9
        assert np.abs(mine["probability_of_default"] - theirs["probability_of_default"]).max() <= within
