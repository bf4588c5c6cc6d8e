"""Exact Shapley values of trees, in double precision."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from credit_pipeline.core import Values
from credit_pipeline.modelling.explanation.fitted_trees import SumOfTrees, Tree

Sides = NDArray[np.void]

_AT_ONCE = 200_000  # Rows times sides of leaves: 1.6 MB per array.


_SIDE = np.dtype(
    [
        ("feature", np.intp),
        ("low", np.float64),
        ("high", np.float64),
        ("takes_missing", np.bool_),
        ("share", np.float64),
    ]
)
"""The condition of one feature on the path to a leaf, all splits on it together: a value above ``low`` and at most
``high``, or a missing value if ``takes_missing``. ``share`` is the share of the training rows that pass it."""


def shapley_values(found: SumOfTrees, table: Values) -> tuple[Values, float]:
    r"""Split the margin of every row into the contributions of the features.

    A leaf of value a is reached if the row passes the conditions of all features on the path to it. Let :math:`o_j` be
    1 if the row passes the condition of feature j and 0 if not, and :math:`z_j` the share of the training rows that
    pass it, the product over the splits on j. If only the features of a set S are known, the expected contribution of
    the leaf is :math:`a \prod_{j \in S} o_j \prod_{j \notin S} z_j`. Shapley's mean over all orders of d features is an
    integral (Owen),

    .. math:: \phi_i = \sum_{leaves} a (o_i - z_i) \int_0^1 \prod_{j \ne i} (t o_j + (1 - t) z_j) \, dt

    of a polynomial of degree d - 1. The Gauss-Legendre rule with d / 2 points, rounded up, computes it exactly.

    Parameters
    ----------
    found
        The trees.
    table
        Shape (rows, features); NaN is missing.

    Returns
    -------
    tuple
        Contributions, shape (rows, features), and the base: the margin expected by the training rows in each branch.

    References
    ----------
    G. Owen, "Multilinear extensions of games", *Management Science* 18 (1972) P64-P79. S. Lundberg and others, "From
    local explanations to global understanding with explainable AI for trees", *Nature Machine Intelligence* 2 (2020)
    56-67.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> from credit_pipeline.modelling.explanation.fitted_trees import trees_of
    >>> stump = DecisionTreeRegressor(max_depth=1).fit([[1.0], [2.0], [3.0]], [10.0, 25.0, 25.0])
    >>> values, base = shapley_values(trees_of(stump), np.array([[1.0], [3.0]]))
    >>> base, values.round(6).tolist()
    (20.0, [[-10.0], [5.0]])
    """
    compared = table.astype(np.float32) if found.single_precision else table
    columns = np.ascontiguousarray(compared.T, dtype=np.float64)
    added = np.zeros_like(columns)
    for sides, value in _alike(found.trees, len(table)):
        added += _of_leaves(sides, value, columns)
    expected = sum(float((tree.cover * tree.value)[tree.left < 0].sum() / tree.cover[0]) for tree in found.trees)
    return added.T, found.start + expected


def _alike(trees: Sequence[Tree], rows: int) -> Iterator[tuple[Sides, Values]]:
    """Give leaves with the same number of features on their paths together, in limited blocks, and their values."""
    parts = [_sides(tree) for tree in trees]
    sides, counts = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    values = np.concatenate([tree.value[tree.left < 0] for tree in trees])
    starts = np.cumsum(counts) - counts
    for count in np.unique(counts[counts > 0]):
        leaves = np.flatnonzero(counts == count)
        pieces = -(-leaves.size * int(count) * rows // _AT_ONCE)
        for some in np.array_split(leaves, min(pieces, leaves.size)):
            yield sides[starts[some, None] + np.arange(count)], values[some]


def _sides(tree: Tree) -> tuple[Sides, NDArray[np.intp]]:
    """Merge the splits on the path to each leaf by feature; give also the number of features on each path."""
    leaf, node, split = _ways(tree)
    order = np.lexsort((tree.feature[split], leaf))
    leaf, node, split = leaf[order], node[order], split[order]
    feature, threshold, is_left = tree.feature[split], tree.threshold[split], tree.left[split] == node
    first = np.flatnonzero(np.diff(leaf, prepend=-1) | np.diff(feature, prepend=-1))
    sides = np.empty(first.size, dtype=_SIDE)
    sides["feature"] = feature[first]
    sides["low"] = np.maximum.reduceat(np.where(is_left, -np.inf, threshold), first)
    sides["high"] = np.minimum.reduceat(np.where(is_left, threshold, np.inf), first)
    sides["takes_missing"] = np.logical_and.reduceat(tree.missing_goes_left[split] == is_left, first)
    sides["share"] = np.multiply.reduceat(tree.cover[node] / tree.cover[split], first)
    return sides, np.bincount(leaf[first], minlength=tree.left.size)[tree.left < 0]


def _ways(tree: Tree) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Walk up from all leaves at once: each step is a leaf, a node on the path to it, and the split above the node."""
    splits = np.flatnonzero(tree.left >= 0)
    above = np.full(tree.left.size, -1)
    above[tree.left[splits]] = above[tree.right[splits]] = splits
    leaf = node = np.flatnonzero(tree.left < 0)
    steps = [(leaf[:0], node[:0])]
    while (is_below := above[node] >= 0).any():
        leaf, node = leaf[is_below], node[is_below]
        steps.append((leaf, node))
        node = above[node]
    leaf, node = (np.concatenate(parts) for parts in zip(*steps, strict=True))
    return leaf, node, above[node]


def _of_leaves(sides: Sides, value: Values, columns: Values) -> Values:
    """Add up the contributions of leaves with the same number of features, shape (features, rows)."""
    let_through = _let_through(sides, columns)
    points, weights = np.polynomial.legendre.leggauss((sides["feature"].shape[1] + 1) // 2)
    t, weights, share = (points + 1) / 2, weights / 2, sides["share"][..., None]
    outside, inside = (1 - t) * share, t + (1 - t) * share  # The factor of a feature with o = 0, and with o = 1.
    # The product over the features as a sum of logarithms, which is a product of matrices.
    products = np.exp(
        np.log(inside / outside).transpose(0, 2, 1) @ let_through + np.log(outside).sum(axis=1)[..., None]
    )
    products *= (weights * value[:, None])[..., None]
    # Without the factor of i itself: (1 - z) / inside where o = 1, and -z / outside = -1 / (1 - t) where o = 0.
    without = (1 / (1 - t)) @ products
    added = ((1 - share) / inside + 1 / (1 - t)) @ products
    added *= let_through
    added -= without[:, None, :]
    return np.asarray(_to_features(sides["feature"].ravel(), len(columns)) @ added.reshape(-1, columns.shape[1]))


def _let_through(sides: Sides, columns: Values) -> Values:
    asked = columns[sides["feature"]]
    is_between = (asked > sides["low"][..., None]) & (asked <= sides["high"][..., None])
    is_taken = np.isnan(asked) & sides["takes_missing"][..., None]
    return np.asarray(is_between | is_taken, dtype=np.float64)


def _to_features(feature: NDArray[np.intp], features: int) -> csr_array:
    one = np.ones(feature.size)
    return csr_array((one, (feature, np.arange(feature.size))), shape=(features, feature.size))
