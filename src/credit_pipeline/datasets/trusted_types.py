"""Fitted objects without pickle: skops files that hold only types from a list in our own code."""

from pathlib import Path

import skops.io
from sklearn.base import BaseEstimator

from credit_pipeline.errors import RegistryError

# Never built from the file that is to be loaded: a file must not say which code it may run.
TRUSTED_TYPES = (
    "credit_pipeline.modelling.features.RowFeatures",
    "credit_pipeline.modelling.scoring_model.ProbabilityModel",
    "credit_pipeline.modelling.weight_of_evidence.WeightOfEvidence",
    "numpy.dtype",
    "sklearn.compose._column_transformer._RemainderColsList",
    "sklearn.tree._tree.Tree",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
)


def dump_trusted(fitted: BaseEstimator, path: Path) -> None:
    """Write a fitted object as skops.

    Raises
    ------
    RegistryError
        It holds a type that is not trusted, so it could not be loaded again.
    """
    skops.io.dump(fitted, path)
    _refuse_untrusted(path)


def load_trusted(path: Path) -> BaseEstimator:
    """Read a fitted object from skops.

    Raises
    ------
    RegistryError
        The file holds a type that is not trusted; nothing of it is built.
    """
    _refuse_untrusted(path)
    return skops.io.load(path, trusted=list(TRUSTED_TYPES))


def _refuse_untrusted(path: Path) -> None:
    if untrusted := sorted(set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED_TYPES)):
        raise RegistryError(
            f"{path.name} holds types that may not be stored or loaded.",
            expected="types of credit_pipeline.datasets.trusted_types.TRUSTED_TYPES",
            got=", ".join(untrusted),
            mend="use an estimator or recipe made of trusted types, or add a type that you have read to TRUSTED_TYPES",
        )
