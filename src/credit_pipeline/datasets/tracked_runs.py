"""Which MLflow run belongs to which Kedro run: keyed by the save version, so sessions never mix."""

from dataclasses import dataclass
from pathlib import PurePath

import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag

from credit_pipeline.errors import CreditPipelineError, TrackingUnavailableError
from credit_pipeline.modelling.content_hash import frame_hash

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
    from credit_pipeline.modelling.content_hash import frame_hash
        No run is open: the dataset was saved outside ``kedro run``.
    """
    if save_version is None or save_version not in _open:
        raise TrackingUnavailableError(
            "There is no MLflow run to record a model in.",
            expected="a dataset saved by a node during `kedro run`",
            got=f"no open run for save version {save_version}",
            mend="run the pipeline with `kedro run`, or a session's run()",
        )
    return _open[save_version]


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
        name=name, digest=content_sha256[:_DIGEST_LENGTH], source_type="local", source=f'{{"uri": "{source}"}}'
    )
    tags = {"mlflow.data.context": context, "content_sha256": content_sha256}
    return DatasetInput(dataset, [InputTag(key, value) for key, value in tags.items()])


def table_input(name: str, table: pd.DataFrame, context: str) -> DatasetInput:
    """Describe a table that a run loaded, by what its reader noted of it."""
    content = table.attrs.get("content_sha256") or frame_hash(table)
    return dataset_input(name, content, PurePath(str(table.attrs.get("source", name))).name, context)


def manifest_inputs(manifest: dict[str, object]) -> list[DatasetInput]:
    """Describe the raw table, train and test of a split manifest."""
    raw, parts = manifest["raw"], manifest["parts"]
    if not isinstance(raw, dict) or not isinstance(parts, dict):
        raise CreditPipelineError(
            "The split manifest is not readable.",
            expected="the keys raw and parts",
            got=", ".join(manifest),
            mend="kedro run --pipelines data_split",
        )
    uses = {"train": "training", "test": "testing"}
    return [
        dataset_input("applications", raw["content_sha256"], raw["source"], "raw"),
        *(dataset_input(name, parts[name]["content_sha256"], name, context) for name, context in uses.items()),
    ]
