"""The MLflow run of the open run, whether it is tracked at all, and the tables that a run used."""

import json
import logging
from pathlib import PurePath
from types import MappingProxyType
from typing import Final

import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Run
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID
from sqlalchemy.exc import SQLAlchemyError

from credit_pipeline.configuration import TrackedRun, open_run
from credit_pipeline.datasets.raw.addresses import without_credentials
from credit_pipeline.errors import ConfigurationError, CreditPipelineError, TrackingUnavailableError
from credit_pipeline.modelling.splitting import frame_hash
from credit_pipeline.storage import processes

UNREACHABLE: Final = (MlflowException, OSError, SQLAlchemyError)
"""Errors raised when the tracking store is unreachable. MLflow passes database errors through while opening a store."""
LOST: Final = "the tracking server was lost during the run"
_NOW: Final = "now"
_UNTRACKED: Final = MappingProxyType(
    {
        "later": "tracking is postponed: `tracking: later`, then `kedro track`",
        "off": "tracking is switched off: `tracking: off`; there is no registry, so no version and no champion",
    }
)
_log = logging.getLogger(__name__)
_DIGEST_LENGTH = 32  # MLflow refuses digests over 36 characters; the whole hash goes into a tag


def client_of(run: TrackedRun) -> MlflowClient:
    """Return a client of the store that holds a run."""
    return MlflowClient(run.tracking_uri)


def reason_of_mode(mode: str | None) -> str | None:
    """Return why a run with this value of ``tracking`` is not tracked; ``None`` if it is, as by default.

    Raises
    ------
    ConfigurationError
        There is no such value.
    """
    if mode not in {None, _NOW, *_UNTRACKED}:
        raise ConfigurationError(
            "The value of 'tracking' is not known.",
            expected=f"one of {_NOW}, {', '.join(_UNTRACKED)}",
            got=str(mode),
            fix="'tracking' in conf/base/globals.yml, or CREDIT_PIPELINE_TRACKING",
        )
    return _UNTRACKED.get(mode or _NOW)


def reason_untracked() -> str | None:
    """Return why nothing may be written to MLflow now; ``None`` if the run is tracked, or if no run is open."""
    run = open_run.current()
    return run.untracked if run else None


def loss() -> str | None:
    """Return how the tracking server was lost during the open run; ``None`` if it was not."""
    run = open_run.current()
    return run.loss if run else None


def note_loss(error: Exception) -> str:
    """Note that the tracking server was lost during the run, which goes on without it.

    Returns
    -------
    str
        How it was lost, without credentials.
    """
    cause = (str(error).strip().splitlines() or [""])[0][:200]
    loss = f"{type(error).__name__}: {without_credentials(cause)}"
    if (run := open_run.current()) is not None:
        run.loss, run.untracked = loss, LOST
    return loss


def mlflow_run(save_version: str | None) -> TrackedRun:
    """Return the MLflow run of the open run.

    Parameters
    ----------
    save_version
        The save version of the dataset that is saved: it must be the open run's.

    Raises
    ------
    TrackingUnavailableError
        No such run is open: the dataset was saved outside ``kedro run``.
    """
    run = open_run.current()
    if run is None or run.mlflow_run is None or run.record is None or run.record.save_version != save_version:
        raise TrackingUnavailableError(
            "There is no MLflow run to record a model in.",
            expected="a dataset saved by a node during `kedro run`",
            got=f"no open run for save version {save_version}",
            fix="run the pipeline with `kedro run`, or with the run() of a session",
        )
    return run.mlflow_run


def end(run: TrackedRun, status: str) -> None:
    """End a run and its children that are still open."""
    children = client_of(run).search_runs(
        [run.experiment_id], f"tags.`{MLFLOW_PARENT_RUN_ID}` = '{run.run_id}' and attributes.status = 'RUNNING'"
    )
    for run_id in (*(child.info.run_id for child in children), run.run_id):
        client_of(run).set_terminated(run_id, status)


def orphans(client: MlflowClient, experiment_id: str) -> list[Run]:
    """List the runs of an experiment that have no end although their process no longer exists."""
    running = client.search_runs([experiment_id], "attributes.status = 'RUNNING'")
    return [run for run in running if (process := run.data.tags.get("process")) and processes.is_gone(process)]


def end_orphans(own: TrackedRun) -> None:
    """End the other runs of a run's experiment whose process no longer exists."""
    for run in orphans(client_of(own), own.experiment_id):
        if run.info.run_id == own.run_id:
            continue
        end(TrackedRun(own.tracking_uri, own.experiment_id, run.info.run_id), "KILLED")
        _log.warning(
            "The process of MLflow run %s no longer exists; its status is set from RUNNING to KILLED", run.info.run_name
        )


def dataset_input(name: str, content_sha256: str, source: str, context: str) -> DatasetInput:
    """Describe a table that a run used by the hash of its whole content.

    Parameters
    ----------
    name, source
        Its name and its location.
    content_sha256
        64 hexadecimal digits; the first 32 are the digest, all of them a tag.
    context
        What it was used for, such as ``training``.
    """
    dataset = Dataset(
        name=name, digest=content_sha256[:_DIGEST_LENGTH], source_type="local", source=json.dumps({"uri": source})
    )
    tags = {"mlflow.data.context": context, "content_sha256": content_sha256}
    return DatasetInput(dataset, [InputTag(key, value) for key, value in tags.items()])


def table_input(name: str, table: pd.DataFrame, context: str) -> DatasetInput:
    """Describe a table that a run loaded, by the hash and the source that its reader stored in ``attrs``.

    Parameters
    ----------
    name
        Its name; also its source, if the reader stored none.
    table
        The table, shape (rows, columns).
    context
        What it was used for, such as ``scoring``.
    """
    content = table.attrs.get("content_sha256") or frame_hash(table)
    source = str(table.attrs.get("source", name))
    return dataset_input(name, content, source if "://" in source else PurePath(source).name, context)


def manifest_inputs(manifest: dict[str, object]) -> list[DatasetInput]:
    """Describe the raw table, train and test of a split manifest."""
    raw, parts = manifest.get("raw"), manifest.get("parts")
    if not isinstance(raw, dict) or not isinstance(parts, dict):
        raise CreditPipelineError(
            "The split manifest is not readable.",
            expected="the keys raw and parts",
            got=", ".join(manifest),
            fix="kedro run --pipelines data_split",
        )
    uses = {"train": "training", "test": "testing"}
    return [
        dataset_input("applications", raw["content_sha256"], raw["source"], "raw"),
        *(dataset_input(name, parts[name]["content_sha256"], name, context) for name, context in uses.items()),
    ]
