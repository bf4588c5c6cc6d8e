"""What ``${...}`` in the YAML files may ask for."""

import os

from credit_pipeline import configuration


def tracking_uri() -> str:
    """Give ``MLFLOW_TRACKING_URI``, else the sqlite store in the project's folder, whatever the working folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{configuration.project_path() / 'mlflow.db'}"


def artifact_location() -> str | None:
    """Give the project's artifact folder for a store in a file; a server decides for itself."""
    uri = tracking_uri()
    return (configuration.project_path() / "mlartifacts").as_uri() if uri.startswith("sqlite:") else None


def project_file(name: str) -> str:
    """Give the absolute path of a file in the project's folder."""
    return str(configuration.project_path() / name)
