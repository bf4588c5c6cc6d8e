"""A binary classifier that wraps another one and corrects its probabilities."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, get_tags
from sklearn.utils.validation import check_is_fitted


class WrappedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Base of such classifiers: a subclass corrects a probability in ``_corrected``, and has its own ``fit``.

    Attributes
    ----------
    estimator_, classes_
        The fitted inner classifier; payer and default.
    """

    estimator: BaseEstimator
    estimator_: BaseEstimator
    classes_: NDArray[np.int_]

    def _corrected(self, answered: NDArray[np.float64]) -> NDArray[np.float64]:
        raise NotImplementedError

    def predict_proba(self, X: pd.DataFrame | NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the probabilities of payment and of default, shape (rows, 2)."""
        check_is_fitted(self)
        risk = self._corrected(np.asarray(self.estimator_.predict_proba(X)[:, 1], dtype=np.float64))
        return np.column_stack([1 - risk, risk])

    def predict(self, X: pd.DataFrame | NDArray[np.float64]) -> NDArray[np.int_]:
        """Give the more probable outcome, shape (rows,)."""
        riskier = self.predict_proba(X)[:, 1] > 1 / 2
        return np.asarray(self.classes_[riskier.astype(int)])

    @property
    def n_features_in_(self) -> int:
        """Number of features."""
        return int(self.estimator_.n_features_in_)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        tags.classifier_tags.multi_class = False
        return tags


def unwrap(estimator: BaseEstimator) -> BaseEstimator:
    """Give the inner estimator of wrappers that only change probabilities: it holds the coefficients or trees."""
    while isinstance(estimator, WrappedClassifier):
        estimator = getattr(estimator, "estimator_", estimator.estimator)
    return estimator
