"""Defaults weigh more than payers in the fit; the probabilities are corrected for it."""

from typing import Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from credit_pipeline.modelling.estimators.wrapped_classifier import WrappedClassifier

Weight = Literal["balanced"] | float


class EventWeighted(WrappedClassifier):
    r"""A classifier that is fitted with weighted defaults and whose probabilities are corrected.

    If a default weighs w and a payer 1, the model learns odds of default that are w times too high. Therefore

    .. math:: \frac{p}{1 - p} = \frac1w \frac{q}{1 - q}

    with the answer q of the fitted estimator and the probability of default p.

    Parameters
    ----------
    estimator
        Unfitted; its ``fit`` takes ``sample_weight``.
    weight
        Weight of a default, above 0; a payer weighs 1. ``balanced`` is payers / defaults of the rows in ``fit``.

    Attributes
    ----------
    estimator_
        Fitted on weighted rows.
    weight_
        The weight as a number.
    classes_
        Payer and default, in the order of their labels.

    References
    ----------
    G. King, L. Zeng, *Political Analysis* 9 (2001) 137-163, the prior correction.

    Examples
    --------
    A model without information answers with the default rate, here 1 in 4, for any weight:

    >>> from sklearn.tree import DecisionTreeClassifier
    >>> fitted = EventWeighted(DecisionTreeClassifier(), weight=10.0).fit(np.zeros((4, 1)), [0, 0, 0, 1])
    >>> fitted.predict_proba(np.zeros((1, 1))).round(12).tolist()
    [[0.75, 0.25]]
    """

    def __init__(self, estimator: BaseEstimator, weight: Weight = "balanced") -> None:
        self.estimator = estimator
        self.weight = weight

    def fit(self, X: pd.DataFrame | NDArray[np.float64], y: ArrayLike) -> Self:
        """Fit a clone of the estimator on weighted rows.

        Parameters
        ----------
        X
            Features, shape (rows, features).
        y
            Shape (rows,): two labels; the greater one is default.

        Raises
        ------
        ValueError
            There are not exactly two labels, or the weight is not above 0.
        """
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        labels = column_or_1d(y, warn=True)
        check_classification_targets(labels)
        classes, counts = np.unique(labels, return_counts=True)
        if len(classes) != 2:  # noqa: PLR2004 - payer and default
            raise ValueError(f"Only binary classification is supported, got {len(classes)} class(es)")
        self.weight_ = float(counts[0] / counts[1] if self.weight == "balanced" else self.weight)
        if not self.weight_ > 0:
            raise ValueError(f"the weight must be above 0, got {self.weight_}")
        weights = np.where(labels == classes[1], self.weight_, 1.0)
        self.estimator_ = clone(self.estimator).fit(X, labels, sample_weight=weights)
        self.classes_ = self.estimator_.classes_
        return self

    def _corrected(self, answered: NDArray[np.float64]) -> NDArray[np.float64]:
        return answered / (answered + self.weight_ * (1 - answered))

    @property
    def coef_(self) -> NDArray[np.float64]:
        """Coefficients of a linear estimator: the weight moves only the intercept."""
        return np.asarray(self.estimator_.coef_)

    @property
    def intercept_(self) -> NDArray[np.float64]:
        """Intercept of a linear estimator of the log odds, minus the logarithm of the weight."""
        return np.asarray(self.estimator_.intercept_ - np.log(self.weight_))
