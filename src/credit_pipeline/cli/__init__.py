"""How a run is started from outside: Kedro's command line and `mlflow run`."""

from credit_pipeline.cli.commands import cli

__all__ = ["cli"]
