"""Trees of scikit-learn, read."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeClassifier

from credit_pipeline.modelling.explanation.fitted_trees import SumOfTrees, Tree, trees_of
from tree_models import FEW, HISTOGRAM, MODELS, fitted, full

Values = NDArray[np.float64]
LABELS = np.arange(90) % 3
KINDS = pd.DataFrame({"kind": pd.Categorical(np.array(["a", "b", "c"])[LABELS]), "size": full()[:, 0]})


def found(name: str) -> SumOfTrees:
    read = trees_of(fitted(name)[0])
    assert read is not None
    return read


def walked(tree: Tree, row: Values) -> float:
    node = 0
    while tree.left[node] >= 0:
        value = row[tree.feature[node]]
        is_left = tree.missing_goes_left[node] if np.isnan(value) else value <= tree.threshold[node]
        node = tree.left[node] if is_left else tree.right[node]
    return float(tree.value[node])


@pytest.mark.parametrize("name", MODELS)
def test_the_leaves_of_a_row_and_the_start_add_up_to_its_margin(name: str) -> None:
    estimator, table = fitted(name)
    read = found(name)
    compared = table.astype(np.float32) if read.single_precision else table
    margin = [read.start + sum(walked(tree, row) for tree in read.trees) for row in compared]
    np.testing.assert_allclose(margin, MODELS[name][1](estimator, table), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_the_weight_of_a_split_is_that_of_its_branches(name: str) -> None:
    for tree in found(name).trees:
        splits = tree.left >= 0
        assert splits.any()
        below = tree.cover[tree.left[splits]] + tree.cover[tree.right[splits]]
        np.testing.assert_allclose(below, tree.cover[splits])


@pytest.mark.parametrize("name", MODELS)
def test_only_forests_and_trees_answer_with_their_margin(name: str) -> None:
    assert found(name).averages == ("boosting" not in name)


@pytest.mark.parametrize(
    ("estimator", "table", "outcome"),
    [
        (RandomForestClassifier(**FEW), full(), LABELS),
        (RandomForestRegressor(**FEW), full(), full()[:, :2]),
        (DecisionTreeClassifier(), full(), np.column_stack([LABELS > 0, LABELS > 1])),
        (GradientBoostingClassifier(**FEW), full(), LABELS),
        (GradientBoostingRegressor(**FEW, init=LinearRegression()), full(), full()[:, 0]),
        (HistGradientBoostingClassifier(**HISTOGRAM), full(), LABELS),
        (HistGradientBoostingClassifier(**HISTOGRAM), KINDS, LABELS > 0),
        (AdaBoostClassifier(n_estimators=3), full(), LABELS > 0),
        (BaggingRegressor(n_estimators=3), full(), LABELS),
        (LinearRegression(), full(), LABELS),
    ],
    ids=lambda part: type(part).__name__ if isinstance(part, BaseEstimator) else "",
)
def test_what_is_no_sum_of_trees_over_one_margin_is_not_read(
    estimator: BaseEstimator, table: Values, outcome: Values
) -> None:
    assert trees_of(estimator.fit(table, outcome)) is None
