"""Problems in a project, and which of them can be fixed automatically."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from credit_pipeline import configuration
from credit_pipeline.configuration import TrackedRun
from credit_pipeline.errors import MissingFilesError, RegistryError
from credit_pipeline.storage import atomic, run_record
from credit_pipeline.tracking import load_version, tracked_runs


@dataclass(frozen=True)
class Finding:
    """A problem: ``fix`` repairs it where that is possible automatically, ``advice`` says what a person can do."""

    what: str
    advice: str
    fix: Callable[[], object] | None = None


def findings(folder: Path, registered_model: str) -> list[Finding]:
    """List every problem of a project.

    Parameters
    ----------
    folder
        The environment's data folder.
    registered_model
        The model's name in the registry, which is also the name of the experiment.
    """
    found = [*_traps(folder), *_leftovers(folder), *_orphans(folder), *_changed_files(folder)]
    if (reason := tracked_runs.reason_untracked()) is None:
        client = MlflowClient()
        return [*found, *_orphaned_runs(client, registered_model), *_aliases(client, registered_model)]
    return [*found, Finding(f"MLflow was not checked: {reason}", "set tracking to now")]


def _traps(folder: Path) -> Iterator[Finding]:
    for name, why in (
        ("MLFLOW_RUN_ID", "every run would log to that one run"),
        ("KEDRO_ENV", "`kedro run` without --env uses this environment"),
    ):
        if name in os.environ:
            yield Finding(f"{name} is set to {os.environ[name]}: {why}", f"unset {name} if that is not intended")
    uri = os.environ.get("MLFLOW_TRACKING_URI", "")
    if uri.startswith("sqlite:///") and not uri.startswith("sqlite:////"):
        yield Finding("MLFLOW_TRACKING_URI names a sqlite file relative to the working folder", "use its absolute path")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H.%M.%S.%f")
    if ahead := [found["save_version"] for found in run_record.records(folder) if found["save_version"] > now]:
        yield Finding(
            f"{len(ahead)} runs have a save version in the future, the last is {max(ahead)}: the clock was set back",
            "until that time, choose versions with --load-versions, or run the whole lifecycle: "
            "it reads the files that it wrote itself",
        )


def _leftovers(folder: Path) -> Iterator[Finding]:
    for path in atomic.leftovers(folder):
        yield Finding(
            f"{path.name} is the temporary file of a process that no longer exists",
            "it is not a dataset and can be deleted",
            path.unlink,
        )


def _orphans(folder: Path) -> Iterator[Finding]:
    for record in filter(run_record.is_orphan, run_record.records(folder)):
        yield Finding(
            f"run {record['save_version']} says RUNNING, but its process no longer exists",
            "it was killed",
            partial(run_record.end_orphan, folder, record),
        )


def _changed_files(folder: Path) -> Iterator[Finding]:
    """Find outputs of finished runs that are missing or were changed."""
    for record in run_record.records(folder):
        for name, wrote in record.get("outputs", {}).items():
            path = Path(wrote["path"])
            whole = folder / path
            if not whole.is_file():
                yield Finding(f"{path} of run {record['save_version']} is missing ({name})", "restore it, or run again")
            elif run_record.file_sha256(whole) != wrote["sha256"]:
                yield Finding(f"{path} is not what run {record['save_version']} wrote ({name})", "restore it")


def _orphaned_runs(client: MlflowClient, experiment: str) -> Iterator[Finding]:
    found = client.get_experiment_by_name(experiment)
    for run in tracked_runs.orphans(client, found.experiment_id) if found else []:
        tracked = TrackedRun(configuration.tracking_uri(), run.info.experiment_id, run.info.run_id)
        yield Finding(
            f"MLflow run {run.info.run_name} ({run.info.run_id}) says RUNNING, but its process no longer exists",
            "it was killed",
            partial(tracked_runs.end, tracked, "KILLED"),
        )


def _aliases(client: MlflowClient, name: str) -> Iterator[Finding]:
    """Find aliases of versions that cannot be loaded or give other answers than before."""
    try:
        aliases = client.get_registered_model(name).aliases
    except MlflowException:
        return
    for alias, version in aliases.items():
        try:
            load_version(name, str(version))
        except MissingFilesError:
            what = f"{alias} points to version {version}, whose files are missing"
            remove = partial(client.delete_registered_model_alias, name, alias)
            yield Finding(what, "promote another version; --apply removes the alias", remove)
        except RegistryError as error:
            yield Finding(f"{alias} points to version {version}: {error.what} {error.got}", error.fix)
