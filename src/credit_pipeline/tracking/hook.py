"""What MLflow sees of a run: kedro-mlflow's hook, fixed."""

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
from credit_pipeline.datasets import OwnedFile
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.storage import run_record
from credit_pipeline.tracking import description, store, tracked_runs

# kedro-mlflow defines a model class that MLflow finds fault with at import, past every warnings filter.
with warnings.catch_warnings(record=True):
    from kedro_mlflow.framework.hooks import MlflowHook

RunParameters = dict[str, Any]
NOW = "now"
_UNTRACKED = {
    "later": "tracking is put off: `tracking: later`, then `kedro track`",
    "off": "tracking is switched off: `tracking: off`; there is no registry, hence no version and no champion",
}
_log = logging.getLogger(__name__)
SPLIT_MANIFEST = "split_manifest"


class TrackingHook(MlflowHook):  # type: ignore[misc]  # kedro-mlflow ships no types
    """kedro-mlflow's hook, fixed: one run a session with a true end, parameters flat, tables and artifacts logged."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Set the tracking server and the experiment.

        Raises
        ------
        TrackingUnavailableError
            The server does not answer.
        """
        self._offline = _reason_for_none(context.config_loader["globals"].get("tracking", NOW))
        tracked_runs.start(self._offline)
        self.run_id, self._is_mlflow_enabled = None, False
        if self._offline is None:
            self._connect(context)

    def _connect(self, context: KedroContext) -> None:
        with configuration.tracking_uri_kept():
            try:
                with store.prepared(configuration.tracking_uri()):
                    super().after_context_created(context)
            except tracked_runs.AWAY as error:
                raise store.unavailable(error) from error

    @hook_impl
    def before_pipeline_run(self, run_params: RunParameters, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Start the run, tag it with where it comes from, log every parameter that the pipeline uses."""
        self._catalog, self._session = catalog, run_params["run_id"]
        self._inputs_lock, self._logged_splits = Lock(), set[str]()
        parameters = self._parameters(pipeline, catalog)
        if (record := run_record.open_record(self._session)) is not None:
            record.amend(parameters={found.key: found.value for found in parameters}, tracked=self._offline is None)
        if self._offline is not None:
            _log.warning("not tracked: %s", self._offline)
        else:
            super().before_pipeline_run(
                run_params=description.presentable(run_params), pipeline=pipeline, catalog=catalog
            )
        if self._is_mlflow_enabled:
            info = MlflowClient().get_run(str(self.run_id)).info
            run = tracked_runs.TrackedRun(mlflow.get_tracking_uri(), info.experiment_id, info.run_id)
            tracked_runs.opened(self._session, run)
            if record is not None:
                record.amend(mlflow_run=run.run_id)
            run.client.log_batch(run.run_id, params=parameters)
            tags = description.provenance(run_params)
            mlflow.set_tags({**tags, MLFLOW_RUN_NAME: description.run_name(run_params)})
            tracked_runs.end_orphans(run)
            self._log_replayed(pipeline)

    def _parameters(self, pipeline: Pipeline, catalog: DataCatalog) -> list[Param]:
        """Give the parameters of the run, or of the one that it replays."""
        if (origin := self._origin()) is not None:
            return [Param(key, value) for key, value in origin["parameters"].items()]
        return description.parameters(pipeline, catalog)

    def _origin(self) -> run_record.Document | None:
        replayed = tracked_runs.replayed()
        return run_record.record_of(configuration.current().folder_path, replayed) if replayed else None

    def _log_replayed(self, pipeline: Pipeline) -> None:
        """Log what the replayed run wrote and this one does not write again."""
        for name in (self._origin() or {"outputs": {}})["outputs"]:
            if name not in pipeline.all_outputs():
                self._log_saved(name, self._catalog.load(name))

    @hook_impl
    def before_node_run(self, node: Node, catalog: DataCatalog, is_async: bool) -> None:
        """Make the run active in the node's thread; its parameters are logged already."""
        with self._on_the_disk_at_least():
            super().before_node_run(node=node, catalog=catalog, inputs={}, is_async=is_async)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:  # noqa: ANN401  # any dataset
        """Log what the entry's metadata say, ``tracking: {artifact: <folder>}`` or ``{table: <path>}``."""
        if self._is_tracking():
            with self._on_the_disk_at_least():
                self._log_saved(dataset_name, data)

    def _log_saved(self, dataset_name: str, data: Any) -> None:  # noqa: ANN401  # any dataset
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
        if self._is_tracking():
            with self._on_the_disk_at_least():
                self._log_loaded(dataset_name, data)

    def _log_loaded(self, dataset_name: str, data: Any) -> None:  # noqa: ANN401  # any dataset
        if dataset_name == SPLIT_MANIFEST:
            self._log_inputs(data)
        wanted = (getattr(self._catalog.get(dataset_name), "metadata", None) or {}).get("tracking") or {}
        if "input" in wanted:
            run = tracked_runs.of(self._session)
            run.client.log_inputs(run.run_id, [tracked_runs.table_input(dataset_name, data, wanted["input"])])

    def _is_tracking(self) -> bool:
        return bool(self._is_mlflow_enabled) and tracked_runs.offline() is None

    @contextmanager
    def _on_the_disk_at_least(self) -> Iterator[None]:
        """Go on without the tracking server if it is lost: what the run writes is on the disk, to be tracked later."""
        if tracked_runs.offline():
            self.run_id = None
        try:
            yield
        except tracked_runs.AWAY as error:
            tracked_runs.lose(error)
            self.run_id = None
            _log.warning("the tracking server is lost; the run goes on, on the disk")

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
        with self._on_the_disk_at_least():
            if self._is_tracking():
                super().after_pipeline_run(run_params=run_params, pipeline=pipeline, catalog=catalog)
                self._end("FINISHED")
                return
        self._forget()

    @hook_impl
    def on_pipeline_error(
        self, error: Exception, run_params: RunParameters, pipeline: Pipeline, catalog: DataCatalog
    ) -> None:
        """End the run as failed, and say why in a tag."""
        with self._on_the_disk_at_least():
            if self._is_tracking() and mlflow.active_run() is not None:
                mlflow.set_tag("error", type(error).__name__)
                super().on_pipeline_error(error=error, run_params=run_params, pipeline=pipeline, catalog=catalog)
                self._end("FAILED")
                return
        self._forget()

    def interrupted(self) -> None:
        """End the run, and every child that is open, as killed; called where Kedro calls no hook."""
        with self._on_the_disk_at_least():
            if self.run_id is not None and self._is_tracking():
                tracked_runs.end(tracked_runs.of(self._session), "KILLED")
                self._end("KILLED")
                return
        self._forget()

    def _forget(self) -> None:
        """Leave a run that cannot be told how it ended: the next start, or `kedro track`, tells it."""
        tracked_runs.closed(self._session)
        _active_run_stack.set([])  # type: ignore[no-untyped-call]  # end_run would ask the server
        self.run_id = None

    def _end(self, status: str) -> None:
        """Close what kedro-mlflow leaves open: it opens a run once a node and closes it once."""
        tracked_runs.closed(self._session)
        while not self._already_active_mlflow and mlflow.active_run() is not None:
            mlflow.end_run(status)
        self.run_id = None


def _reason_for_none(mode: str) -> str | None:
    """Say why a run is not tracked; ``None`` if it is."""
    if mode != NOW and mode not in _UNTRACKED:
        raise ConfigurationError(
            "There is no such way of tracking.",
            expected=f"one of {NOW}, {', '.join(_UNTRACKED)}",
            got=mode,
            fix="'tracking' in conf/base/globals.yml, or CREDIT_PIPELINE_TRACKING",
        )
    return _UNTRACKED.get(mode)
