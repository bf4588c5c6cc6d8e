"""A model's child run: parameters, trials, fold scores, metrics, figures and the model, logged from one record."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, Schema, TensorSpec
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from credit_pipeline.configuration import TrackedRun
from credit_pipeline.core.public_names import PUBLIC
from credit_pipeline.datasets import JsonDocument, dump_trusted
from credit_pipeline.datasets.trusted_types import trusted_types
from credit_pipeline.modelling.estimators.wrapped_classifier import unwrap
from credit_pipeline.modelling.scoring import served
from credit_pipeline.modelling.scoring.scoring_model import ScoringModel, answer_name
from credit_pipeline.spec import ColumnSpec
from credit_pipeline.tracking import tracked_runs

REQUIREMENTS = ("mlflow", "numpy", "pandas", "scikit-learn", "scipy", "skops", "xgboost")
ROW_KEYS = "training_rows.parquet"
PROBE = "probe.parquet"


@dataclass(frozen=True)
class ModelRecord:
    """Everything that a model's child run shows.

    Parameters
    ----------
    model
        Its name in ``models.yml``.
    pipeline
        Fitted: raw columns in.
    columns
        The input columns and their contract.
    example
        Synthetic rows, never applicants: the input example, and the probe rows for which a loaded model must give the
        same answers.
    row_keys
        Keys of the rows that it was fitted on.
    parameters, metrics
        By tracked name.
    tables, figures, texts
        By artifact path.
    manifest
        The split that it was trained and tested on.
    facts
        What else the stored document keeps: hashes of folds and specification.
    """

    model: str
    pipeline: Pipeline = field(repr=False)
    columns: Mapping[str, ColumnSpec] = field(repr=False)
    example: pd.DataFrame = field(repr=False)
    row_keys: NDArray[np.uint64] = field(repr=False)
    parameters: Mapping[str, object]
    metrics: Mapping[str, float]
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    figures: Mapping[str, bytes] = field(repr=False)
    texts: Mapping[str, str] = field(repr=False)
    manifest: dict[str, object] = field(repr=False)
    facts: Mapping[str, object]


class ModelRun(JsonDocument):
    """A model's child run of the run that saves it; loads as its run id and model URI."""

    def save(self, data: ModelRecord) -> None:  # type: ignore[override]  # a record goes in, its document comes out
        """Log the record as a child run, then write its document; if the run is not tracked, it names no child run."""
        logged = {"run_id": None, "model_uri": None} if tracked_runs.reason_untracked() else self._logged(data)
        super().save({"model": data.model, **logged, **data.facts})

    def _logged(self, data: ModelRecord) -> dict[str, str | None]:
        parent = tracked_runs.mlflow_run(self.save_version)
        try:
            with _child_run(parent, data.model) as run_id:
                _log(tracked_runs.client_of(parent), run_id, data)
                return {"run_id": run_id, "model_uri": _log_model(run_id, data)}
        except tracked_runs.UNREACHABLE as error:
            tracked_runs.note_loss(error)
            return {"run_id": None, "model_uri": None}


@contextmanager
def _child_run(parent: TrackedRun, name: str) -> Iterator[str]:
    """Open a child run and end it with its true status, also when the process is interrupted."""
    client, status = tracked_runs.client_of(parent), "FAILED"
    tags = {MLFLOW_PARENT_RUN_ID: parent.run_id}
    run_id = client.create_run(parent.experiment_id, run_name=name, tags=tags).info.run_id
    try:
        yield run_id
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        client.set_terminated(run_id, status)


