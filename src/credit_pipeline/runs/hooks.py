"""What happens around a run: the configuration is checked first, the progress logged, the result shown."""

import logging
import os
from pathlib import Path
from typing import Any

import yaml
from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.framework.project import LOGGING, PACKAGE_NAME, pipelines
from kedro.io import DataCatalog
from kedro.io.data_catalog import SharedMemoryDataCatalog
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from rich.console import Console

from credit_pipeline import configuration
from credit_pipeline.configuration import OpenRun, open_run
from credit_pipeline.datasets import OwnedFile
from credit_pipeline.errors import DataError, UnsupportedRunError
from credit_pipeline.runs import summary
from credit_pipeline.storage import RunRecord, run_record

_log = logging.getLogger(__name__)


class ProjectHooks:
    """Checks the chosen environment, makes it the current one, and keeps the record of the run.

    Parameters
    ----------
    run
        The session's run.
    """

    def __init__(self, run: OpenRun) -> None:
        self._run = run

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Check the whole configuration, and let the pipelines be built from it.

        Raises
        ------
        ConfigurationError
            With every fault of every file.
        """
        loader = context.config_loader
        environment = context.env or str(getattr(loader, "default_run_env", "base"))
        configured = configuration.Configuration(
            Path(context.project_path),
            environment,
            loader["parameters"],
            loader["globals"]["folder"],
            loader["globals"],
        )
        _quiet_logging(configured.project_path)
        configuration.check(configured)
        self._run.configuration = configured
        open_run.enter(self._run)
        # Kedro keeps the pipelines of a process's first session; this one may have other models.
        pipelines.configure(f"{PACKAGE_NAME or 'credit_pipeline'}.pipeline_registry")

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Refuse a runner that would write a wrong record, then start the record and fix the versions to load.

        Parameters
        ----------
        run_params, pipeline, catalog
            As Kedro passes them.

        Raises
        ------
        UnsupportedRunError
            ParallelRunner: its workers have other hooks, so they would write to other runs.
        """
        if isinstance(catalog, SharedMemoryDataCatalog) or "ParallelRunner" in str(run_params.get("runner")):
            raise unsupported_option("--runner ParallelRunner")
        if run_params.get("only_missing_outputs"):
            raise unsupported_missing_outputs()
        self._total, self._done, self._catalog = len(pipeline.nodes), 0, catalog
        self._record = self._open_record(run_params)
        self._run.hidden_versions = run_record.live_versions(configuration.current().folder_path)
        for name in sorted(pipeline.inputs()):
            dataset = catalog.get(name)
            if isinstance(dataset, OwnedFile) and dataset.exists():
                dataset.resolve_load_version()  # fixed for this run, even if another one writes a newer version

    def _open_record(self, run_params: dict[str, Any]) -> RunRecord:
        """Return the session's record; for a session that keeps none, one is opened here."""
        record = self._run.record
        self._must_close = record is None
        if record is None:
            record = RunRecord(configuration.current().folder_path, str(run_params["run_id"]))
            record.open({"environment": configuration.current().environment, "asked": {}})
            self._run.record = record
        return record

    def _close_record(self, status: str) -> None:
        if self._must_close:
            self._record.close(status)
            self._run.record = None

    @hook_impl
    def before_node_run(self, is_async: bool) -> None:
        """Refuse nodes whose inputs and outputs are loaded and saved by other threads.

        Raises
        ------
        UnsupportedRunError
            They would not be recorded in the run.
        """
        if is_async:
            raise unsupported_option("--runner-params is_async=True")

    @hook_impl
    def after_dataset_saved(self, dataset_name: str) -> None:
        """Record the hash of what was written."""
        if found := self._content(dataset_name):
            self._record.outputs[dataset_name] = found

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str) -> None:
        """Record the hash of what was read. A file that this run wrote must be unchanged.

        Raises
        ------
        DataError
            A file of this run was changed while it ran.
        """
        if (found := self._content(dataset_name)) is None:
            return
        if self._record.outputs.get(dataset_name, found) != found:
            raise DataError(
                f"The dataset '{dataset_name}' was changed after this run wrote it.",
                expected=f"SHA-256 {self._record.outputs[dataset_name]['sha256']}",
                got=found["sha256"],
                fix="run again; no other program may write to the data folder during a run",
            )
        self._record.inputs[dataset_name] = found

    def _content(self, dataset_name: str) -> dict[str, str] | None:
        dataset = self._catalog.get(dataset_name)
        if not isinstance(dataset, OwnedFile) or not dataset.exists():
            return None
        version = dataset.resolve_load_version() or ""
        path = os.path.relpath(dataset.load_path, configuration.current().folder_path)
        return {"version": version, "path": path, "sha256": run_record.file_sha256(dataset.load_path)}

    @hook_impl
    def after_node_run(self, node: Node) -> None:
        """Log how far the run is."""
        self._done += 1
        _log.info("%2d of %d  %s", self._done, self._total, node.name)

    @hook_impl(trylast=True)
    def after_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Show the leaderboard, what happened to the champion, and where to look next."""
        summary.show(catalog, pipeline.all_outputs(), Console(), server_lost=self._run.loss is not None)
        self._close_record(run_record.FINISHED)

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Record that the run failed, where the session does not."""
        self._close_record(run_record.FAILED)


def _quiet_logging(project: Path) -> None:
    """Use the project's logging from any of its folders; Kedro looks for it in the working folder only."""
    if "KEDRO_LOGGING_CONFIG" not in os.environ:
        LOGGING.configure(yaml.safe_load((project / "conf" / "logging.yml").read_text(encoding="utf-8")))


def unsupported_missing_outputs() -> UnsupportedRunError:
    """Make the error for ``--only-missing-outputs``: why it is refused, and what to use."""
    return UnsupportedRunError(
        "--only-missing-outputs is not supported: Kedro checks only whether a file exists, not what it was made from, "
        "so a new train part could be combined with an old test part.",
        expected="a run of the whole lifecycle, or of named pipelines, models or nodes",
        got="--only-missing-outputs",
        fix="`kedro run`; a part of it with `--pipelines training`, `--tags xgboost` or `--from-nodes`",
    )


def unsupported_option(option: str) -> UnsupportedRunError:
    """Make the error for a way to run that is refused: why, and what to use."""
    return UnsupportedRunError(
        f"{option} is not supported: its worker processes or threads would write to other MLflow runs, "
        "or would not be recorded.",
        expected="SequentialRunner (the default) or ThreadRunner; each search uses every core by itself",
        got=option,
        fix="leave the option out, or use `--runner ThreadRunner`; `training.jobs` sets the processes of a search",
    )
