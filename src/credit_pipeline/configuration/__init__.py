"""`conf` read once and checked as a whole, every error reported at once."""

from credit_pipeline.configuration.configuration import (
    CONFIG_LOADER_ARGS,
    GLOBALS,
    TRACKING_URI,
    Configuration,
    artifact_location,
    check,
    current,
    project_file,
    project_of,
    project_path,
    tracking_uri,
)
from credit_pipeline.configuration.open_run import OpenRun

__all__ = [
    "CONFIG_LOADER_ARGS",
    "GLOBALS",
    "TRACKING_URI",
    "Configuration",
    "OpenRun",
    "artifact_location",
    "check",
    "current",
    "project_file",
    "project_of",
    "project_path",
    "tracking_uri",
]
