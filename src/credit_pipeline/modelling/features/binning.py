"""Bins of one characteristic: where OptBinning cuts, the bin of each value, the name of each bin."""

import logging
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from credit_pipeline.spec import Code

Values = NDArray[np.float64]
Positions = NDArray[np.intp]
INTERVAL, CATEGORY, SPECIAL_CODE, MISSING = "interval", "category", "special code", "missing"
_BETWEEN_CODES = ", "
# The chi-squared of one degree of freedom that is exceeded by chance once in a thousand.
_BEYOND_CHANCE = 10.83


def positions(values: pd.Series, splits: Values, codes: Sequence[Code]) -> Positions:
    """Give the bin of each value: intervals first, then codes, then missing.

    Parameters
    ----------
    values
        Shape (rows,); missing is NaN or ``None``.
    splits
        Cut points, ascending, shape (cuts,).
    codes
        Values that have their own bin.

    Returns
    -------
    numpy.ndarray
        Shape (rows,), from 0 to cuts + 1 + number of codes.
    """
    text = not pd.api.types.is_numeric_dtype(values)
    numbers = np.zeros(len(values)) if text else values.to_numpy(np.float64)
    position = np.searchsorted(splits, numbers, side="right")
    for offset, code in enumerate(codes):
        holds_code = values.eq(code).to_numpy(dtype=bool, na_value=False)
        position = np.where(holds_code, len(splits) + 1 + offset, position)
    return np.where(values.isna().to_numpy(), len(splits) + 1 + len(codes), position)


def labels(splits: Values, codes: Sequence[Code], bins: Positions | None = None) -> list[str]:
    """Name the bins in the order of ``positions``: intervals, codes, missing.

    Parameters
    ----------
    splits, codes
        As in ``positions``.
    bins
        What ``join_categories`` gave, if codes are joined: joined codes are listed together at the place of the first.
    """
    intervals = [f"[{lower}, {upper})" for lower, upper in pairwise(["-inf", *_written_splits(splits), "inf"])]
    written = [*intervals, *map(_written, codes), MISSING]
    first = np.arange(len(written)) if bins is None else bins
    together = [[written[member] for member in np.flatnonzero(first == place)] for place in range(len(written))]
    return [_BETWEEN_CODES.join(found) or alone for found, alone in zip(together, written, strict=True)]


def _written(code: Code) -> str:
    return f"'{code}'" if code == MISSING or _BETWEEN_CODES in str(code) else str(code)


def kinds(splits: Values, codes: Sequence[Code], special_codes: Collection[Code]) -> list[str]:
    """Name what each bin holds, in the order of ``positions``.

    Parameters
    ----------
    splits, codes
        As in ``positions``.
    special_codes
        The special ones among the codes; the others are categories.
    """
    of_codes = (SPECIAL_CODE if code in special_codes else CATEGORY for code in codes)
    return [*[INTERVAL] * (len(splits) + 1), *of_codes, MISSING]


def _written_splits(splits: Values) -> list[str]:
    """Write cut points with as few digits as make them different, but at least six."""
    written = ([f"{split:.{digits}g}" for split in splits] for digits in range(6, 18))
    return next(texts for texts in written if len(set(texts)) == len(splits))


@dataclass(frozen=True)
class Bounds:
    """Limits on bins: their largest number, the fewest rows in each, and the seconds to find them."""

    most: int
    fewest_rows: int
    time_limit: int


def best_cuts(numbers: Values, outcomes: NDArray[np.int64], trend: str, bounds: Bounds) -> Values:
    """Give the cut points of OptBinning, or else the best single cut, or else none.

    Parameters
    ----------
    numbers, outcomes
        Shape (rows,); no number is missing; 1 = default.
    trend
        OptBinning's trend, such as ``ascending``.
    bounds
        Limits on the bins.

    Returns
    -------
    numpy.ndarray
        Shape (cuts,), ascending.
    """
    if len(np.unique(numbers)) < 2 or len(np.unique(outcomes)) < 2:  # noqa: PLR2004  # nothing to separate
        return np.empty(0)
    # Half a row less: OptBinning rounds share times rows up, and the product may lie just above a whole number.
    share = (bounds.fewest_rows - 0.5) / len(numbers)
    if share > 0.5:  # noqa: PLR2004  # too few rows for two bins
        return np.empty(0)
    asked = {"max_n_bins": bounds.most, "min_bin_size": share, "time_limit": bounds.time_limit}
    splits = optimal_splits(numbers, outcomes, monotonic_trend=trend, **asked)
    # OptBinning never makes a bin without events or without non-events, so a perfectly separating number gets one bin.
    return splits if len(splits) else single_cut(numbers, outcomes, share, trend)


