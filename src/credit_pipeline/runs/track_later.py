"""Tracking afterwards: a run that exists only on disk is uploaded to MLflow once, from what it wrote."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kedro.framework.project import pipelines, settings
from kedro.pipeline import Pipeline
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

from credit_pipeline import configuration
from credit_pipeline.errors import ReplayError
from credit_pipeline.storage import run_record

Record = Mapping[str, Any]
_OF_ALL_MODELS = {"rank_models", "compare_models"}


def track(project: Path, environment: str | None, save_version: str) -> str:
    """Upload a finished run to MLflow and register its challenger.

    Parameters
    ----------
    project
        The project's folder.
    environment
        The run's environment; ``None`` is the default one.
    save_version
        The run.

    Returns
    -------
    str
        What happened, in a sentence.

    Raises
    ------
    ReplayError
        There is no such run, it did not finish, or it trained no model.
    """
    with settings.SESSION_CLASS.create(project_path=project, env=environment) as session:
        session.load_context()
        record = _finished(configuration.current().folder_path, save_version)
        known = _known_runs(save_version)
        if any(run.info.status == "FINISHED" for run in known):
            return f"{save_version} is tracked already"
        if any(_is_promoted(run) for run in known):
            for run in known:
                _end(run, "FINISHED")
            run_record.mark_tracked(configuration.current().folder_path, save_version)
            return f"{save_version} is tracked now: MLflow had everything except the final status"
        for run in known:
            _remove(run)
        wanted = _recording(record, pipelines["__default__"])
    with settings.SESSION_CLASS.create(project_path=project, env=environment) as session:
        nodes = [node.name for node in wanted.nodes]
        session.run(node_names=nodes, load_versions=_versions(record, wanted), recorded_as=save_version)
        run_record.mark_tracked(configuration.current().folder_path, save_version)
    return f"{save_version} is tracked now"


def untracked_runs(folder: Path) -> list[str]:
    """List the finished runs that are not tracked, oldest first."""
    return [
        str(record["save_version"])
        for record in run_record.records(folder)
        if record["status"] == run_record.FINISHED and not record.get("tracked", True)
    ]


def _finished(folder: Path, save_version: str) -> Record:
    record = run_record.record_of(folder, save_version)
    if record is None or record["status"] != run_record.FINISHED:
        untracked = untracked_runs(folder)
        none = "a finished run that is not tracked; at present there are none"
        raise ReplayError(
            f"There is no finished run {save_version}.",
            expected=f"one of {', '.join(untracked)}" if untracked else none,
            got="no record of it" if record is None else str(record["status"]),
            fix="use the --env of the run; if the run did not finish, run it again",
        )
    return record


def _known_runs(save_version: str) -> list[Run]:
    """Find what MLflow has of a run: nothing, or a part if the server was lost during the run."""
    experiments = [found.experiment_id for found in MlflowClient().search_experiments()]
    found = MlflowClient().search_runs(experiments, f"tags.save_version = '{save_version}'")
    return list(found)


def _with_children(run: Run) -> list[Run]:
    """List the children of a run, then the run."""
    client = MlflowClient()
    children = client.search_runs([run.info.experiment_id], f"tags.`{MLFLOW_PARENT_RUN_ID}` = '{run.info.run_id}'")
    return [*children, run]


def _versions_of(run: Run) -> list[ModelVersion]:
    """List the registry versions of a run and its children."""
    client = MlflowClient()
    return [
        found
        for each in _with_children(run)
        for found in client.search_model_versions(f"run_id = '{each.info.run_id}'")
    ]


def _is_promoted(run: Run) -> bool:
    """Return whether an alias points to a version of the run: aliases move last, so only its end can be missing."""
    client = MlflowClient()
    aliases = {
        (str(name), str(version))
        for name in {found.name for found in _versions_of(run)}
        for version in client.get_registered_model(name).aliases.values()
    }
    return any((found.name, str(found.version)) in aliases for found in _versions_of(run))


def _remove(run: Run) -> None:
    """Remove a run that was uploaded in part, and the versions that would be left without their run."""
    client = MlflowClient()
    for version in _versions_of(run):
        client.delete_model_version(version.name, str(version.version))
    _end(run, "FAILED")
    for each in _with_children(run):
        client.delete_run(each.info.run_id)


def _end(run: Run, status: str) -> None:
    for each in _with_children(run):
        MlflowClient().set_terminated(each.info.run_id, status)


def _recording(record: Record, lifecycle: Pipeline) -> Pipeline:
    """Return the nodes that write to MLflow, of those that the run executed."""
    wrote = set(record["outputs"])
    wanted = [
        node.name
        for node in lifecycle.nodes
        if set(node.outputs) & wrote
        and (node.name in _OF_ALL_MODELS or node.name.endswith(".record") or "deployment" in node.tags)
    ]
    if not wanted:
        raise ReplayError(
            f"The run {record['save_version']} trained no model.",
            expected="a run that included the pipeline training",
            got=", ".join(sorted(wrote)) or "a run that wrote nothing",
            fix="run it again, with tracking",
        )
    return lifecycle.filter(node_names=wanted)


def _versions(record: Record, wanted: Pipeline) -> dict[str, str]:
    """Return the versions that the run read and wrote, except for datasets that are written again."""
    known = {**record["inputs"], **record["outputs"]}
    return {name: found["version"] for name, found in known.items() if name not in wanted.all_outputs()}
