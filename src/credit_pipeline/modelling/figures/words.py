"""Numbers of any size, written for a figure."""

from collections.abc import Callable

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter
from numpy.typing import ArrayLike

from credit_pipeline.modelling.figures.style import MINUS


def amounts(axis: Axis) -> None:
    """Write the ticks of an axis with commas between thousands."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}".replace("-", MINUS)))


def writer(values: ArrayLike, digits: int = 3) -> Callable[[float], str]:
    """Give what writes numbers with as many decimals as the largest needs for some digits.

    Parameters
    ----------
    values
        All that stand together; those that are not finite do not count.
    digits
        Of the largest.

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
