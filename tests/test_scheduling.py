"""Each pipeline as a scheduler starts it: a new copy of the code each time, and nothing kept but data and tracking."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient

from conftest import ROOT, copy_project, run_to_end
from whole_runs import mlflow_runs_in

STEPS = ("data_split", "feature_engineering", "training", "deployment", "scoring")


def test_make_starts_the_steps_in_order() -> None:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    words = ["make", "--no-print-directory", "-n", "-f", "examples/steps.mk", "ENVIRONMENT=test"]
    reported = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, env=plain).stdout
    assert reported.splitlines() == [f".venv/bin/kedro run --pipelines {step} --env test" for step in STEPS]


def container(volume: Path, folder: Path) -> Path:
    """Copy the code as an image holds it; its data folder is the volume, as a mount would make it."""
    project = copy_project(folder)
    shutil.rmtree(project / "data")
    (project / "data").symlink_to(volume / "data")
    return project


def run_alone(volume: Path, step: str) -> None:
    """Run one pipeline in a process of a container of its own, then throw the container away."""
    project = container(volume, volume.with_name(step))
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(project / "src"),
        "MLFLOW_TRACKING_URI": f"sqlite:///{volume / 'tracking/mlflow.db'}",
        "DO_NOT_TRACK": "true",
        "KEDRO_ENV": "test",
    }
    command = [sys.executable, "-m", "kedro", "run", "--pipelines", step]
    done = run_to_end(command, cwd=project, env=variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(project.glob("ml*"))  # nothing that the next step needs is lost with the container
    shutil.rmtree(project)


@pytest.fixture(scope="module")
def volume(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what the steps left that ran one after the other, each in its own container."""
    volume = tmp_path_factory.mktemp("scheduled") / "volume"
    (volume / "tracking").mkdir(parents=True)
    shutil.copytree(ROOT / "data/01_raw", volume / "data/01_raw")
    for step in STEPS:
        run_alone(volume, step)
    return volume


def client(volume: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{volume / 'tracking/mlflow.db'}")


@pytest.mark.slow
def test_steps_in_containers_of_their_own_end_in_a_champion_and_its_scores(volume: Path) -> None:
    assert int(client(volume).get_model_version_by_alias("credit_test", "champion").version) == 1
    scores = pd.read_parquet(max((volume / "data/test/07_model_output/scores.parquet").glob("*/*")))
    assert scores["model_version"].unique().tolist() == ["1"]
    assert len(scores) == 200
    ended = mlflow_runs_in(volume / "tracking")
    assert {status for status, _ in ended} == {"FINISHED"}
    assert len(ended) == len(STEPS) + 4  # and one for each model, below that of training


@pytest.mark.slow
def test_steps_in_containers_give_what_one_run_gives(volume: Path, finished_project: Path) -> None:
    def chosen(data: Path) -> dict[str, object]:
        (path,) = (data / "test/08_reporting/challenger.json").glob("*/*")
        content: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
        return content

    assert chosen(volume / "data") == chosen(finished_project / "data")


@pytest.mark.slow
def test_a_step_that_is_tried_again_registers_nothing_twice(volume: Path) -> None:
    for step in ("training", "deployment"):
        run_alone(volume, step)
    assert len(client(volume).search_model_versions("name = 'credit_test'")) == 1
