"""Kedro's settings: hooks and how the configuration is loaded."""

import logging
import os
import sys
from pathlib import Path
from typing import Any

from credit_pipeline import configuration
from credit_pipeline.configuration.loader import ProjectConfigLoader
from credit_pipeline.core import dotted_path
from credit_pipeline.runs import LazyHooks, LifecycleSession

ALLOWED_PACKAGES: tuple[str, ...] = ()
"""Your own top-level packages whose recipes, estimators and functions YAML may name, such as ``("mylender",)``."""

dotted_path.allow(*ALLOWED_PACKAGES)

# `kedro ipython` and `kedro mlflow ui` start programs by name: they find those of this environment, active or not.
_BIN = str(Path(sys.executable).parent)
if _BIN not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join(filter(None, (_BIN, os.environ.get("PATH"))))


def _is_useful(record: logging.LogRecord) -> bool:
    """Drop MLflow's warning about a class of kedro-mlflow: it is logged at import, where no warnings filter applies."""
    return "Add type hints to the `predict`" not in record.getMessage()


logging.getLogger("py.warnings").addFilter(_is_useful)

# An unreachable tracking server must be reported within seconds; by default MLflow retries for four minutes.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")

SESSION_CLASS = LifecycleSession
HOOKS = (LazyHooks(),)
# The project's TrackingHook replaces kedro-mlflow's hook; telemetry stays off.
DISABLE_HOOKS_FOR_PLUGINS = ("kedro_mlflow", "kedro-telemetry")
CONFIG_LOADER_CLASS = ProjectConfigLoader
CONFIG_LOADER_ARGS: dict[str, Any] = dict(configuration.CONFIG_LOADER_ARGS)
