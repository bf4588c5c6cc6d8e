"""A value with its interval."""

from dataclasses import dataclass

Interval = tuple[float, float]
"""Lower and upper bound."""


@dataclass(frozen=True)
class BoundedValue:
    """A value and the bounds of its 95 % interval."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Estimate(BoundedValue):
    """A metric's value with its interval, and the number of rows that it was computed from."""

    n: int


@dataclass(frozen=True)
class Difference(BoundedValue):
    """A metric of one model less that of another, with its interval and its two-sided p-value."""

    p_value: float

    def __mul__(self, factor: float) -> "Difference":
        """Return the difference in another unit; the factor is above 0."""
        return Difference(self.value * factor, self.lower * factor, self.upper * factor, self.p_value)

    def __truediv__(self, unit: float) -> "Difference":
        """Return the difference as a multiple of a unit above 0."""
        return self * (1 / unit)
