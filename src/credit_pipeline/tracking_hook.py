"""What MLflow sees of a run: kedro-mlflow's hook, mended."""

import json
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any, NoReturn
from urllib.parse import urlsplit

import mlflow
from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from mlflow import MlflowClient
from mlflow.entities import Param
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_RUN_NAME

from credit_pipeline import configuration
from credit_pipeline.datasets import tracked_runs
from credit_pipeline.datasets.files import OwnedFile
from credit_pipeline.datasets.provenance import git
from credit_pipeline.errors import TrackingUnavailableError

# kedro-mlflow defines a model class that MLflow finds fault with at import, past every warnings filter.
with warnings.catch_warnings(record=True):
    from kedro_mlflow.framework.hooks import MlflowHook

RunParameters = dict[str, Any]
SPLIT_MANIFEST = "split_manifest"
_PIPELINE_ORDER = ("data_split", "feature_engineering", "training", "deployment", "scoring")


class TrackingHook(MlflowHook):  # type: ignore[misc]  # kedro-mlflow ships no types
    """kedro-mlflow's hook, mended: one run a session with a true end, parameters flat, tables and artifacts logged."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Set the tracking server and the experiment.

        Raises
        ------
        TrackingUnavailableError
            The server does not answer.
        """
        with _environment_kept("MLFLOW_TRACKING_URI"):
            try:
                super().after_context_created(context)
            except (MlflowException, OSError) as error:
                _raise_unavailable(error)

    @hook_impl
    def before_pipeline_run(self, run_params: RunParameters, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Start the run, tag it with where it comes from, log every parameter that the pipeline uses."""
        super().before_pipeline_run(run_params=_presentable(run_params), pipeline=pipeline, catalog=catalog)
        self._catalog, self._session = catalog, run_params["run_id"]
        self._inputs_lock, self._logged_splits = Lock(), set[str]()
        if self._is_mlflow_enabled:
            info = MlflowClient().get_run(str(self.run_id)).info
            run = tracked_runs.TrackedRun(mlflow.get_tracking_uri(), info.experiment_id, info.run_id)
            tracked_runs.opened(self._session, run)
            run.client.log_batch(run.run_id, params=_parameters(pipeline, catalog))
            mlflow.set_tags({**_provenance(run_params), MLFLOW_RUN_NAME: _run_name(run_params)})

    @hook_impl
    def before_node_run(self, node: Node, catalog: DataCatalog, is_async: bool) -> None:
        """Make the run active in the node's thread; its parameters are logged already."""
        super().before_node_run(node=node, catalog=catalog, inputs={}, is_async=is_async)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:  # noqa: ANN401  # any dataset
        """Log what the entry's metadata say, ``tracking: {artifact: <folder>}`` or ``{table: <path>}``."""
        if not self._is_mlflow_enabled:
            return
        run, dataset = tracked_runs.of(self._session), self._catalog.get(dataset_name)
        wanted = (getattr(dataset, "metadata", None) or {}).get("tracking") or {}
        if "artifact" in wanted and isinstance(dataset, OwnedFile):
            run.client.log_artifact(run.run_id, str(dataset.load_path), wanted["artifact"])
        if "table" in wanted:
            run.client.log_table(run.run_id, data, wanted["table"])
        if dataset_name == SPLIT_MANIFEST:
            self._log_inputs(data)

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, data: Any) -> None:  # noqa: ANN401  # any dataset
        """Log the tables of the split that the run used, and what the entry's metadata call an ``input``."""
        if not self._is_mlflow_enabled:
            return
        if dataset_name == SPLIT_MANIFEST:
            self._log_inputs(data)
        wanted = (getattr(self._catalog.get(dataset_name), "metadata", None) or {}).get("tracking") or {}
        if "input" in wanted:
            run = tracked_runs.of(self._session)
            run.client.log_inputs(run.run_id, [tracked_runs.table_input(dataset_name, data, wanted["input"])])

    def _log_inputs(self, manifest: dict[str, Any]) -> None:
        """Log the tables once a run, whichever of its threads comes first."""
        run = tracked_runs.of(self._session)
        with self._inputs_lock:
            if manifest["split_id"] not in self._logged_splits:
                run.client.log_inputs(run.run_id, tracked_runs.manifest_inputs(manifest))
                self._logged_splits.add(manifest["split_id"])

    @hook_impl
    def after_pipeline_run(self, run_params: RunParameters, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """End the run as finished."""
        super().after_pipeline_run(run_params=run_params, pipeline=pipeline, catalog=catalog)
        self._end("FINISHED")

    @hook_impl
    def on_pipeline_error(
        self, error: Exception, run_params: RunParameters, pipeline: Pipeline, catalog: DataCatalog
    ) -> None:
        """End the run as failed, and say why in a tag."""
        if self._is_mlflow_enabled and mlflow.active_run() is not None:
            mlflow.set_tag("error", type(error).__name__)
        super().on_pipeline_error(error=error, run_params=run_params, pipeline=pipeline, catalog=catalog)
        self._end("FAILED")

    def _end(self, status: str) -> None:
        """Close what kedro-mlflow leaves open: it opens a run once a node and closes it once."""
        tracked_runs.closed(self._session)
        while not self._already_active_mlflow and mlflow.active_run() is not None:
            mlflow.end_run(status)
        self.run_id = None


def _presentable(run_params: RunParameters) -> RunParameters:
    """Run parameters in one order, without values from the command line: a secret may be among them."""
    names = run_params.get("pipeline_names") or []
    ordered = sorted(names, key=lambda name: (_PIPELINE_ORDER.index(name) if name in _PIPELINE_ORDER else 99, name))
    return {**run_params, "pipeline_names": ordered, "runtime_params": sorted(run_params.get("runtime_params") or {})}


def _run_name(run_params: RunParameters) -> str:
    """Name a run after what was asked for: pipelines, else the part of the lifecycle that a filter left."""
    filters = ("tags", "namespaces", "node_names", "from_nodes", "to_nodes", "from_inputs", "to_outputs")
    filtered = [f"{name.replace('_', ' ')} {', '.join(run_params[name])}" for name in filters if run_params.get(name)]
    pipelines_named = " + ".join(_presentable(run_params)["pipeline_names"]) or "lifecycle"
    return " | ".join([pipelines_named, *filtered])


def _parameters(pipeline: Pipeline, catalog: DataCatalog) -> list[Param]:
    """Every parameter that the pipeline uses, flat; the columns' contract is a table of its own, not parameters."""
    used = {
        name.removeprefix("params:"): catalog.load(name) for name in pipeline.inputs() if name.startswith("params:")
    }
    flat = {key: value for name, value in used.items() for key, value in _flatten(name, value)}
    return [Param(key, value) for key, value in sorted(flat.items()) if not key.startswith("data.columns.")]


def _flatten(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flatten(f"{name}.{key}", inner)
    else:
        yield name, value if isinstance(value, str) else json.dumps(value, default=str)


def _provenance(run_params: RunParameters) -> dict[str, str]:
    """Where a run comes from: code revision and whether it was changed since, environment, save version."""
    project = configuration.project_path()
    revision = git(project, "rev-parse", "HEAD")
    return {
        "code_revision": revision or "unknown",
        "code_dirty": str(bool(git(project, "status", "--porcelain"))).lower() if revision else "unknown",
        "kedro_environment": str(run_params.get("env") or configuration.current().environment),
        "save_version": str(run_params["run_id"]),
    }


@contextmanager
def _environment_kept(name: str) -> Iterator[None]:
    """MLflow writes its tracking URI into the environment, where the next session would take it for the user's wish."""
    before = os.environ.get(name)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before


def _raise_unavailable(error: Exception) -> NoReturn:
    uri = urlsplit(mlflow.get_tracking_uri())
    raise TrackingUnavailableError(
        "The tracking server does not answer.",
        expected=f"an MLflow tracking server or store at {uri.scheme}://{uri.hostname or ''}{uri.path}",
        got=type(error.__cause__ or error).__name__,
        mend="start the server, or correct MLFLOW_TRACKING_URI; without it the sqlite store of the project is used",
    ) from error
