"""The credit-default lifecycle: from a raw table to an audited decision."""

import warnings

# kedro-mlflow defines a model class that MLflow finds fault with, each time it is imported.
warnings.filterwarnings("ignore", message=".*Add type hints to the `predict` method", category=UserWarning)

__version__ = "0.1.0"
