"""The statistics: no Kedro, no MLflow, no files."""
