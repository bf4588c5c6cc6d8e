"""A classifier whose probabilities are calibrated on out-of-fold answers."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.utils.multiclass import type_of_target

from credit_pipeline.core import Outcome, Probability
from credit_pipeline.modelling.estimators.calibration_map import CalibrationMap, fit_map
from credit_pipeline.modelling.estimators.wrapped_classifier import WrappedClassifier
from credit_pipeline.modelling.splitting import Fold
from credit_pipeline.spec import Calibration


class Calibrated(WrappedClassifier):
    """A classifier whose probabilities are corrected by a calibration map.

    Parameters
    ----------
    estimator
        Unfitted.
    calibration_map
        Fitted on answers of such estimators for rows that they were not fitted on. A new ``fit`` keeps it.

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
        """Wrap a fitted estimator."""
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


def cross_fit(kind: Calibration, outcome: Outcome, out_of_fold: Probability, folds: Sequence[Fold]) -> Probability:
    """Calibrate out-of-fold answers: those of each fold by a map fitted on the answers of the other folds.

    Parameters
    ----------
    kind
        The kind of map; ``none`` returns the answers unchanged.
    outcome, out_of_fold
        Shape (rows,). An answer is NaN if no fold validates the row; it stays NaN.
    folds
        Row positions, each as (fitted on, validated on).

    Returns
    -------
    numpy.ndarray
        Shape (rows,).

    Raises
    ------
    ValueError
        As in ``fit_map``.
    """
    if kind == "none":
        return out_of_fold
    mapped = np.full(len(out_of_fold), np.nan)
    for _, scored in folds:
        others = np.isfinite(out_of_fold)
        others[scored] = False
        mapped[scored] = fit_map(kind, outcome[others], out_of_fold[others])(out_of_fold[scored])
    return mapped
