"""The commands as a person types them: each in a process of its own, from a folder below the project's."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

from conftest import copy_finished

PIPELINES = ("data_split", "feature_engineering", "training", "deployment", "scoring")


def kedro(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run kedro in a folder below the project's."""
    command = [sys.executable, "-m", "kedro", *words]
    return subprocess.run(command, cwd=project / "data", capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, finished_project: Path) -> Path:
    """Give a copy of a finished project that all commands of this module share."""
    return copy_finished(finished_project, tmp_path_factory.mktemp("cli") / "project")


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_each_pipeline_runs_alone_on_what_the_last_run_left(walked: Path, pipeline: str) -> None:
    done = kedro(walked, "run", "--env", "test", "--pipelines", pipeline)
    assert done.returncode == 0, done.stdout + done.stderr


def test_scores_name_the_version_that_gave_them(walked: Path) -> None:
    kedro(walked, "run", "--env", "test", "--pipelines", "scoring")
    scores = pd.read_parquet(max((walked / "data/test/07_model_output/scores.parquet").glob("*/*")))
    assert len(scores) == 200  # every applicant keeps the contract
    assert scores["probability_of_default"].between(0, 1).all()
    assert scores["model_version"].unique().tolist() == ["1"]


@pytest.mark.parametrize("option", [("--async",), ("--runner", "ParallelRunner")])
def test_what_would_record_untruths_is_refused_in_a_sentence(walked: Path, option: tuple[str, ...]) -> None:
    done = kedro(walked, "run", "--env", "test", *option)
    assert done.returncode == 1
    assert "ThreadRunner" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_key_is_told_with_its_file_before_anything_runs(walked: Path) -> None:
    done = kedro(walked, "run", "--env", "test", "--params", "models.xgboost.estimater=x")
    assert done.returncode == 1
    assert "conf/test/parameters/models.yml" in done.stderr
    assert "did you mean 'estimator'?" in done.stderr


def test_the_registry_lists_every_pipeline(walked: Path) -> None:
    listed = kedro(walked, "registry", "list").stdout
    assert all(f"- {name}" in listed for name in (*PIPELINES, "__default__"))


def test_the_champion_is_served_from_another_folder(finished_project: Path, tmp_path: Path, free_port: int) -> None:
    store = f"sqlite:///{finished_project / 'mlflow.db'}"
    words = ["models", "serve", "-m", "models:/credit_test@champion", "-p", str(free_port), "--env-manager", "local"]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "MLFLOW_TRACKING_URI": store, "PATH": path}
    server = subprocess.Popen(
        [sys.executable, "-m", "mlflow", *words], cwd=tmp_path, env=environment, start_new_session=True
    )
    try:
        answer = ask(free_port, applicants(finished_project))
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)
    probabilities = [row["probability_of_default"] for row in answer["predictions"]]
    assert len(probabilities) == 2
    assert all(0 < probability < 1 for probability in probabilities)


def applicants(project: Path) -> bytes:
    """Two applicants as columns and rows."""
    table = pd.read_csv(project / "data/01_raw/applicants.csv", nrows=2).drop(columns="ID")
    return json.dumps({"dataframe_split": json.loads(table.to_json(orient="split", index=False))}).encode()


def ask(port: int, body: bytes, tries: int = 120) -> dict[str, list[dict[str, float]]]:
    """Post to a server once it is up."""
    for _ in range(tries):
        with suppress(OSError, http.client.HTTPException):
            if request(port, "GET", "/ping").status == http.client.OK:
                break
        time.sleep(0.5)
    answer: dict[str, list[dict[str, float]]] = json.loads(request(port, "POST", "/invocations", body).read())
    return answer


def request(port: int, method: str, path: str, body: bytes | None = None) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {"Content-Type": "application/json"})
    return connection.getresponse()
