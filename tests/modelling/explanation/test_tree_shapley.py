"""Exact Shapley values of trees, against their definition."""

from collections.abc import Callable, Collection
from functools import partial
from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.tree import DecisionTreeRegressor

from credit_pipeline.modelling.explanation.fitted_trees import trees_of
from credit_pipeline.modelling.explanation.tree_shapley import shapley_values
from tree_models import MODELS, fitted, takes_gaps

Values = NDArray[np.float64]

number = st.integers(-1, 12).map(lambda tenth: tenth / 10) | st.floats(-5, 5, width=32)
asked = st.lists(st.tuples(number, number, number), min_size=1, max_size=4).map(
    lambda rows: np.array(rows, dtype=float)
)
asked_with_gaps = st.lists(st.tuples(*[st.just(np.nan) | number] * 3), min_size=1, max_size=4).map(
    lambda rows: np.array(rows, dtype=float)
)


def explained(estimator: BaseEstimator, table: Values) -> tuple[Values, float]:
    trees = trees_of(estimator)
    assert trees is not None
    return shapley_values(trees, table)


def expected_of_tree(tree: object, known: Collection[int], row: Values, node: int = 0) -> float:
    """What a tree of a forest is expected to answer of a row of which some features are known."""
    left, right, feature = tree.children_left[node], tree.children_right[node], tree.feature[node]
    if left < 0:
        return float(tree.value[node, 0, -1])
    if feature in known:
        value = np.float32(row[feature])
        is_left = tree.missing_go_to_left[node] if np.isnan(value) else value <= tree.threshold[node]
        return expected_of_tree(tree, known, row, left if is_left else right)
    weight = tree.weighted_n_node_samples
    branches = [weight[child] / weight[node] * expected_of_tree(tree, known, row, child) for child in (left, right)]
    return float(sum(branches))


def expected_of_nodes(nodes: NDArray[np.void], known: Collection[int], row: Values, at: int = 0) -> float:
    """The same of a tree of boosting by histograms."""
    node = nodes[at]
    if node["is_leaf"]:
        return float(node["value"])
    if node["feature_idx"] in known:
        value = row[node["feature_idx"]]
        is_left = node["missing_go_to_left"] if np.isnan(value) else value <= node["num_threshold"]
        return expected_of_nodes(nodes, known, row, node["left"] if is_left else node["right"])
    branches = [
        nodes[side]["count"] * expected_of_nodes(nodes, known, row, side) for side in (node["left"], node["right"])
    ]
    return float(sum(branches)) / float(node["count"])


def worth(estimator: BaseEstimator) -> Callable[[Collection[int], Values], float]:
    """What the trees of an estimator are expected to add up to, up to what they are added to."""
    if hasattr(estimator, "_predictors"):
        rounds = [predictor.nodes for (predictor,) in estimator._predictors]  # noqa: SLF001  # not public
        return lambda known, row: sum(expected_of_nodes(nodes, known, row) for nodes in rounds)
    trees = [one.tree_ for one in np.ravel(getattr(estimator, "estimators_", [estimator]))]
    double = 2 if getattr(estimator, "loss", "") == "exponential" else 1  # Its margin is half the log odds.
    scale = double * estimator.learning_rate if hasattr(estimator, "learning_rate") else 1 / len(trees)
    return lambda known, row: scale * sum(expected_of_tree(tree, known, row) for tree in trees)


def by_definition(gain: Callable[[Collection[int]], float], count: int, feature: int) -> float:
    """Shapley's formula, over all subsets of the other features."""
    others = [other for other in range(count) if other != feature]
    return sum(
        factorial(size) * factorial(count - size - 1) / factorial(count) * (gain({*part, feature}) - gain(part))
        for size in range(count)
        for part in combinations(others, size)
    )


@pytest.mark.parametrize("name", MODELS)
def test_contributions_are_those_of_shapleys_formula_with_expectations_down_the_branches(name: str) -> None:
    estimator, table = fitted(name)
    rows, expected = table[:12], worth(estimator)
    assert np.isnan(rows).any() == takes_gaps(name)
    values, base = explained(estimator, rows)
    for row, found in zip(rows, values, strict=True):
        shapley = [by_definition(partial(expected, row=row), 3, one) for one in range(3)]
        np.testing.assert_allclose(found, shapley, rtol=1e-9, atol=1e-12)
    # Nothing known: what the base has beyond it is what boosting starts from.
    assert base == pytest.approx(expected((), rows[0]) + trees_of(estimator).start)


