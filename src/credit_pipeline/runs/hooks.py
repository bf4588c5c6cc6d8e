"""What happens around a run: the configuration is checked before it, its progress told, its result shown."""

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
from credit_pipeline.datasets import OwnedFile
from credit_pipeline.errors import DataError, UnsupportedRunError
from credit_pipeline.runs import summary
from credit_pipeline.storage import RunRecord, run_record
from credit_pipeline.storage import run_record as live_runs

_log = logging.getLogger(__name__)


class ProjectHooks:
    """Makes the chosen environment the current one, with its faults told before anything starts."""

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
        configuration.use(configured)
        # Kedro keeps the pipelines of a process's first session; this one may have other models.
        pipelines.configure(f"{PACKAGE_NAME or 'credit_pipeline'}.pipeline_registry")

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Refuse a runner that would record something untrue.

        Raises
        ------
        UnsupportedRunError
            ParallelRunner: its workers know no hooks, so they would write into runs of their own.
        """
        if isinstance(catalog, SharedMemoryDataCatalog) or "ParallelRunner" in str(run_params.get("runner")):
            raise refused("--runner ParallelRunner")
        if run_params.get("only_missing_outputs"):
            raise REFUSED_MISSING_OUTPUTS
        self._total, self._done, self._catalog = len(pipeline.nodes), 0, catalog
        self._record = self._opened_record(run_params)
        live_runs.hide(run_record.live_versions(configuration.current().folder_path))
        for name in sorted(pipeline.inputs()):
            dataset = catalog.get(name)
            if isinstance(dataset, OwnedFile) and dataset.exists():
                dataset.resolve_load_version()  # from here on the run loads this one, whatever others publish

    def _opened_record(self, run_params: dict[str, Any]) -> RunRecord:
        """Give the run's record; one is opened here for a session that is not the project's own."""
        opened = run_record.open_record(str(run_params["run_id"]))
        self._must_close = opened is None
        if opened is None:
            opened = RunRecord(configuration.current().folder_path, str(run_params["run_id"]))
            opened.open({"environment": configuration.current().environment, "asked": {}})
        return opened

    @hook_impl
    def before_node_run(self, is_async: bool) -> None:
        """Refuse nodes whose loads and saves another thread does.

        Raises
        ------
        UnsupportedRunError
            They would be recorded in no run.
        """
        if is_async:
            raise refused("--runner-params is_async=True")

    @hook_impl
    def after_dataset_saved(self, dataset_name: str) -> None:
        """Note the content of what was written."""
        if found := self._content(dataset_name):
            self._record.outputs[dataset_name] = found

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str) -> None:
        """Note the content of what was read; what this run wrote itself must be what it wrote.

        Raises
        ------
        DataError
            Somebody changed a file of this run while it ran.
        """
        if (found := self._content(dataset_name)) is None:
            return
        if self._record.outputs.get(dataset_name, found) != found:
            raise DataError(
                f"The dataset '{dataset_name}' is not what this run wrote.",
                expected=f"SHA-256 {self._record.outputs[dataset_name]['sha256']}",
                got=found["sha256"],
                fix="nothing but the run may write below the data folder; run again",
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
        """Tell how far the run is."""
        self._done += 1
        _log.info("%2d of %d  %s", self._done, self._total, node.name)

    @hook_impl(trylast=True)
    def after_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Show the leaderboard, what happened to the champion, and where to look next."""
        summary.show(catalog, pipeline.all_outputs(), Console())
        if self._must_close:
            self._record.close(run_record.FINISHED)

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Write that the run failed, where no session of the project does."""
        if self._must_close:
            self._record.close(run_record.FAILED)


def _quiet_logging(project: Path) -> None:
    """Use the project's logging from any of its folders; Kedro looks for it in the working folder only."""
    if "KEDRO_LOGGING_CONFIG" not in os.environ:
        LOGGING.configure(yaml.safe_load((project / "conf" / "logging.yml").read_text(encoding="utf-8")))


REFUSED_MISSING_OUTPUTS = UnsupportedRunError(
    "--only-missing-outputs is not supported: Kedro asks only whether a file exists, not what it was made from, so a "
    "new train part would meet an old test part.",
    expected="a run of the whole lifecycle, or of named pipelines, models or nodes",
    got="--only-missing-outputs",
    fix="`kedro run`; a part of it with `--pipelines training`, `--tags xgboost` or `--from-nodes`",
)


def refused(option: str) -> UnsupportedRunError:
    """Say why a way to run is refused, and what to use."""
    return UnsupportedRunError(
        f"{option} is not supported: what its workers do would be recorded in MLflow runs of their own, or nowhere.",
        expected="SequentialRunner (the default) or ThreadRunner; each search uses every core by itself",
        got=option,
        fix="leave the option out, or use `--runner ThreadRunner`; `training.jobs` sets the processes of a search",
    )
