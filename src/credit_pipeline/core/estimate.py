"""A value and how sure it is."""

from dataclasses import dataclass

Interval = tuple[float, float]
"""Lower and upper bound."""


@dataclass(frozen=True)
class Estimate:
    """A metric's value, the bounds of its 95 % interval and the number of rows behind it."""

    value: float
    lower: float
    upper: float
    n: int