def join_categories(
    position: Positions, outcomes: NDArray[np.int64], categories: Positions, bins: int, bounds: Bounds
) -> Positions:
    """Join similar categories: rank them by default rate, and cut the rank like a number.

    Parameters
    ----------
    position
        Bin of each row before categories are joined, shape (rows,).
    outcomes
        Shape (rows,), 1 = default.
    categories
        Positions that may be joined, ascending. Categories with equal default rates keep this order.
    bins
        Number of positions.
    bounds
        Limits on the bins of the categories.

    Returns
    -------
    numpy.ndarray
        For each position the smallest position of its bin, shape (bins,). Without cuts each position is its own bin.

    Examples
    --------
    The second of three categories has too few rows for a bin, and the same default rate as the first:

    >>> outcomes = np.repeat([1, 0, 1, 0, 1, 0], [10, 30, 1, 3, 30, 10])
    >>> join_categories(np.repeat([0, 1, 2], [40, 4, 40]), outcomes, np.arange(3), 3, Bounds(8, 9, 10)).tolist()
    [0, 0, 2]
    """
    count, events = np.bincount(position, minlength=bins), np.bincount(position, outcomes, minlength=bins)
    ranked = categories[np.argsort((events / np.maximum(count, 1))[categories], kind="stable")]
    rank = np.full(bins, np.nan)
    rank[ranked] = np.arange(len(ranked))
    ranks = rank[position]
    ranks, outcomes_ranked = ranks[np.isfinite(ranks)], outcomes[np.isfinite(ranks)]
    splits = best_cuts(ranks, outcomes_ranked, "ascending", bounds)
    first = np.arange(bins)
    if len(splits):
        for members in np.split(ranked, np.ceil(splits).astype(int)):
            first[members] = members.min()
    return first


def optimal_splits(numbers: Values, outcomes: NDArray[np.int64], **bounds: object) -> Values:
    """Ask OptBinning for the cut points.

    Parameters
    ----------
    numbers, outcomes
        Shape (rows,); no number is missing; 1 = default.
    **bounds
        Further arguments of ``optbinning.OptimalBinning``.

    Returns
    -------
    numpy.ndarray
        Shape (cuts,), ascending.
    """
    optimal_binning = _optimal_binning()
    binning = optimal_binning(
        dtype="numerical",
        solver="cp",
        prebinning_method="cart",
        max_n_prebins=20,
        min_prebin_size=0.02,
        random_state=0,
        **bounds,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # OptBinning warns about future names of scikit-learn
        binning.fit(numbers, outcomes)
    return np.asarray(binning.splits, dtype=np.float64)


def single_cut(numbers: Values, outcomes: NDArray[np.int64], minimum_share: float, trend: str) -> Values:
    r"""Give the cut that separates events from non-events best, if it is better than chance; else none.

    There are n rows with e events; below a cut there are m rows with f events. The best cut has the largest
    :math:`\chi^2 = n (f n - m e)^2 / (m (n - m)\, e (n - e))`, which must exceed 10.83.

    Parameters
    ----------
    numbers, outcomes
        Shape (rows,); no number is missing.
    minimum_share
        Smallest share of the rows on each side.
    trend
        ``ascending`` allows only cuts with more risk above, ``descending`` with less; any other word allows both.

    Returns
    -------
    numpy.ndarray
        Shape (1,) or (0,).

    Examples
    --------
    >>> single_cut(np.arange(20.0), np.repeat([0, 1], 10), 0.02, "ascending").tolist()
    [9.5]
    """
    order = np.argsort(numbers, kind="stable")
    value, n, e = numbers[order], float(len(numbers)), float(outcomes.sum())
    below, events = np.arange(1.0, n), np.cumsum(outcomes[order])[:-1].astype(np.float64)
    gap = events * n - below * e
    allowed = (value[1:] > value[:-1]) & (np.minimum(below, n - below) >= minimum_share * n)
    allowed &= {"ascending": gap < 0, "descending": gap > 0}.get(trend, gap != 0)
    strength = np.where(allowed, n * gap**2 / (below * (n - below) * e * (n - e)), 0.0)
    best = int(strength.argmax())
    middle = value[best] + (value[best + 1] - value[best]) / 2
    cut = middle if middle > value[best] else value[best + 1]
    return np.array([cut]) if strength[best] > _BEYOND_CHANCE else np.empty(0)


def _optimal_binning() -> type:
    """Import OptBinning late: it takes a second, and serving does not need it."""
    # CVXPY, which OptBinning imports, reports that it cannot load its solver HiGHS beside OR-tools; nothing uses it.
    logging.getLogger("__cvxpy__").addFilter(_not_about_highs)
    from optbinning import OptimalBinning  # noqa: PLC0415
    from optbinning.binning import cp  # noqa: PLC0415

    if not isinstance(cp.cp_model, SimpleNamespace):
        cp.cp_model = SimpleNamespace(**{**vars(cp.cp_model), "CpSolver": _solver})
    return OptimalBinning  # type: ignore[no-any-return]


def _solver() -> object:
    """Give OR-tools' solver without its handler for Ctrl-C, which would end a run without a message."""
    from ortools.sat.python import cp_model  # noqa: PLC0415

    made = cp_model.CpSolver()
    made.parameters.catch_sigint_signal = False
    return made


def _not_about_highs(record: logging.LogRecord) -> bool:
    return "HIGHS" not in record.getMessage()
