"""The logistic regression of a scorecard: no coefficient contradicts the weights of evidence."""

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted


class ScorecardRegression(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A logistic regression in which a higher weight of evidence never means a higher risk.

    A positive coefficient contradicts the bins of its characteristic; it usually means that correlated characteristics
    carry the same information. The characteristic with the largest positive coefficient is dropped and the rest is
    fitted again, until no coefficient is positive.

    Parameters
    ----------
    C
        Inverse strength of the penalty on the squared coefficients.
    max_iter
        Largest number of iterations of one fit.

    Attributes
    ----------
    coef_, intercept_
        Shapes (1, characteristics) and (1,); 0 for a dropped characteristic.
    dropped_
        Reason by dropped characteristic.

    References
    ----------
    N. Siddiqi, *Intelligent Credit Scoring*, 2nd ed., Wiley 2017, chapter 10.

    Examples
    --------
    >>> woe = pd.DataFrame({"delay": [-1.0, -1.0, 1.0, 1.0] * 50, "echo": [-1.0, -1.0, 1.0, 0.9] * 50})
    >>> defaulted = np.array([1, 1, 0, 0] * 49 + [0, 1, 0, 1])
    >>> fitted = ScorecardRegression().fit(woe, defaulted)
    >>> bool((fitted.coef_ <= 0).all())
    True
    """

    def __init__(self, C: float = 1.0, max_iter: int = 1000) -> None:
        self.C = C
        self.max_iter = max_iter

    def fit(self, X: pd.DataFrame | NDArray[np.float64], y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit, drop and fit again.

        Parameters
        ----------
        X
            Weights of evidence (high is safe), shape (rows, characteristics).
        y
            Shape (rows,), 1 = default.
        sample_weight
            Shape (rows,): the weight of each row; 1 by default.

        Raises
        ------
        ValueError
            Every characteristic was dropped.
        """
        names, values = _named(X)
        self.feature_names_in_, self.n_features_in_ = np.asarray(names, dtype=object), len(names)
        self.dropped_: dict[str, str] = {}
        kept = list(range(len(names)))
        while True:
            fitted = LogisticRegression(C=self.C, max_iter=self.max_iter).fit(values[:, kept], y, sample_weight)
            coefficients = fitted.coef_[0]
            worst = int(coefficients.argmax())
            if coefficients[worst] <= 0:
                break
            self.dropped_[names[kept[worst]]] = f"coefficient {coefficients[worst]:+.3f} with {len(kept) - 1} others"
            del kept[worst]
            if not kept:
                raise ValueError("every characteristic has a positive coefficient on its weights of evidence")
        self.classes_, self.intercept_ = fitted.classes_, fitted.intercept_
        self.coef_ = np.zeros((1, len(names)))
        self.coef_[0, kept] = coefficients
        return self

    def predict_proba(self, X: pd.DataFrame | NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the probabilities of payment and of default, shape (rows, 2)."""
        check_is_fitted(self, "coef_")
        # Summed in a fixed order: the rounding of a matrix product depends on the number of rows.
        log_odds = (_named(X)[1] * self.coef_[0]).sum(axis=1) + self.intercept_[0]
        risk = 1 / (1 + np.exp(-log_odds))
        return np.column_stack([1 - risk, risk])

    def predict(self, X: pd.DataFrame | NDArray[np.float64]) -> NDArray[np.int_]:
        """Give the more probable outcome, shape (rows,)."""
        return np.asarray(self.classes_[(self.predict_proba(X)[:, 1] > 1 / 2).astype(int)])


def _named(features: pd.DataFrame | NDArray[np.float64]) -> tuple[list[str], NDArray[np.float64]]:
    values = np.asarray(features, dtype=np.float64)
    names = getattr(features, "columns", range(values.shape[1]))
    return [str(name) for name in names], values
