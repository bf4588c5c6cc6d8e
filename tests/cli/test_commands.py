"""The commands as a person types them: each in a process of its own, from a folder below the project's."""

import http.client
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path

import local_browser
import pandas as pd
import pytest

from conftest import HANG, copy_finished, run_to_end

pytestmark = pytest.mark.takes_long

PIPELINES = ("data_split", "feature_engineering", "training", "deployment", "scoring")


def kedro(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run kedro in a folder below the project's."""
    command = [sys.executable, "-m", "kedro", *words]
    return run_to_end(command, cwd=project / "data")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, finished_with_one_model: Path) -> Path:
    """Give a copy of a finished project with one quick model that all commands of this module share."""
    return copy_finished(finished_with_one_model, tmp_path_factory.mktemp("cli") / "project")


@pytest.fixture(scope="module")
def run_alone(walked: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run a pipeline alone, the first time that it is asked for."""
    return cache(lambda pipeline: kedro(walked, "run", "--env", "test", "--pipelines", pipeline))


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_each_pipeline_runs_alone_on_what_the_last_run_left(
    run_alone: Callable[[str], subprocess.CompletedProcess[str]], pipeline: str
) -> None:
    done = run_alone(pipeline)
    assert done.returncode == 0, done.stdout + done.stderr


def test_scores_name_the_version_that_gave_them(
    walked: Path, run_alone: Callable[[str], subprocess.CompletedProcess[str]]
) -> None:
    run_alone("scoring")
    scores = pd.read_parquet(max((walked / "data/test/07_model_output/scores.parquet").glob("*/*")))
    assert len(scores) == 200  # every applicant keeps the contract
    assert scores["probability_of_default"].between(0, 1).all()
    assert scores["model_version"].unique().tolist() == ["1"]


def test_what_would_record_untruths_is_refused_in_a_sentence(walked: Path) -> None:
    done = kedro(walked, "run", "--env", "test", "--async")
    assert done.returncode == 1
    assert "ThreadRunner" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_key_is_reported_with_its_file_before_anything_runs(walked: Path) -> None:
    done = kedro(walked, "run", "--env", "test", "--params", "models.logistic_regression.estimater=x")
    assert done.returncode == 1
    assert "conf/test/parameters/models.yml" in done.stderr
    assert "did you mean 'estimator'?" in done.stderr


def test_the_registry_lists_every_pipeline(walked: Path) -> None:
    listed = kedro(walked, "registry", "list").stdout
    assert all(f"- {name}" in listed for name in (*PIPELINES, "__default__"))


def test_the_champion_is_served_from_another_folder(walked: Path, tmp_path: Path, free_port: int) -> None:
    store = f"sqlite:///{walked / 'mlflow.db'}"
    words = ["models", "serve", "-m", "models:/credit_test@champion", "-p", str(free_port), "--env-manager", "local"]
    command, variables = [sys.executable, "-m", "mlflow", *words], {"MLFLOW_TRACKING_URI": store}
    with local_browser.served(command, tmp_path, free_port, "/ping", variables):
        answer = ask(free_port, applicants(walked))
    probabilities = [row["probability_of_default"] for row in answer["predictions"]]
    assert len(probabilities) == 2
    assert all(0 < probability < 1 for probability in probabilities)


def applicants(project: Path) -> bytes:
    """Two applicants as columns and rows."""
    table = pd.read_csv(project / "data/01_raw/applicants.csv", nrows=2).drop(columns="ID")
    return json.dumps({"dataframe_split": json.loads(table.to_json(orient="split", index=False))}).encode()


def ask(port: int, body: bytes) -> dict[str, list[dict[str, float]]]:
    """Post to a server."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=HANG)) as connection:
        connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
        answer: dict[str, list[dict[str, float]]] = json.loads(connection.getresponse().read())
    return answer
