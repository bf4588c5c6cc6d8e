"""`conf` read once and checked as a whole, every error reported at once."""

from credit_pipeline.configuration.configuration import (
    CONFIG_LOADER_ARGS,
    GLOBALS,
    Configuration,
    artifact_location,
    check,
    current,
    project_file,
    project_path,
    tracking_uri,
    tracking_uri_kept,
    use,
)

__all__ = [
    "CONFIG_LOADER_ARGS",
    "GLOBALS",
    "Configuration",
    "artifact_location",
    "check",
    "current",
    "project_file",
    "project_path",
    "tracking_uri",
    "tracking_uri_kept",
    "use",
]
