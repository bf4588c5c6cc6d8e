"""A value with its interval."""

from dataclasses import dataclass

Interval = tuple[float, float]
"""Lower and upper bound."""


@dataclass(frozen=True)
class Estimate:
    """A metric's value, the bounds of its 95 % interval and the number of rows that it was computed from."""

    value: float
    lower: float
    upper: float
    n: int
