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

from credit_pipeline import configuration, summary
from credit_pipeline.errors import UnsupportedRunError

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
        configured = configuration.Configuration(Path(context.project_path), environment, loader["parameters"])
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

        self._total, self._done = len(pipeline.nodes), 0

    @hook_impl
    def after_node_run(self, node: Node) -> None:
        """Tell how far the run is."""
        self._done += 1
        _log.info("%2d of %d  %s", self._done, self._total, node.name)

    @hook_impl(trylast=True)
    def after_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Show the leaderboard, what happened to the champion, and where to look next."""
        summary.show(catalog, pipeline.all_outputs(), Console())


def _quiet_logging(project: Path) -> None:
    """Use the project's logging from any of its folders; Kedro looks for it in the working folder only."""
    if "KEDRO_LOGGING_CONFIG" not in os.environ:
        LOGGING.configure(yaml.safe_load((project / "conf" / "logging.yml").read_text(encoding="utf-8")))


def refused(option: str) -> UnsupportedRunError:
    """Say why a way to run is refused, and what to use."""
    return UnsupportedRunError(
        f"{option} is not supported: what its workers do would be recorded in MLflow runs of their own, or nowhere.",
        expected="SequentialRunner (the default) or ThreadRunner; each search uses every core by itself",
        got=option,
        mend="leave the option out, or use `--runner ThreadRunner`; `training.jobs` sets the processes of a search",
    )
