"""What classifiers around another one share."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from credit_pipeline.modelling.estimators.wrapped_classifier import WrappedClassifier

FEATURES, OUTCOME = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1])


class Halved(WrappedClassifier):
    """A classifier that halves what the one within says."""

    def __init__(self, estimator: LogisticRegression) -> None:
        self.estimator = estimator

    def fit(self, X: NDArray[np.float64], y: NDArray[np.int_]) -> "Halved":  # scikit-learn's name
        self.estimator_ = self.estimator.fit(X, y)
        self.classes_ = self.estimator_.classes_
        return self

    def _corrected(self, answered: NDArray[np.float64]) -> NDArray[np.float64]:
        return answered / 2


def test_the_corrected_probability_is_answered_and_its_complement_beside_it() -> None:
    within = LogisticRegression().fit(FEATURES, OUTCOME).predict_proba(FEATURES)[:, 1]
    answered = Halved(LogisticRegression()).fit(FEATURES, OUTCOME).predict_proba(FEATURES)
    assert np.allclose(answered, np.column_stack([1 - within / 2, within / 2]))


def test_the_outcome_follows_from_the_corrected_probability() -> None:
    fitted = Halved(LogisticRegression()).fit(FEATURES, OUTCOME)
    assert fitted.estimator_.predict(FEATURES).tolist() == [0, 0, 1, 1]
    # Half a probability is never above one half.
    assert fitted.predict(FEATURES).tolist() == [0, 0, 0, 0]
    assert fitted.n_features_in_ == 1


def test_one_that_is_not_fitted_answers_nothing() -> None:
    with pytest.raises(NotFittedError):
        Halved(LogisticRegression()).predict_proba(FEATURES)
