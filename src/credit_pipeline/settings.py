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
"""Your own top-level packages that YAML may name recipes, estimators and functions of, such as ``("mylender",)``."""

dotted_path.allow(*ALLOWED_PACKAGES)

# `kedro ipython` and `kedro mlflow ui` start programs by name: those of this environment, active or not.
_BIN = str(Path(sys.executable).parent)
if _BIN not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join(filter(None, (_BIN, os.environ.get("PATH"))))


def _tells_us_something(record: logging.LogRecord) -> bool:
    """Leave out what MLflow warns of at the import of a class of kedro-mlflow, past every warnings filter."""
    return "Add type hints to the `predict`" not in record.getMessage()


logging.getLogger("py.warnings").addFilter(_tells_us_something)

# A tracking server that is away must be told in seconds; MLflow alone tries for four minutes.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")

SESSION_CLASS = LifecycleSession
HOOKS = (LazyHooks(),)
# Our own TrackingHook stands in for kedro-mlflow's own hook; telemetry stays off.
DISABLE_HOOKS_FOR_PLUGINS = ("kedro_mlflow", "kedro-telemetry")
CONFIG_LOADER_CLASS = ProjectConfigLoader
CONFIG_LOADER_ARGS: dict[str, Any] = dict(configuration.CONFIG_LOADER_ARGS)
