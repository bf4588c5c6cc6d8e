"""Names and numbers, written for a figure."""

from collections.abc import Callable
from typing import Final

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter
from numpy.typing import ArrayLike

from credit_pipeline.core import Estimate, Outcome


def format_amounts(axis: Axis) -> None:
    """Write the tick labels of an axis with commas between thousands."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}".replace("-", MINUS)))


def writer(values: ArrayLike, digits: int = 3) -> Callable[[float], str]:
    """Make a function that writes numbers with equal decimals: as many as the largest needs for some digits.

    Parameters
    ----------
    values
        All numbers that are shown together; those that are not finite are ignored.
    digits
        Significant digits of the largest number.

    Examples
    --------
    >>> write = writer([0.0205, -0.001])
    >>> write(0.0205), write(-0.001)
    ('0.0205', '\u22120.0010')
    >>> writer([65_573.47])(1234.5)
    '1,234'
    """
    sizes = np.abs(np.asarray(values, dtype=np.float64))
    largest = float(np.max(sizes[np.isfinite(sizes)], initial=0))
    decimals = min(6, max(0, digits - 1 - int(np.floor(np.log10(largest))))) if largest > 0 else 0
    return lambda value: f"{value:,.{decimals}f}".replace("-", MINUS)


EN_DASH: Final = "\u2013"

MINUS: Final = "\u2212"


def capitalise(words: str) -> str:
    """Write the first letter in upper case and leave the rest: AUC stays AUC.

    >>> capitalise("log loss")
    'Log loss'
    """
    return words[:1].upper() + words[1:]


def humanise(name: str) -> str:
    """Write a name from YAML as words.

    >>> humanise("random_forest")
    'random forest'
    """
    return name.replace("_", " ")


def value_with_interval(value: float, lower: float, upper: float) -> str:
    """Write a value with its 95 % interval, to three decimals.

    Parameters
    ----------
    value
        The value.
    lower, upper
        Bounds of the interval.

    Examples
    --------
    >>> value_with_interval(0.7791, 0.766, 0.7922)
    '0.779 (95 % 0.766\u20130.792)'
    >>> value_with_interval(0.02, -0.01, 0.05)
    '0.020 (95 % \u22120.010 to 0.050)'
    """
    return f"{number(value)} (95 % {bounds(lower, upper)})"


def bounds(lower: float, upper: float) -> str:
    """Write the bounds of an interval; next to a minus it uses "to", because a dash would be misread."""
    return f"{number(lower)}{' to ' if lower < 0 else EN_DASH}{number(upper)}"


def number(value: float) -> str:
    """Write a number to three decimals with a true minus."""
    return f"{value:.3f}".replace("-", MINUS)


def percent(share: float) -> str:
    """Write a share as per cent, to one decimal.

    >>> percent(0.3281)
    '32.8 %'
    """
    return f"{share:.1%}".replace("%", " %")


def percent_range(lower: float, upper: float) -> str:
    """Write two shares as per cent, to one decimal.

    >>> percent_range(0.3281, 0.4)
    '32.8\u201340.0 %'
    """
    return f"{100 * lower:.1f}{EN_DASH}{percent(upper)}"


def short_number(value: float, digits: int = 6) -> str:
    """Write a number with thousands as k and millions as M.

    >>> short_number(145_000), short_number(0.0512345, digits=3)
    ('145k', '0.0512')
    """
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.{digits}g}{letter}"
    return f"{value:.{digits}g}"


def shorten(name: str, letters: int) -> str:
    """Cut a name off after some letters.

    >>> shorten("utilisation", 6)
    'utili\u2026'
    """
    return name if len(name) <= letters else f"{name[: letters - 1]}\u2026"


def estimate_in_words(label: str, estimate: Estimate) -> str:
    """Write the label, value and interval of a metric."""
    return f"{capitalise(label)} {value_with_interval(estimate.value, estimate.lower, estimate.upper)}"


def sample_size(outcome: Outcome) -> str:
    """Write the number of rows and of defaults.

    >>> sample_size(np.array([0, 1, 1]))
    'n = 3, 2 defaults'
    """
    return f"n = {len(outcome):,}, {int(np.sum(outcome)):,} defaults"
