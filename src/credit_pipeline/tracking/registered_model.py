"""A registered version, loaded without pickle and checked to give the same answers as when it was stored."""

from dataclasses import dataclass, field
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient, artifacts
from numpy.typing import NDArray

from credit_pipeline import configuration
from credit_pipeline.datasets import load_trusted
from credit_pipeline.errors import MissingFilesError, RegistryError
from credit_pipeline.modelling.scoring.scoring_model import ScoringModel, answer_name, answers_in
from credit_pipeline.tracking import tracked_runs
from credit_pipeline.tracking.model_run import PROBE, ROW_KEYS

FINGERPRINT = "fingerprint"
_PARITY = 1e-9


@dataclass(frozen=True)
class RegisteredModel:
    """A registry version that was loaded and gives the same answers as when it was stored."""

    name: str
    version: str
    fingerprint: str
    model: ScoringModel = field(repr=False)
    row_keys: NDArray[np.uint64] = field(repr=False)


@dataclass(frozen=True)
class UnusableModel:
    """A registry version that must not be used, and why: ``loss`` if only because the tracking server was lost."""

    name: str
    version: str
    reason: str
    loss: bool = False


def registry_client() -> MlflowClient:
    """Return a client of the run's store. Kedro-Viz runs no hooks, so there the configured store is used."""
    known = mlflow.is_tracking_uri_set()  # type: ignore[no-untyped-call]
    return MlflowClient() if known else MlflowClient(configuration.tracking_uri())


def load_version(name: str, version: str) -> RegisteredModel:
    """Load a version without pickle and check its answers to its probe rows.

    Raises
    ------
    RegistryError
        It holds types that are not trusted, its files are missing, or its answers to the probe rows differ from the
        stored ones, because the code of the features has changed.
    """
    folder = _downloaded(name, version)
    model = load_trusted(folder / "model.skops")
    _check_probe(model, pd.read_parquet(_companion(folder, PROBE)), f"{name} version {version}")
    keys = pd.read_parquet(_companion(folder, ROW_KEYS))["row_key"].to_numpy(np.uint64)
    tags = registry_client().get_model_version(name, version).tags
    return RegisteredModel(name, version, tags.get(FINGERPRINT, ""), model, keys)


def _downloaded(name: str, version: str) -> Path:
    try:
        return Path(artifacts.download_artifacts(f"models:/{name}/{version}"))
    except tracked_runs.UNREACHABLE as error:
        gone = isinstance(error, FileNotFoundError) or getattr(error, "error_code", None) == "RESOURCE_DOES_NOT_EXIST"
        if not gone:
            raise
        raise MissingFilesError(
            f"The files of {name} version {version} are missing.",
            expected="the registered files, at the location that the registry names",
            got=type(error).__name__,
            fix="restore them, or promote another version; `kedro doctor --apply` removes the alias",
        ) from error


def _companion(folder: Path, name: str) -> Path:
    return folder / "extra_files" / name


def _check_probe(model: ScoringModel, probe: pd.DataFrame, label: str) -> None:
    stored = answers_in(probe)
    answered = answers_in(model.predict(probe.drop(columns=answer_name(model.pipeline))))
    difference = float(np.abs(answered - stored).max())
    if not difference <= _PARITY * max(1.0, float(np.abs(stored).max())):
        raise RegistryError(
            f"{label} no longer gives the answers that it gave when it was stored.",
            expected=f"the stored answers to its probe rows, within {_PARITY:g}",
            got=f"a difference of {difference:.3g}",
            fix="use the code revision in the version's tags, or train a new version "
            "with the current code and promote it",
        )