@pytest.mark.parametrize("name", [name for name in MODELS if takes_gaps(name)])
@given(rows=asked_with_gaps)
@settings(max_examples=15)
def test_base_and_contributions_add_up_to_the_answer_of_every_row(name: str, rows: Values) -> None:
    values, base = explained(fitted(name)[0], rows)
    np.testing.assert_allclose(base + values.sum(axis=1), MODELS[name][1](fitted(name)[0], rows), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in MODELS if not takes_gaps(name)])
@given(rows=asked)
@settings(max_examples=15)
def test_and_so_do_those_of_boosting_that_takes_no_gaps(name: str, rows: Values) -> None:
    values, base = explained(fitted(name)[0], rows)
    np.testing.assert_allclose(base + values.sum(axis=1), MODELS[name][1](fitted(name)[0], rows), rtol=1e-9, atol=1e-12)


def test_a_row_at_the_threshold_is_compared_as_the_estimator_compares_it() -> None:
    # 16,777,217 is no single-precision number: a tree reads 16,777,216, boosting by histograms reads it as it is.
    table, outcome = (
        np.repeat([[16_777_216.0], [16_777_217.0], [16_777_218.0]], 10, axis=0),
        np.repeat([0.0, 1.0, 2.0], 10),
    )
    by_histogram = HistGradientBoostingRegressor(max_iter=1, learning_rate=1, min_samples_leaf=1)
    for estimator in (DecisionTreeRegressor(), by_histogram):
        values, base = explained(estimator.fit(table, outcome), table)
        np.testing.assert_allclose(base + values[:, 0], estimator.predict(table), atol=1e-12)


def test_a_split_between_missing_and_all_numbers_is_followed() -> None:
    table, outcome = np.array([[1.0], [2.0], [3.0], [np.nan], [np.nan]]), [0.0, 0.0, 0.0, 1.0, 1.0]
    values, base = explained(DecisionTreeRegressor().fit(table, outcome), np.array([[-9.0], [99.0], [np.nan]]))
    assert base == pytest.approx(0.4)
    np.testing.assert_allclose(values[:, 0], [-0.4, -0.4, 0.6])


def test_a_tree_without_splits_contributes_nothing() -> None:
    values, base = explained(DecisionTreeRegressor().fit([[1.0], [2.0]], [5.0, 5.0]), np.array([[1.0], [7.0]]))
    assert (values.tolist(), base) == ([[0.0], [0.0]], 5.0)


def test_columns_that_a_tree_treats_alike_contribute_alike() -> None:
    # y = 1 where both are 1: of 1 - 1/4 the two share alike, by symmetry.
    table = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    values, base = explained(DecisionTreeRegressor(random_state=0).fit(table, [0, 0, 0, 1]), table)
    assert base == 0.25
    np.testing.assert_allclose(values[3], [0.375, 0.375])


def test_deep_trees_are_exact() -> None:
    # Some leaves have 20 columns and more on their way: the rule of Gauss and Legendre has ten points there.
    generator = np.random.default_rng(3)
    table = generator.normal(size=(3_000, 30))
    outcome = table.sum(axis=1) * 1e6
    estimator = DecisionTreeRegressor(splitter="random", random_state=0).fit(table, outcome)
    assert estimator.tree_.max_depth > 20
    values, base = explained(estimator, table[:50])
    np.testing.assert_allclose(base + values.sum(axis=1), estimator.predict(table[:50]), rtol=1e-9)


def test_many_rows_are_explained_as_single_ones() -> None:
    estimator, table = fitted("forest")
    many = np.tile(table, (300, 1))
    values, _ = explained(estimator, many)
    np.testing.assert_allclose(values[:90], explained(estimator, table)[0], atol=1e-14)
    np.testing.assert_allclose(values[-90:], values[:90], atol=1e-14)


def test_the_table_is_left_as_it_was() -> None:
    estimator, table = fitted("histogram_boosting")
    kept = table.copy()
    explained(estimator, table)
    np.testing.assert_array_equal(table, kept)
