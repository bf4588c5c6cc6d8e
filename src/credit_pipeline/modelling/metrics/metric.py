"""What a metric is: a name, a task, a direction, and how value and interval are computed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from credit_pipeline.modelling.metrics.counts import Counts, Outcome, Probability
from credit_pipeline.spec import Task

ByCounts = Callable[[Counts], NDArray[np.float64]]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Metric:
    """A metric: its name in tables, its label in figures, its direction and how it is computed.

    Attributes
    ----------
    name, label
        The name in YAML, tracking and tables; the words of a figure.
    greater_is_better
        Whether a greater value is a better model; False for a metric with a target.
    value
        Point value of (outcome, probability of default).
    value_by_counts
        The same value for many samples at once, shape (b,): what the bootstrap resamples.
        None for AUC and Gini, whose interval is DeLong's.
    target
        The value of a model that is right, where neither greater nor smaller is better but nearer to it.
    interval
        95 % interval of (outcome, probability of default) in closed form, where the bootstrap has none that holds.
    influence
        What each row adds to a regression's metric, shape (n,), mean 0; see ``value_metrics.interval``.
    task
        ``classification``, of an outcome and a probability of default, or ``regression``, of two values.
    scaled
        Whether the value is a multiple of the naive forecast's mean absolute error on train.
    """

    name: str
    label: str
    greater_is_better: bool
    value: Callable[[Outcome, Probability], float]
    value_by_counts: ByCounts | None = None
    target: float | None = None
    interval: Callable[..., Interval] | None = None
    influence: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]] | None = None
    task: Task = "classification"
    scaled: bool = False

    def goodness(self, values: ArrayLike) -> NDArray[np.float64]:
        """Turn values of the metric so that greater is better, of a metric with a target minus the distance to it.

        >>> Metric("slope", "slope", greater_is_better=False, value=max, target=1.0).goodness([0.5, 1.25])
        array([-0.5 , -0.25])
        """
        found = np.asarray(values, dtype=np.float64)
        if self.target is not None:
            return -np.abs(found - self.target)
        return found if self.greater_is_better else -found
