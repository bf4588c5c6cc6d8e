"""The statistics: no Kedro, no MLflow, no files."""

__all__ = [
    "contract",
    "estimators",
    "explanation",
    "features",
    "figures",
    "metrics",
    "scoring",
    "selection",
    "splitting",
    "training",
]
