"""`conf` is read once and checked as a whole; all its faults are reported together."""

from credit_pipeline.configuration.configuration import (
    CONFIG_LOADER_ARGS,
    GLOBALS,
    Configuration,
    artifact_location,
    check,
    current,
    opened,
    project_file,
    project_path,
    tracking_uri,
    tracking_uri_kept,
    use,
)
from credit_pipeline.configuration.specifications import as_specification, takes_specifications

__all__ = [
    "CONFIG_LOADER_ARGS",
    "GLOBALS",
    "Configuration",
    "artifact_location",
    "as_specification",
    "check",
    "current",
    "opened",
    "project_file",
    "project_path",
    "takes_specifications",
    "tracking_uri",
    "tracking_uri_kept",
    "use",
]
