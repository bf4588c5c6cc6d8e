"""The nodes of scikit-learn's fitted trees: a single tree, a forest or boosting."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier, DummyRegressor
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

from credit_pipeline.core import Values


@dataclass(frozen=True)
class Tree:
    """A binary tree by node, each array of shape (nodes,); node 0 is the root.

    Attributes
    ----------
    left, right
        The node's children, -1 for a leaf.
    feature, threshold
        A row goes left if its feature's value is at most the threshold; not used for a leaf.
    missing_goes_left
        Whether a row without the value goes left.
    cover
        Weight of the training rows that reached the node, above 0.
    value
        What a leaf adds to the margin; not used for other nodes.
    """

    left: NDArray[np.intp] = field(repr=False)
    right: NDArray[np.intp] = field(repr=False)
    feature: NDArray[np.intp] = field(repr=False)
    threshold: Values = field(repr=False)
    missing_goes_left: NDArray[np.bool_] = field(repr=False)
    cover: Values = field(repr=False)
    value: Values = field(repr=False)


@dataclass(frozen=True)
class SumOfTrees:
    """Trees whose leaves, one per tree, add up to a margin.

    Attributes
    ----------
    trees
        At least one.
    start
        The value that the leaves are added to.
    averages
        Whether the margin is the answer itself, the mean of the trees' answers; False for boosting.
    single_precision
        Whether values are rounded to single precision before they are compared with a threshold.
    """

    trees: tuple[Tree, ...] = field(repr=False)
    start: float
    averages: bool
    single_precision: bool


def trees_of(estimator: BaseEstimator) -> SumOfTrees | None:
    """Read the trees of a fitted estimator.

    The margin is the mean answer of a forest, and the log odds or the value (or its logarithm) of boosting.

    Parameters
    ----------
    estimator
        Fitted, of any kind.

    Returns
    -------
    SumOfTrees or None
        ``None`` for estimators other than trees, forests and boosting of scikit-learn, for several classes or targets,
        for splits by category, and for boosting that starts from another model.

    Examples
    --------
    >>> stump = DecisionTreeRegressor(max_depth=1).fit([[1.0], [2.0], [3.0]], [10.0, 20.0, 20.0])
    >>> tree = trees_of(stump).trees[0]
    >>> tree.threshold[0].item(), tree.cover.tolist(), tree.value[1:].tolist()
    (1.5, [3.0, 1.0, 2.0], [10.0, 20.0])
    """
    read = next((known for kinds, known in _READ.items() if isinstance(estimator, kinds)), None)
    return read(estimator) if read else None


def _of_tree(estimator: BaseEstimator) -> SumOfTrees | None:
    return _averaged([estimator])


def _of_forest(estimator: BaseEstimator) -> SumOfTrees | None:
    return _averaged(estimator.estimators_)


def _averaged(estimators: Sequence[BaseEstimator]) -> SumOfTrees | None:
    _, targets, classes = estimators[0].tree_.value.shape  # One class: a regressor's value.
    if targets > 1 or classes > 2:  # noqa: PLR2004  # a default, or none
        return None
    trees = tuple(_tree(one, 1 / len(estimators)) for one in estimators)
    return SumOfTrees(trees, start=0.0, averages=True, single_precision=True)


def _of_boosting(estimator: BaseEstimator) -> SumOfTrees | None:
    started_by_rule = isinstance(estimator.init_, str | DummyClassifier | DummyRegressor)
    if estimator.estimators_.shape[1] > 1 or not started_by_rule:
        return None
    size = 2.0 if estimator.loss == "exponential" else 1.0  # Its margin is half the log odds.
    start = estimator._raw_predict_init(np.zeros((1, estimator.n_features_in_)))  # noqa: SLF001  # not public
    trees = tuple(_tree(one, size * estimator.learning_rate) for one in estimator.estimators_[:, 0])
    return SumOfTrees(trees, start=size * start.item(), averages=False, single_precision=True)


def _tree(estimator: BaseEstimator, scale: float) -> Tree:
    tree = estimator.tree_
    return Tree(
        left=tree.children_left,
        right=tree.children_right,
        feature=tree.feature,
        threshold=tree.threshold,
        missing_goes_left=tree.missing_go_to_left.astype(bool),
        cover=tree.weighted_n_node_samples,
        value=tree.value[:, 0, -1] * scale,  # The last class is the default.
    )


def _of_histogram_boosting(estimator: BaseEstimator) -> SumOfTrees | None:
    by_category = estimator.is_categorical_ is not None and estimator.is_categorical_.any()
    if estimator.n_trees_per_iteration_ > 1 or by_category:
        return None
    rounds = estimator._predictors  # noqa: SLF001  # not public, nor is the baseline
    trees = tuple(_histogram_tree(predictor.nodes) for (predictor,) in rounds)
    start = estimator._baseline_prediction.item()  # noqa: SLF001
    return SumOfTrees(trees, start=start, averages=False, single_precision=False)


def _histogram_tree(nodes: NDArray[np.void]) -> Tree:
    is_leaf = nodes["is_leaf"].astype(bool)
    return Tree(
        left=np.where(is_leaf, -1, nodes["left"].astype(np.intp)),
        right=np.where(is_leaf, -1, nodes["right"].astype(np.intp)),
        feature=nodes["feature_idx"],
        threshold=nodes["num_threshold"],
        missing_goes_left=nodes["missing_go_to_left"].astype(bool),
        cover=nodes["count"].astype(np.float64),
        value=nodes["value"],
    )


_READ: Mapping[tuple[type, ...], Callable[[BaseEstimator], SumOfTrees | None]] = MappingProxyType(
    {
        (DecisionTreeClassifier, DecisionTreeRegressor): _of_tree,
        (RandomForestClassifier, RandomForestRegressor, ExtraTreesClassifier, ExtraTreesRegressor): _of_forest,
        (GradientBoostingClassifier, GradientBoostingRegressor): _of_boosting,
        (HistGradientBoostingClassifier, HistGradientBoostingRegressor): _of_histogram_boosting,
    }
)
