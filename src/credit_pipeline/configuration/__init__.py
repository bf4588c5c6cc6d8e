"""`conf` is read once and checked as a whole; all its faults are reported together."""

from credit_pipeline.configuration.configuration import (
    CONFIG_LOADER_ARGS,
    GLOBALS,
    TRACKING_URI,
    artifact_location,
    check,
    current,
    project_file,
    project_of,
    project_path,
    run_configuration,
    tracking_uri,
)
from credit_pipeline.configuration.open_run import OpenRun, TrackedRun
from credit_pipeline.configuration.parameters import Configuration
from credit_pipeline.configuration.specifications import as_specification, takes_specifications

__all__ = [
    "CONFIG_LOADER_ARGS",
    "GLOBALS",
    "TRACKING_URI",
    "Configuration",
    "OpenRun",
    "TrackedRun",
    "artifact_location",
    "as_specification",
    "check",
    "current",
    "project_file",
    "project_of",
    "project_path",
    "run_configuration",
    "takes_specifications",
    "tracking_uri",
]
