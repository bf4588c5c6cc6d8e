"""Small fitted trees, forests and boosting of scikit-learn, for the tests of what is read off them."""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

Values = NDArray[np.float64]
Margin = Callable[[BaseEstimator, Values], Values]

FEW = {"n_estimators": 3, "max_depth": 4, "random_state": 0}
HISTOGRAM = {"max_iter": 3, "max_depth": 4, "min_samples_leaf": 5}


def probability(model: BaseEstimator, table: Values) -> Values:
    """The answer of a forest that classifies."""
    return np.asarray(model.predict_proba(table)[:, 1])


def log_odds(model: BaseEstimator, table: Values) -> Values:
    """The answer of boosting that classifies."""
    risk = probability(model, table)
    return np.asarray(np.log(risk / (1 - risk)))


def value(model: BaseEstimator, table: Values) -> Values:
    """The answer of a regressor."""
    return np.asarray(model.predict(table))


def logarithm(model: BaseEstimator, table: Values) -> Values:
    """The margin of a regressor of counts."""
    return np.log(value(model, table))


MODELS: dict[str, tuple[BaseEstimator, Margin]] = {
    "tree": (DecisionTreeClassifier(max_depth=4), probability),
    "tree_value": (DecisionTreeRegressor(max_depth=4), value),
    "forest": (RandomForestClassifier(**FEW), probability),
    "forest_balanced": (RandomForestClassifier(**FEW, class_weight="balanced"), probability),
    "forest_value": (RandomForestRegressor(**FEW), value),
    "extra_trees": (ExtraTreesClassifier(**FEW), probability),
    "extra_trees_value": (ExtraTreesRegressor(**FEW), value),
    "boosting": (GradientBoostingClassifier(**FEW), log_odds),
    "boosting_exponential": (GradientBoostingClassifier(**FEW, loss="exponential"), log_odds),
    "boosting_from_zero": (GradientBoostingClassifier(**FEW, init="zero"), log_odds),
    "boosting_value": (GradientBoostingRegressor(**FEW), value),
    "boosting_from_mean": (GradientBoostingRegressor(**FEW, init=DummyRegressor()), value),
    "histogram_boosting": (HistGradientBoostingClassifier(**HISTOGRAM), log_odds),
    "histogram_boosting_value": (HistGradientBoostingRegressor(**HISTOGRAM), value),
    "histogram_boosting_count": (HistGradientBoostingRegressor(**HISTOGRAM, loss="poisson"), logarithm),
}
"""Each with its margin, from the estimator's own methods."""


@cache
def gaps() -> Values:
    """Three columns of 90 rows: tenths, small whole numbers with gaps, and normal values."""
    generator = np.random.default_rng(7)
    counts = np.where(generator.random(90) < 0.2, np.nan, generator.integers(0, 4, 90))
    return np.column_stack([generator.integers(0, 11, 90) / 10, counts, generator.normal(size=90)])


def full() -> Values:
    """The same without gaps."""
    return np.nan_to_num(gaps(), nan=-1)


def takes_gaps(name: str) -> bool:
    """Whether a model of ``MODELS`` takes missing values; older boosting does not."""
    return not isinstance(MODELS[name][0], GradientBoostingClassifier | GradientBoostingRegressor)


@cache
def fitted(name: str) -> tuple[BaseEstimator, Values]:
    """A model of ``MODELS``, and the rows that it was fitted on."""
    estimator, table = MODELS[name][0], gaps() if takes_gaps(name) else full()
    risk = table[:, 0] + np.nan_to_num(table[:, 1], nan=2.5) / 3 + 0.2 * table[:, 2]
    return estimator.fit(table, risk > 1 if hasattr(estimator, "predict_proba") else np.abs(risk)), table
