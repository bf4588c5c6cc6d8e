"""The lifecycle from Python: many runs in one process, each what it says, and a sweep that compares them."""

import os
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

import credit_pipeline
from conftest import copy_project, one_model
from credit_pipeline.errors import ConfigurationError

pytestmark = pytest.mark.takes_long

SPLIT = ["data_split"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a project in which nothing has run; the working folder is below it."""
    project = copy_project(tmp_path)
    monkeypatch.chdir(project / "notebooks")
    return project


def tracked(project: Path, experiment: str) -> dict[str, dict[str, str]]:
    client = MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    found = client.get_experiment_by_name(experiment)
    assert found is not None
    runs = client.search_runs([found.experiment_id])
    return {run.info.run_id: {"status": run.info.status, **run.data.tags} for run in runs}


def test_runs_of_two_environments_in_turns_have_their_own_data_and_runs(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEDRO_ENV", "as it was")
    results = [credit_pipeline.run(env, SPLIT) for env in ("test", "base", "test")]
    assert [len(result.load("train")) for result in results] == [1_200, 24_000, 1_200]
    assert {result.run_id for result in (results[0], results[2])} == set(tracked(home, "credit_test"))
    assert {results[1].run_id} == set(tracked(home, "credit_default"))
    assert os.environ["KEDRO_ENV"] == "as it was"
    assert Path.cwd() == home / "notebooks"


def test_a_run_leaves_no_address_of_its_store_to_the_run_of_another_project(home: Path, tmp_path: Path) -> None:
    credit_pipeline.run("test", ["data_split"])
    assert "MLFLOW_TRACKING_URI" not in os.environ
    other = copy_project(tmp_path / "other")
    credit_pipeline.run("test", ["data_split"], project=other)
    assert len(tracked(home, "credit_test")) == len(tracked(other, "credit_test")) == 1


def test_a_result_is_what_its_run_wrote_whatever_came_after(home: Path) -> None:
    assert home.is_dir()
    first, second = (credit_pipeline.run("test", SPLIT, {"split.seed": seed}) for seed in (1, 2))
    ids = [result.load("split_manifest")["split_id"] for result in (first, second, first)]
    assert ids[0] == ids[2] != ids[1]
    with pytest.raises(ConfigurationError, match="wrote no dataset 'leaderboard'"):
        _ = first.leaderboard


def test_outside_a_project_its_folder_must_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="There is no project here"):
        credit_pipeline.run("test")


def test_a_sweep_makes_its_runs_children_of_one_and_compares_them(home: Path) -> None:
    one_model(home)
    found = credit_pipeline.sweep([{"split": {"seed": 1}}, {"split": {"seed": 2}}], "test")
    assert list(found.table["split.seed"].unique()) == [1, 2]
    assert set(found.table["model"]) == {"logistic_regression"}
    runs = tracked(home, "credit_test")
    parents = {run_id: tags.get(MLFLOW_PARENT_RUN_ID) for run_id, tags in runs.items()}
    assert {run_id for run_id, parent in parents.items() if parent == found.run_id} == {r.run_id for r in found.runs}
    assert {tags["status"] for tags in runs.values()} == {"FINISHED"}
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    assert {file.path for file in client.list_artifacts(str(found.run_id))} == {"figures", "sweep.json"}


def test_a_whole_run_gives_leaderboard_and_champion(project: Path) -> None:
    result = credit_pipeline.run("test", ["deployment"], project=project)
    assert result.champion["outcome"] == "kept"
