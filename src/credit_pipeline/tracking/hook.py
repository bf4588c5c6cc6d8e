"""What MLflow records of a run: kedro-mlflow's hook, corrected."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import mlflow
from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from mlflow import MlflowClient
from mlflow.entities import Param
from mlflow.tracking.fluent import _active_run_stack
from mlflow.utils.mlflow_tags import MLFLOW_RUN_NAME

from credit_pipeline import configuration
from credit_pipeline.configuration import OpenRun, TrackedRun
from credit_pipeline.core.environment import restore_variable
from credit_pipeline.datasets import OwnedFile
from credit_pipeline.storage import run_record
from credit_pipeline.tracking import description, store, tracked_runs
from credit_pipeline.tracking.tracked_runs import client_of

# kedro-mlflow defines a model class about which MLflow warns at import, whatever the warnings filter.
with warnings.catch_warnings(record=True):
    from kedro_mlflow.framework.hooks import MlflowHook

RunParameters = dict[str, Any]
_log = logging.getLogger(__name__)
SPLIT_MANIFEST = "split_manifest"


class TrackingHook(MlflowHook):  # type: ignore[misc]  # kedro-mlflow ships no types
    """kedro-mlflow's hook, corrected: one MLflow run per session whose end is always recorded, with flat parameters.

    Parameters
    ----------
    run
        The session's run.
    """

    def __init__(self, run: OpenRun) -> None:
        super().__init__()
        self._run = run

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Set the tracking server and the experiment.

        Raises
        ------
        TrackingUnavailableError
            The server does not answer.
        """
        self._run.untracked = tracked_runs.reason_of_mode(context.config_loader["globals"].get("tracking"))
        self._run.loss = None
        self.run_id, self._is_mlflow_enabled = None, False
        if self._run.untracked is None:
            self._connect(context)

    def _connect(self, context: KedroContext) -> None:
        with restore_variable(configuration.TRACKING_URI):
            try:
                with store.prepare_store(configuration.tracking_uri()):
                    super().after_context_created(context)
            except tracked_runs.UNREACHABLE as error:
                raise store.unavailable_error(error) from error

    @hook_impl
    def before_pipeline_run(self, run_params: RunParameters, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Start the run, tag it with its origin, log every parameter that the pipeline uses.

        Parameters
        ----------
        run_params, pipeline, catalog
            As Kedro passes them.
        """
        self._catalog = catalog
        self._inputs_lock, self._logged_splits = Lock(), set[str]()
        parameters = self._parameters(pipeline, catalog)
        self._amend(parameters={found.key: found.value for found in parameters}, tracked=self._run.untracked is None)
        if self._run.untracked is not None:
            _log.warning("not tracked: %s", self._run.untracked)
        else:
            super().before_pipeline_run(
                run_params=description.presentable_parameters(run_params), pipeline=pipeline, catalog=catalog
            )
        if self._is_mlflow_enabled:
            info = MlflowClient().get_run(str(self.run_id)).info
            run = TrackedRun(mlflow.get_tracking_uri(), info.experiment_id, info.run_id)
            self._run.mlflow_run = run
            self._amend(mlflow_run=run.run_id)
            client_of(run).log_batch(run.run_id, params=parameters)
            tags = description.provenance(run_params, self._run.recorded_as)
            mlflow.set_tags({**tags, MLFLOW_RUN_NAME: description.run_name(run_params, self._run.recorded_as)})
            tracked_runs.end_orphans(run)
            self._log_earlier_outputs(pipeline)

    def _amend(self, **known: object) -> None:
        if self._run.record is not None:
            self._run.record.amend(**known)

    def _parameters(self, pipeline: Pipeline, catalog: DataCatalog) -> list[Param]:
        """Return the parameters of the run, or of the earlier run that it records."""
        if (origin := self._origin()) is not None:
            return [Param(key, value) for key, value in origin["parameters"].items()]
        return description.parameters(pipeline, catalog)

    def _origin(self) -> run_record.Document | None:
        """Return the record of the earlier run that this one records, if it does."""
        earlier = self._run.recorded_as
        return run_record.record_of(configuration.current().folder_path, earlier) if earlier else None

    def _log_earlier_outputs(self, pipeline: Pipeline) -> None:
        """Log what the earlier run wrote and this one does not write again."""
        for name in (self._origin() or {"outputs": {}})["outputs"]:
            if name not in pipeline.all_outputs():
                self._log_saved(name, self._catalog.load(name))

    @hook_impl
    def before_node_run(self, node: Node, catalog: DataCatalog, is_async: bool) -> None:
        """Make the run active in the thread of the node. Its parameters are logged already.

        Parameters
        ----------
        node, catalog, is_async
            As Kedro passes them.
        """
        with self._continue_without_server():
            super().before_node_run(node=node, catalog=catalog, inputs={}, is_async=is_async)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:  # noqa: ANN401  # any dataset
        """Log what the metadata of the entry ask for: ``tracking: {artifact: <folder>}`` or ``{table: <path>}``."""
        if self._is_tracking():
            with self._continue_without_server():
                self._log_saved(dataset_name, data)

    def _log_saved(self, dataset_name: str, data: Any) -> None:  # noqa: ANN401  # any dataset
        run, dataset = self._mlflow_run(), self._catalog.get(dataset_name)
        wanted = (getattr(dataset, "metadata", None) or {}).get("tracking") or {}
        if "artifact" in wanted and isinstance(dataset, OwnedFile):
            client_of(run).log_artifact(run.run_id, str(dataset.load_path), wanted["artifact"])
        if "table" in wanted:
            client_of(run).log_table(run.run_id, data, wanted["table"])
        if dataset_name == SPLIT_MANIFEST:
            self._log_inputs(data)

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, data: Any) -> None:  # noqa: ANN401  # any dataset
        """Log the tables of the split that the run used, and each dataset that its metadata call an ``input``."""
        if self._is_tracking():
            with self._continue_without_server():
                self._log_loaded(dataset_name, data)

    def _log_loaded(self, dataset_name: str, data: Any) -> None:  # noqa: ANN401  # any dataset
        if dataset_name == SPLIT_MANIFEST:
            self._log_inputs(data)
        wanted = (getattr(self._catalog.get(dataset_name), "metadata", None) or {}).get("tracking") or {}
        if "input" in wanted:
            run = self._mlflow_run()
            client_of(run).log_inputs(run.run_id, [tracked_runs.table_input(dataset_name, data, wanted["input"])])

    def _is_tracking(self) -> bool:
        return bool(self._is_mlflow_enabled) and self._run.untracked is None

    def _mlflow_run(self) -> TrackedRun:
        return tracked_runs.mlflow_run(self._run.record.save_version if self._run.record else None)

    @contextmanager
    def _continue_without_server(self) -> Iterator[None]:
        """Continue without the tracking server if it is lost: the run is saved to disk and can be tracked later."""
        if self._run.untracked:
            self.run_id = None
        try:
            yield
        except tracked_runs.UNREACHABLE as error:
            tracked_runs.note_loss(error)
            self.run_id = None
            _log.warning("the tracking server became unreachable; the run continues and is saved to disk only")

    def _log_inputs(self, manifest: dict[str, Any]) -> None:
        """Log the tables once per run, from whichever thread comes first."""
        run = self._mlflow_run()
        with self._inputs_lock:
            if manifest["split_id"] not in self._logged_splits:
                client_of(run).log_inputs(run.run_id, tracked_runs.manifest_inputs(manifest))
                self._logged_splits.add(manifest["split_id"])

    @hook_impl
    def after_pipeline_run(self, run_params: RunParameters, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """End the run as finished.

        Parameters
        ----------
        run_params, pipeline, catalog
            As Kedro passes them.
        """
        with self._continue_without_server():
            if self._is_tracking():
                super().after_pipeline_run(run_params=run_params, pipeline=pipeline, catalog=catalog)
                self._end("FINISHED")
                return
        self._forget()

    @hook_impl
    def on_pipeline_error(
        self, error: Exception, run_params: RunParameters, pipeline: Pipeline, catalog: DataCatalog
    ) -> None:
        """End the run as failed, with the type of the error in a tag.

        Parameters
        ----------
        error, run_params, pipeline, catalog
            As Kedro passes them.
        """
        with self._continue_without_server():
            if self._is_tracking() and mlflow.active_run() is not None:
                mlflow.set_tag("error", type(error).__name__)
                super().on_pipeline_error(error=error, run_params=run_params, pipeline=pipeline, catalog=catalog)
                self._end("FAILED")
                return
        self._forget()

    def interrupted(self) -> None:
        """End the run and its open children as killed. The session calls this where Kedro calls no hook."""
        with self._continue_without_server():
            if self.run_id is not None and self._run.mlflow_run is not None and self._is_tracking():
                tracked_runs.end(self._run.mlflow_run, "KILLED")
                self._end("KILLED")
                return
        self._forget()

    def _forget(self) -> None:
        """Leave a run whose end MLflow cannot be sent: the next start, or `kedro track`, writes it."""
        self._run.mlflow_run = None
        _active_run_stack.set([])  # type: ignore[no-untyped-call]  # end_run would ask the server
        self.run_id = None

    def _end(self, status: str) -> None:
        """Close what kedro-mlflow leaves open: it opens a run once for each node and closes only one."""
        self._run.mlflow_run = None
        while not self._already_active_mlflow and mlflow.active_run() is not None:
            mlflow.end_run(status)
        self.run_id = None
