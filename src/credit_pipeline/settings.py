"""Kedro's settings: hooks, resolvers, where things lie. https://docs.kedro.org/en/stable/configure/settings/."""

import os
from typing import Any

from omegaconf.resolvers import oc

from credit_pipeline.hooks import ProjectHooks, TrackingHook
from credit_pipeline.resolvers import artifact_location, project_file, tracking_uri

# A tracking server that is away must be told in seconds; MLflow alone tries for four minutes.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")

HOOKS = (ProjectHooks(), TrackingHook())
# TrackingHook stands in for kedro-mlflow's own hook; telemetry stays off.
DISABLE_HOOKS_FOR_PLUGINS = ("kedro_mlflow", "kedro-telemetry")

CONFIG_LOADER_ARGS: dict[str, Any] = {
    "base_env": "base",
    "default_run_env": "local",
    "custom_resolvers": {
        "oc.env": oc.env,
        "tracking_uri": tracking_uri,
        "artifact_location": artifact_location,
        "project_file": project_file,
    },
}
