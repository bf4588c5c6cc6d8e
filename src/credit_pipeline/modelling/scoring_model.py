"""What is registered and served: raw columns in, a probability of default out."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

PROBABILITY = "probability_of_default"
OUTCOME = "outcome"


class ProbabilityModel(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A fitted classifier whose ``predict`` answers the probability of default by name.

    Parameters
    ----------
    pipeline
        Fitted: derived columns, recipe, estimator.

    Notes
    -----
    Serving tools call ``predict``; two nameless columns of ``predict_proba``, or a label at 0.5, would serve nobody.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def predict(self, applications: pd.DataFrame) -> pd.DataFrame:
        """Score applications.

        Parameters
        ----------
        applications
            Raw columns, shape (rows, columns).

        Returns
        -------
        pandas.DataFrame
            One column ``probability_of_default``, in [0, 1], with the index of the applications.
        """
        return pd.DataFrame({PROBABILITY: self.predict_proba(applications)[:, 1]}, index=applications.index)

    def predict_proba(self, applications: pd.DataFrame) -> NDArray[np.float64]:
        """Probabilities of payment and of default, shape (rows, 2)."""
        return np.asarray(self.pipeline.predict_proba(applications), dtype=np.float64)

    @property
    def classes_(self) -> NDArray[np.int_]:
        """0 and 1; 1 = default."""
        return np.asarray(self.pipeline.classes_)


def default_probability(pipeline: Pipeline, applications: pd.DataFrame) -> NDArray[np.float64]:
    """Probability of default of each application, shape (rows,)."""
    return np.asarray(pipeline.predict_proba(applications)[:, 1], dtype=np.float64)


def importances(estimator: BaseEstimator, names: Sequence[str]) -> tuple[list[str], NDArray[np.float64], str]:
    """How much each feature matters to the estimator itself.

    Returns
    -------
    tuple
        Names, values (each >= 0) and the kind of value: absolute coefficients, or the importances of a tree model.

    Raises
    ------
    TypeError
        The estimator tells neither.
    """
    if hasattr(estimator, "coef_"):
        return list(names), np.abs(np.ravel(estimator.coef_)).astype(np.float64), "absolute coefficient"
    if hasattr(estimator, "feature_importances_"):
        return list(names), np.asarray(estimator.feature_importances_, dtype=np.float64), "share of split gain"
    raise TypeError(f"{type(estimator).__name__} tells neither coefficients nor importances")
