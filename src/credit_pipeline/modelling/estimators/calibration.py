"""A classifier whose probabilities are mapped to those that came true out of fold."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.utils.multiclass import type_of_target

from credit_pipeline.core import Outcome, Probability
from credit_pipeline.modelling.estimators.calibration_map import CalibrationMap, fitted_map
from credit_pipeline.modelling.estimators.wrapped_classifier import WrappedClassifier
from credit_pipeline.modelling.splitting import Fold
from credit_pipeline.spec import Calibration


class Calibrated(WrappedClassifier):
    """A classifier whose probabilities go through a map.

    Parameters
    ----------
    estimator
        Unfitted.
    calibration_map
        Fitted on answers of such estimators to rows that they had not seen. A new ``fit`` keeps it.

    Attributes
    ----------
    estimator_, classes_
        Fitted; payer and default.
    """

    def __init__(self, estimator: BaseEstimator, calibration_map: CalibrationMap) -> None:
        self.estimator = estimator
        self.calibration_map = calibration_map

    @classmethod
    def of(cls, fitted: BaseEstimator, calibration_map: CalibrationMap) -> Self:
        """Wrap an estimator that is fitted already."""
        wrapped = cls(clone(fitted), calibration_map)
        wrapped.estimator_, wrapped.classes_ = fitted, fitted.classes_
        return wrapped

    def fit(self, X: pd.DataFrame | NDArray[np.float64], y: ArrayLike) -> Self:
        """Fit a clone of the estimator, shapes (rows, features) and (rows,); the map stays as it is.

        Raises
        ------
        ValueError
            There are more than two labels.
        """
        if (kind := type_of_target(y, input_name="y")) not in ("binary", "unknown"):
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        self.estimator_ = clone(self.estimator).fit(X, y)
        self.classes_ = self.estimator_.classes_
        return self

    def _corrected(self, answered: Probability) -> Probability:
        return self.calibration_map(answered)


def cross_fitted(kind: Calibration, outcome: Outcome, out_of_fold: Probability, folds: Sequence[Fold]) -> Probability:
    """Map out-of-fold answers as a calibrated model would have answered: a fold's by a map of the other folds' answers.

    Parameters
    ----------
    kind
        Which map; ``none`` gives the answers as they are.
    outcome, out_of_fold
        Shape (rows,); answers are NaN where no fold validates the row, and stay so.
    folds
        Row positions, each as (fitted on, validated on).

    Returns
    -------
    numpy.ndarray
        Shape (rows,).

    Raises
    ------
    ValueError
        As in ``fitted_map``.
    """
    if kind == "none":
        return out_of_fold
    mapped = np.full(len(out_of_fold), np.nan)
    for _, scored in folds:
        others = np.isfinite(out_of_fold)
        others[scored] = False
        mapped[scored] = fitted_map(kind, outcome[others], out_of_fold[others])(out_of_fold[scored])
    return mapped
