"""Weighted defaults change the fit and not the level of the probabilities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks
from xgboost import XGBClassifier

from credit_pipeline.modelling.estimators.event_weighting import EventWeighted, Weight
from credit_pipeline.modelling.estimators.scorecard_regression import ScorecardRegression
from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.recalibration import intercept_interval

Rows = tuple[NDArray[np.float64], NDArray[np.int_]]


def book(rows: int = 6_000, seed: int = 3) -> Rows:
    """Accounts of which about one in eight defaults, by a logistic law of two numbers."""
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(rows, 2))
    risk = 1 / (1 + np.exp(2.5 - features[:, 0] + 0.5 * features[:, 1]))
    return features, (generator.random(rows) < risk).astype(np.int_)


@parametrize_with_checks(
    [EventWeighted(LogisticRegression()), EventWeighted(DecisionTreeClassifier(random_state=0), weight=3.0)]
)
def test_it_keeps_scikit_learns_rules(estimator: BaseEstimator, check: object) -> None:
    check(estimator)  # type: ignore[operator]  # scikit-learn ships no types


@settings(max_examples=50)
@given(st.integers(1, 20), st.integers(1, 20), st.floats(0.01, 100) | st.just("balanced"))
def test_a_model_without_information_says_the_default_rate(payers: int, defaults: int, weight: Weight) -> None:
    # With equal features the tree answers w d / (w d + n - d), whose odds divided by w are d / (n - d).
    outcome = np.repeat([0, 1], [payers, defaults])
    fitted = EventWeighted(DecisionTreeClassifier(), weight).fit(np.zeros((len(outcome), 1)), outcome)
    expected = defaults / (payers + defaults)
    assert fitted.predict_proba(np.zeros((1, 1)))[0] == pytest.approx([1 - expected, expected], rel=1e-9)


def test_a_saturated_model_says_the_default_rate_of_each_group() -> None:
    # Two groups, of 10 with 1 default and of 20 with 8.
    group = np.repeat([0.0, 1.0], [10, 20])[:, None]
    outcome = np.repeat([1, 0, 1, 0], [1, 9, 8, 12])
    fitted = EventWeighted(DecisionTreeClassifier(), "balanced").fit(group, outcome)
    assert fitted.weight_ == pytest.approx(21 / 9)
    assert fitted.predict_proba(np.array([[0.0], [1.0]]))[:, 1] == pytest.approx([0.1, 0.4])


@pytest.mark.parametrize(
    "estimator", [LogisticRegression(), XGBClassifier(n_estimators=40, max_depth=2, learning_rate=0.2, n_jobs=1)]
)
@pytest.mark.parametrize("weight", ["balanced", 4.0])
def test_on_rows_not_seen_the_probabilities_have_the_right_level(estimator: BaseEstimator, weight: Weight) -> None:
    (features, outcome), (others, came_true) = book(), book(seed=4)
    weighted = EventWeighted(estimator, weight).fit(features, outcome)
    lower, upper = intercept_interval(Sample(came_true, weighted.predict_proba(others)[:, 1]))
    assert lower < 0 < upper
    # The same model uncorrected says several times too much.
    uncorrected = weighted.estimator_.predict_proba(others)[:, 1]
    assert intercept_interval(Sample(came_true, uncorrected))[1] < -1


def test_equal_weights_change_nothing() -> None:
    features, outcome = book()
    plain = LogisticRegression().fit(features, outcome).predict_proba(features)
    assert EventWeighted(LogisticRegression(), 1.0).fit(features, outcome).predict_proba(features) == pytest.approx(
        plain, rel=1e-9
    )


@pytest.mark.parametrize("regression", [LogisticRegression(), ScorecardRegression()])
def test_coefficients_and_intercept_are_those_of_the_corrected_log_odds(regression: BaseEstimator) -> None:
    features, outcome = book()
    woe = features * [-1, 1]
    fitted = EventWeighted(regression, 5.0).fit(woe, outcome)
    risk = fitted.predict_proba(woe)[:, 1]
    assert np.log(risk / (1 - risk)) == pytest.approx(woe @ fitted.coef_[0] + fitted.intercept_[0], rel=1e-9, abs=1e-9)


def test_a_tree_has_no_coefficients() -> None:
    fitted = EventWeighted(DecisionTreeClassifier(max_depth=1)).fit(*book(200))
    assert not hasattr(fitted, "coef_")


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan")])
def test_a_weight_that_is_none_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="the weight must be above 0"):
        EventWeighted(LogisticRegression(), weight).fit(*book(50))
