"""A metric: its name, its task, its direction, and how its value and its interval are computed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import cast, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from credit_pipeline.core import Interval, Outcome, Probability, dotted_path
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.metrics.counts import Counts
from credit_pipeline.modelling.metrics.sample import Sample
from credit_pipeline.spec import Task

ByCounts = Callable[[Counts], NDArray[np.float64]]


@dataclass(frozen=True)
class Metric:
    """A metric: its name in tables, its label in figures, its direction and how it is computed.

    Attributes
    ----------
    name, label
        The name in YAML, tracking and tables; the text in figures.
    greater_is_better
        Whether a greater value is a better model; False for a metric with a target.
    value
        The value, from outcome and probability of default.
    value_by_counts
        The same value for many samples at once, shape (b,), for the bootstrap. ``None`` for AUC and Gini, whose
        interval is DeLong's.
    target
        The value of a correct model, for metrics where the nearest value is best, not the greatest or the smallest.
    interval
        95 % interval of a checked sample, for metrics that the bootstrap of ``estimate`` does not serve.
    influence
        What each row adds to a regression's metric, shape (n,), mean 0; see ``influence.interval``.
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
    interval: Callable[[Sample], Interval] | None = None
    influence: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]] | None = None
    task: Task = "classification"
    scaled: bool = False

    def goodness(self, values: ArrayLike) -> NDArray[np.float64]:
        """Turn values of the metric so that greater is better; with a target, minus the distance to it.

        >>> Metric("slope", "slope", greater_is_better=False, value=max, target=1.0).goodness([0.5, 1.25])
        array([-0.5 , -0.25])
        """
        found = np.asarray(values, dtype=np.float64)
        if self.target is not None:
            return -np.abs(found - self.target)
        return found if self.greater_is_better else -found


MetricFunction = Callable[[Outcome, Probability], float]

_RESAMPLES, _SEED = 500, 42


@cache
def custom_metric(path: str) -> Metric:
    """Make a metric from a function.

    Parameters
    ----------
    path
        Dotted path of a function of outcome and probability of default, both of shape (rows,), or of observed and
        predicted values, that returns a number. It may have the attributes ``greater_is_better`` (by default True),
        ``task`` (by default ``classification``) and ``label`` (the text in figures).

    Raises
    ------
    ConfigurationError
        The package is not allowed, there is no such function, or an attribute has a wrong value.
    """
    function = dotted_path.load(path)
    greater: bool = getattr(function, "greater_is_better", True)
    task: Task = getattr(function, "task", "classification")
    if not callable(function) or not isinstance(greater, bool) or task not in get_args(Task):
        raise ConfigurationError(
            f"'{path}' cannot be used as a metric.",
            expected="function(outcome, probability) -> float, with greater_is_better True or False and task "
            "'classification' or 'regression', if it has these attributes",
            got=f"{type(function).__name__}, {greater!r}, {task!r}",
            fix="training.metrics in conf/<environment>/parameters/training.yml, or the function",
        )
    value = cast("MetricFunction", function)
    return Metric(
        name=path,
        label=str(getattr(function, "label", path.rpartition(".")[2].replace("_", " "))),
        greater_is_better=greater,
        value=value,
        value_by_counts=partial(_by_counts, value) if task == "classification" else None,
        interval=partial(_bootstrap, value) if task == "regression" else None,
        task=task,
    )


def _by_counts(function: MetricFunction, counts: Counts) -> NDArray[np.float64]:
    """Call the function on each sample of the bootstrap, row by row."""
    return np.array(
        [
            _of_sample(function, counts.probability, *sample)
            for sample in zip(counts.defaults, counts.payers, strict=True)
        ]
    )


def _of_sample(
    function: MetricFunction, probability: Probability, defaults: NDArray[np.int64], payers: NDArray[np.int64]
) -> float:
    outcome = np.repeat([1, 0], [defaults.sum(), payers.sum()])
    rows = np.concatenate([np.repeat(probability, defaults), np.repeat(probability, payers)])
    return float(function(outcome, rows))


def _bootstrap(function: MetricFunction, sample: Sample) -> Interval:
    """Give the 95 % percentile interval of a bootstrap that draws rows, or whole clusters of rows."""
    generator = np.random.default_rng(_SEED)
    _, of_row = np.unique(np.arange(len(sample)) if sample.cluster is None else sample.cluster, return_inverse=True)
    rows_of = np.split(np.argsort(of_row, kind="stable"), np.cumsum(np.bincount(of_row))[:-1])
    drawn = [
        np.concatenate([rows_of[number] for number in generator.integers(len(rows_of), size=len(rows_of))])
        for _ in range(_RESAMPLES)
    ]
    lower, upper = np.quantile([function(sample.outcome[rows], sample.answer[rows]) for rows in drawn], [0.025, 0.975])
    return float(lower), float(upper)