def _log(client: MlflowClient, run_id: str, record: ModelRecord) -> None:
    now = int(time.time() * 1000)
    client.log_batch(
        run_id,
        metrics=[Metric(name, value, now, 0) for name, value in record.metrics.items()],
        params=[Param(name, str(value)) for name, value in record.parameters.items()],
    )
    client.log_inputs(run_id, tracked_runs.manifest_inputs(record.manifest))
    for path, table in record.tables.items():
        client.log_table(run_id, table, path)
    for path, text in record.texts.items():
        client.log_text(run_id, text, path)
    with tempfile.TemporaryDirectory() as folder:
        for path, content in record.figures.items():
            picture = Path(folder, Path(path).name)
            picture.write_bytes(content)
            client.log_artifact(run_id, str(picture), str(Path(path).parent))
        fitted_recipe = Path(folder, "recipe.skops")
        dump_trusted(record.pipeline["recipe"], fitted_recipe)
        client.log_artifact(run_id, str(fitted_recipe), "recipe")


def _log_model(run_id: str, record: ModelRecord) -> str:
    model = served(record.pipeline)
    with tempfile.TemporaryDirectory() as folder, mlflow.start_run(run_id=run_id, nested=True):
        stored = Path(folder, "model.skops")
        dump_trusted(model, stored)
        logged = Model.log(
            artifact_path=None,
            name=record.model,
            flavor=_Flavor(stored),
            sk_model=model,
            signature=signature(record.columns, answer_name(record.pipeline)),
            input_example=record.example,
            pip_requirements=[f"{package}=={version(package)}" for package in _requirements(record.pipeline)],
            serialization_format="skops",
            extra_files=_companions(Path(folder), model, record),
        )
    return str(logged.model_uri)


class _Flavor:
    """MLflow's flavour of scikit-learn, with the model as this project writes it: canonical, under public names.

    MLflow first writes and loads a file of its own, in which classes have the names of their modules. So it is given
    both names of each class.
    """

    __name__ = "mlflow.sklearn"

    def __init__(self, stored: Path) -> None:
        self._stored = stored

    def save_model(self, path: str, mlflow_model: Model, **options: Any) -> None:  # noqa: ANN401  # MLflow's own
        """Let MLflow write the folder, then put the canonical file and its types in the place of MLflow's."""
        trusted = trusted_types(self._stored)
        defined = [name for name, public in PUBLIC.items() if public in trusted]  # as MLflow writes them
        mlflow.sklearn.save_model(
            path=path, mlflow_model=mlflow_model, skops_trusted_types=[*trusted, *defined], **options
        )
        shutil.copyfile(self._stored, Path(path, self._stored.name))
        for flavour in mlflow_model.flavors.values():
            if "skops_trusted_types" in flavour:
                flavour["skops_trusted_types"] = trusted
        mlflow_model.save(str(Path(path, "MLmodel")))


@cache
def _installed() -> Mapping[str, list[str]]:
    """Return the distributions of each package; finding them takes half a second."""
    return packages_distributions()


def _requirements(pipeline: Pipeline) -> list[str]:
    """Return the distributions that a model needs: the common ones, and those with its recipe and estimator."""
    roots = {type(step).__module__.split(".")[0] for step in (pipeline["recipe"], unwrap(pipeline["estimator"]))}
    installed = _installed()
    own = {name for root in roots - {"credit_pipeline"} for name in installed.get(root, ())}
    return sorted({*REQUIREMENTS, *own})


def _companions(folder: Path, model: ScoringModel, record: ModelRecord) -> list[str]:
    """Write what belongs to the model: the keys of its training rows, and probe rows with its answers."""
    pd.DataFrame({"row_key": np.sort(record.row_keys)}).to_parquet(folder / ROW_KEYS, index=False)
    record.example.join(model.predict(record.example)).to_parquet(folder / PROBE, index=False)
    return [str(folder / ROW_KEYS), str(folder / PROBE)]


def signature(columns: Mapping[str, ColumnSpec], answer: str) -> ModelSignature:
    """Return the signature of a model: raw columns in, a probability of default or a predicted value out.

    All numbers are ``double``, because MLflow's integers cannot be missing.
    """
    inputs: list[ColSpec | TensorSpec] = [
        ColSpec("string" if column.type == "text" else "double", name) for name, column in columns.items()
    ]
    return ModelSignature(Schema(inputs), Schema([ColSpec("double", answer)]))
