"""Which MLflow run belongs to which Kedro run: keyed by the save version, so sessions never mix."""

import json
import logging
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Run
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID
from sqlalchemy.exc import SQLAlchemyError

from credit_pipeline.datasets.raw.addresses import without_credentials
from credit_pipeline.errors import CreditPipelineError, TrackingUnavailableError
from credit_pipeline.modelling.splitting import frame_hash
from credit_pipeline.storage import processes

AWAY: Final = (MlflowException, OSError, SQLAlchemyError)
"""What is raised where the store is away. While it opens one, MLflow lets the database's own error through."""
_log = logging.getLogger(__name__)
_DIGEST_LENGTH = 32  # MLflow refuses digests over 36 characters; the whole hash goes into a tag


@dataclass(frozen=True)
class TrackedRun:
    """An open MLflow run: where it is tracked, and its ids."""

    tracking_uri: str
    experiment_id: str
    run_id: str

    @property
    def client(self) -> MlflowClient:
        """A client of the store that holds the run."""
        return MlflowClient(self.tracking_uri)


_open: dict[str, TrackedRun] = {}


class _Tracking:
    """Whether the open run is tracked, and on behalf of which run."""

    offline: str | None = None
    loss: str | None = None
    replayed: str | None = None


def start(offline: str | None) -> None:
    """Begin a run. ``offline`` says why it is not tracked, ``None`` that it is."""
    _Tracking.offline, _Tracking.loss = offline, None


def lose(error: Exception) -> str:
    """Go on without the tracking server, which was lost on the way; give that as a reason."""
    cause = (str(error).strip().splitlines() or [""])[0][:200]
    _Tracking.loss = f"{type(error).__name__}: {without_credentials(cause)}"
    _Tracking.offline = "the tracking server was lost on the way"
    return _Tracking.offline


def offline() -> str | None:
    """Say why the open run is not tracked; ``None`` if it is."""
    return _Tracking.offline


def loss() -> str | None:
    """Say how the tracking server was lost; ``None`` if it was not."""
    return _Tracking.loss


def replay(save_version: str | None) -> None:
    """Let the next run be recorded as this one."""
    _Tracking.replayed = save_version


def replayed() -> str | None:
    """Give the run as which the open one is recorded, if it replays one."""
    return _Tracking.replayed


def opened(save_version: str, run: TrackedRun) -> None:
    """Remember the MLflow run of a Kedro run."""
    _open[save_version] = run


def closed(save_version: str) -> None:
    """Forget a Kedro run that ended."""
    _open.pop(save_version, None)


def of(save_version: str | None) -> TrackedRun:
    """Give the MLflow run of a Kedro run.

    Raises
    ------
    TrackingUnavailableError
        No run is open: the dataset was saved outside ``kedro run``.
    """
    if save_version is None or save_version not in _open:
        raise TrackingUnavailableError(
            "There is no MLflow run to record a model in.",
            expected="a dataset saved by a node during `kedro run`",
            got=f"no open run for save version {save_version}",
            fix="run the pipeline with `kedro run`, or a session's run()",
        )
    return _open[save_version]


def end(run: TrackedRun, status: str) -> None:
    """End a run and its children that are still open."""
    children = run.client.search_runs(
        [run.experiment_id], f"tags.`{MLFLOW_PARENT_RUN_ID}` = '{run.run_id}' and attributes.status = 'RUNNING'"
    )
    for run_id in (*(child.info.run_id for child in children), run.run_id):
        run.client.set_terminated(run_id, status)


def orphans(client: MlflowClient, experiment_id: str) -> list[Run]:
    """List the runs of an experiment that never said how they ended and whose process is gone."""
    running = client.search_runs([experiment_id], "attributes.status = 'RUNNING'")
    return [run for run in running if (process := run.data.tags.get("process")) and processes.is_gone(process)]


def end_orphans(own: TrackedRun) -> None:
    """End the orphans of a run's experiment."""
    for run in orphans(own.client, own.experiment_id):
        if run.info.run_id == own.run_id:
            continue
        end(TrackedRun(own.tracking_uri, own.experiment_id, run.info.run_id), "KILLED")
        _log.warning("MLflow run %s ended without a word: set to KILLED", run.info.run_name)


def dataset_input(name: str, content_sha256: str, source: str, context: str) -> DatasetInput:
    """Describe a table that a run used, by the hash of all its content.

    Parameters
    ----------
    name, source
        What it is called and where it lies.
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
    """Describe a table that a run loaded, by what its reader noted of it."""
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
