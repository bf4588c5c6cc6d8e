"""What MLflow holds after each kind of run."""

import json
import sqlite3
from pathlib import Path

import mlflow
import pytest
from kedro.io import DatasetError
from kedro.runner import ParallelRunner, ThreadRunner
from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun
from sqlalchemy.exc import OperationalError

from conftest import Run
from credit_pipeline.errors import TrackingUnavailableError, UnsupportedRunError

MODELS = {"logistic_regression", "scorecard", "random_forest", "xgboost"}
METRICS = ("roc_auc", "gini", "ks", "brier", "log_loss", "average_precision")


def client_of(project: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{project / 'mlflow.db'}")


def runs_of(project: Path, experiment: str = "credit_test") -> list[MlflowRun]:
    client = client_of(project)
    found = client.get_experiment_by_name(experiment)
    return [] if found is None else list(client.search_runs([found.experiment_id], max_results=500))


def named(runs: list[MlflowRun], name: str) -> MlflowRun:
    (run,) = [run for run in runs if run.info.run_name == name]
    return run


def since(before: list[MlflowRun], project: Path, experiment: str = "credit_test") -> list[MlflowRun]:
    known = {run.info.run_id for run in before}
    return [run for run in runs_of(project, experiment) if run.info.run_id not in known]


def test_a_whole_run_is_one_parent_with_one_child_for_each_model(finished_project: Path) -> None:
    runs = runs_of(finished_project)
    parent = named(runs, "lifecycle")
    children = {run.info.run_name for run in runs if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id}
    assert children == MODELS
    assert len(runs) == 1 + len(MODELS)
    assert {run.info.status for run in runs} == {"FINISHED"}


def test_the_parent_says_where_it_comes_from(finished_project: Path) -> None:
    tags = named(runs_of(finished_project), "lifecycle").data.tags
    assert tags["kedro_environment"] == "test"
    assert tags["code_dirty"] in {"true", "false", "unknown"}
    version = tags["save_version"]
    assert (finished_project / "data/test/03_primary/train.parquet" / version / "train.parquet").is_file()


def test_parameters_are_flat_and_complete(finished_project: Path) -> None:
    parameters = named(runs_of(finished_project), "lifecycle").data.params
    assert parameters["split.test_share"] == "0.2"
    assert parameters["models.xgboost.search.space.max_depth"] == "[2, 3]"
    assert not any(value.startswith("{") and len(value) > 2 for value in parameters.values())


@pytest.mark.parametrize("metric", METRICS)
def test_a_child_holds_every_metric_with_its_interval(finished_project: Path, metric: str) -> None:
    for model in MODELS:
        metrics = named(runs_of(finished_project), model).data.metrics
        assert metrics[f"test_{metric}_lower"] <= metrics[f"test_{metric}"] <= metrics[f"test_{metric}_upper"]
        assert metrics[f"cv_{metric}_std"] >= 0
        assert f"cv_{metric}_mean" in metrics


def test_tracked_metrics_are_those_of_leaderboard_and_file(finished_project: Path) -> None:
    run = named(runs_of(finished_project), "xgboost")
    (path,) = (finished_project / "data/test/08_reporting/xgboost/metrics.json").glob("*/metrics.json")
    stored = json.loads(path.read_text())["metrics"]
    assert {name: run.data.metrics[name] for name in stored} == pytest.approx(stored)
    assert {"test_score_psi", "test_score_psi_lower", "test_score_psi_upper"} <= set(stored)


def test_a_child_holds_parameters_trials_folds_figures_recipe_and_model(finished_project: Path) -> None:
    client, run = client_of(finished_project), named(runs_of(finished_project), "scorecard")
    paths = {
        artifact.path
        for folder in (None, "figures", "recipe")
        for artifact in client.list_artifacts(run.info.run_id, folder)
    }
    drawn = {
        f"figures/{name}.png" for name in ("roc", "ks", "gains", "calibration", "score_distribution", "importance")
    }
    assert drawn | {"trials.json", "fold_scores.json", "recipe/weight_of_evidence.py", "recipe/recipe.skops"} <= paths
    assert {"scorecard.json", "selection.json"} <= paths
    assert run.data.params["recipe.minimum_information_value"] in {"0.02", "0.05"}
    trials = mlflow.artifacts.load_text(f"{run.info.artifact_uri}/trials.json")
    assert len(json.loads(trials)["data"]) == 2 * 3  # two recipe settings on three folds
    assert (
        len(client.search_logged_models([run.info.experiment_id], filter_string=f"source_run_id = '{run.info.run_id}'"))
        == 1
    )


def test_raw_table_train_and_test_are_inputs_by_their_full_hash(finished_project: Path) -> None:
    (path,) = (finished_project / "data/test/03_primary/split_manifest.json").glob("*/split_manifest.json")
    manifest = json.loads(path.read_text())
    hashes = {name: part["content_sha256"] for name, part in manifest["parts"].items()}
    hashes["applications"] = manifest["raw"]["content_sha256"]
    for run_name in ("lifecycle", "xgboost"):
        inputs = named(runs_of(finished_project), run_name).inputs.dataset_inputs
        assert {item.dataset.name: item.dataset.digest for item in inputs} == {k: v[:32] for k, v in hashes.items()}
        tags = {item.dataset.name: {tag.key: tag.value for tag in item.tags} for item in inputs}
        assert {name: tag["content_sha256"] for name, tag in tags.items()} == hashes


def test_recipes_are_logged_with_source_tables_and_both_parts(finished_project: Path) -> None:
    client, run = client_of(finished_project), named(runs_of(finished_project), "lifecycle")
    for recipe in ("one_hot", "ordinal", "weight_of_evidence"):
        names = {Path(item.path).name for item in client.list_artifacts(run.info.run_id, f"recipes/{recipe}")}
        of_bins = {"selection.json", "bins.png"} if recipe == "weight_of_evidence" else set()
        assert names == {"recipe.skops", "source.py", "tables.json", "train.parquet", "test.parquet"} | of_bins


def test_two_runs_of_two_environments_in_one_process_do_not_mix(project: Path, kedro_run: Run) -> None:
    before = runs_of(project)
    kedro_run(project, env="base", pipeline_names=["data_split"])
    kedro_run(project, pipeline_names=["data_split"])
    assert [run.info.run_name for run in since(before, project)] == ["data_split"]
    (other,) = runs_of(project, "credit_default")
    assert other.data.tags["kedro_environment"] == "base"
    assert other.info.status == "FINISHED"
    assert mlflow.active_run() is None


def test_a_failed_run_is_failed_and_leaves_no_run_open(project: Path, kedro_run: Run) -> None:
    before = runs_of(project)
    with pytest.raises(DatasetError):
        kedro_run(project, pipeline_names=["data_split"], load_versions={"clean_applications": "never"})
    (run,) = since(before, project)
    assert run.info.status == "FAILED"
    assert mlflow.active_run() is None
    kedro_run(project, pipeline_names=["data_split"])
    assert sorted(run.info.status for run in since(before, project)) == ["FAILED", "FINISHED"]


def test_a_child_of_a_run_that_fails_later_keeps_its_own_end(project: Path, kedro_run: Run) -> None:
    before = runs_of(project)
    params = {
        "training": {"challenger": {"metric": "roc_auc", "minimum": 0.6}},
        "deployment": {"annotation": "x" * 6000},
    }
    kedro_run(project, params=params, namespaces=["scorecard"])
    assert {run.info.run_name: run.info.status for run in since(before, project)} == {
        "lifecycle | namespaces scorecard": "FINISHED",
        "scorecard": "FINISHED",
    }


@pytest.mark.slow
def test_threads_leave_the_same_runs(project: Path, kedro_run: Run) -> None:
    before = runs_of(project)
    kedro_run(project, pipeline_names=["training"], runner=ThreadRunner(max_workers=2))
    new = since(before, project)
    assert {run.info.run_name for run in new} == {"training", *MODELS}
    assert {run.info.status for run in new} == {"FINISHED"}
    parent = named(new, "training").info.run_id
    assert {run.data.tags.get("mlflow.parentRunId") for run in new if run.info.run_id != parent} == {parent}


def test_from_nodes_is_one_run_of_that_name(project: Path, kedro_run: Run) -> None:
    before = runs_of(project)
    kedro_run(project, from_nodes=["check_gates"])
    assert [run.info.run_name for run in since(before, project)] == ["lifecycle | from nodes check_gates"]


def test_a_tag_trains_one_model_and_ranks_it_among_the_others(project: Path, kedro_run: Run) -> None:
    before = runs_of(project)
    kedro_run(project, tags=["scorecard"])
    assert {run.info.run_name for run in since(before, project)} == {"lifecycle | tags scorecard", "scorecard"}


def test_parallel_runner_is_refused_before_a_run_starts(project: Path, kedro_run: Run) -> None:
    before = runs_of(project)
    with pytest.raises(UnsupportedRunError, match="ThreadRunner"):
        kedro_run(project, runner=ParallelRunner())
    assert since(before, project) == []


def test_a_tracking_server_that_is_away_is_reported(
    project: Path, kedro_run: Run, monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    with pytest.raises(TrackingUnavailableError, match="MLFLOW_TRACKING_URI"):
        kedro_run(project, pipeline_names=["data_split"])


def test_the_own_error_of_a_locked_database_is_reported_as_a_store_that_is_away(
    project: Path, kedro_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise OperationalError("SELECT name FROM sqlite_master", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr("kedro_mlflow.framework.hooks.MlflowHook.after_context_created", locked)
    with pytest.raises(TrackingUnavailableError, match="OperationalError"):
        kedro_run(project, pipeline_names=["data_split"])


def test_a_secret_in_the_tracking_uri_is_not_reported(
    project: Path, kedro_run: Run, monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://ada:lovelace@127.0.0.1:{free_port}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    with pytest.raises(TrackingUnavailableError) as raised:
        kedro_run(project, pipeline_names=["data_split"])
    assert "lovelace" not in str(raised.value)
