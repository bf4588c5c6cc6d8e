"""The special codes of a column of numbers, and the range of the other numbers."""

import math

import numpy as np

from credit_pipeline.modelling.contract.raw_cells import INT64_END, Floats

ValueRange = tuple[float, float]
_SMALL_CODES = frozenset(range(-9, 0))
_FEWEST_OTHERS = 5
_NINES = 2
_TINY = 1e-12  # smaller values are treated as this one


def special_codes(values: Floats) -> tuple[int, ...]:
    """Find whole numbers with a special meaning, such as -99999 or 9999 for "unknown".

    A code occurs twice or more. It either consists of nines, and its distance from the other numbers is at least their
    range; or it is one of -9 to -1 in a column without other negative numbers.

    Parameters
    ----------
    values
        Shape (n,), finite.

    Returns
    -------
    tuple of int
        In ascending order; empty if there are fewer than five other distinct values.

    Examples
    --------
    >>> special_codes(np.array([20.0, 35.0, 41.0, 52.0, 60.0, 999.0, 999.0]))
    (999,)
    >>> special_codes(np.array([0.0, 1.0, 2.0, 3.0, 4.0, -1.0, -1.0]))
    (-1,)
    """
    distinct, counts = np.unique(values, return_counts=True)
    repeated = {float(value) for value, count in zip(distinct, counts, strict=True) if count > 1}
    nines = np.array([value in repeated and _is_nines(value) for value in distinct], dtype=np.bool_)
    negative = {int(value) for value in distinct[~nines] if value < 0 and value in _SMALL_CODES & repeated}
    others = distinct[~nines & ~np.isin(distinct, list(negative))]
    if len(others) < _FEWEST_OTHERS:
        return ()
    found = {int(value) for value in distinct[nines] if _is_far(value, others)}
    return tuple(sorted(found | (negative if others[0] >= 0 else set())))


def _is_nines(value: float) -> bool:
    digits = str(int(abs(value))) if value.is_integer() and abs(value) < INT64_END else ""
    return len(digits) >= _NINES and set(digits) == {"9"}


def _is_far(value: float, others: Floats) -> bool:
    gap = max(others[0] - value, value - others[-1])
    return bool(gap >= others[-1] - others[0])


def wider_bounds(values: Floats) -> ValueRange:
    """Return bounds that new values should keep too: wider by half the observed range on each side, in round numbers.

    If no value is negative, the lower bound is not negative either.

    Parameters
    ----------
    values
        Shape (n,), finite, n at least 1.

    Examples
    --------
    >>> wider_bounds(np.array([18.0, 75.0])), wider_bounds(np.array([-0.4, 1.1]))
    ((0.0, 110.0), (-1.2, 1.9))
    """
    lowest, highest = float(values.min()), float(values.max())
    margin = (highest - lowest) / 2 or abs(highest) or 1.0
    lower = 0.0 if lowest >= 0 else -_rounded_up(margin - lowest)
    upper = 0.0 if highest <= 0 else _rounded_up(highest + margin)
    return min(lower, lowest), max(upper, highest)


def _rounded_up(value: float) -> float:
    """Round a positive number up to two digits.

    >>> _rounded_up(1234.0), _rounded_up(0.0301)
    (1300.0, 0.031)
    """
    places = 1 - math.floor(math.log10(max(value, _TINY)))
    scale = 10.0**places
    return round(math.ceil(round(value * scale, 9)) / scale, max(places, 0))
