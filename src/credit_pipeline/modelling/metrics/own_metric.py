"""A metric of one's own: a function named in YAML by dotted path, with a bootstrap for its interval."""

from collections.abc import Callable
from functools import cache, partial
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray

from credit_pipeline.core import dotted_path
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.metrics.counts import Counts, Outcome, Probability
from credit_pipeline.modelling.metrics.metric import Interval, Metric
from credit_pipeline.spec import Task

MetricFunction = Callable[[Outcome, Probability], float]
_RESAMPLES, _SEED = 500, 42


@cache
def own_metric(path: str) -> Metric:
    """Make a metric out of a function.

    Parameters
    ----------
    path
        Dotted path of a function of outcome and probability of default, both of shape (rows,), or of observed and
        predicted values; it gives a number. Its attribute ``greater_is_better``, by default True, says which way is
        good; ``task``, by default ``classification``, what it is of; ``label`` the words in figures.

    Raises
    ------
    ConfigurationError
        The package is not allowed, there is no such function, or its attributes are none of these.
    """
    function = dotted_path.load(path)
    greater: bool = getattr(function, "greater_is_better", True)
    task: Task = getattr(function, "task", "classification")
    if not callable(function) or not isinstance(greater, bool) or task not in get_args(Task):
        raise ConfigurationError(
            f"'{path}' is no metric.",
            expected="function(outcome, probability) -> float, with greater_is_better True or False and task "
            "'classification' or 'regression', where it has these attributes",
            got=f"{type(function).__name__}, {greater!r}, {task!r}",
            mend="training.metrics in conf/<environment>/parameters/training.yml, or the function",
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


def _bootstrap(
    function: MetricFunction, observed: Outcome, predicted: Probability, cluster: NDArray[np.intp] | None = None
) -> Interval:
    """Give the 95 % percentile interval of a bootstrap that draws rows, or whole clusters of them."""
    generator = np.random.default_rng(_SEED)
    _, of_row = np.unique(np.arange(len(observed)) if cluster is None else cluster, return_inverse=True)
    rows_of = np.split(np.argsort(of_row, kind="stable"), np.cumsum(np.bincount(of_row))[:-1])
    drawn = [
        np.concatenate([rows_of[number] for number in generator.integers(len(rows_of), size=len(rows_of))])
        for _ in range(_RESAMPLES)
    ]
    lower, upper = np.quantile([function(observed[rows], predicted[rows]) for rows in drawn], [0.025, 0.975])
    return float(lower), float(upper)
