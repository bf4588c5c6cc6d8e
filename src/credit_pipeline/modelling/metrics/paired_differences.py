"""How far two models lie apart on the same rows, where the difference is not one of ranks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from credit_pipeline.core import Outcome, Probability, Values
from credit_pipeline.modelling.metrics.bootstrap import times_drawn
from credit_pipeline.modelling.metrics.counts import Counts
from credit_pipeline.modelling.metrics.influence import standard_error
from credit_pipeline.modelling.metrics.metric import Metric


@dataclass(frozen=True)
class PairedDifference:
    """A metric of one model less that of another on the same rows, its 95 % interval and its two-sided p-value."""

    difference: float
    lower: float
    upper: float
    p_value: float

    def __mul__(self, factor: float) -> Self:
        """Give the difference in another unit; the factor is above 0."""
        return type(self)(self.difference * factor, self.lower * factor, self.upper * factor, self.p_value)

    def __truediv__(self, unit: float) -> Self:
        """Give the difference as a multiple of a unit above 0."""
        return self * (1 / unit)


def value_difference(
    metric: Metric, observed: Values, one: Values, other: Values, cluster: NDArray[np.intp] | None = None
) -> PairedDifference:
    r"""Compare a metric of two regressions on the same rows.

    The difference is a sum over rows like the metric itself: row i adds :math:`\phi_i^a - \phi_i^b`, what it adds to
    either, so the interval is that of ``value_metrics.interval`` with these, and the p-value that of the same Student
    distribution.

    Parameters
    ----------
    metric
        A metric of a regression.
    observed, one, other
        Shape (n,): what was observed, and what either model predicted.
    cluster
        Shape (n,): which rows err together, a whole number from 0; by default each by itself.

    Raises
    ------
    ValueError
        The metric says not what a row adds to it.

    References
    ----------
    As for ``value_metrics.interval``.
    """
    if metric.influence is None:
        raise ValueError(f"what a row adds to '{metric.name}' is not known")
    difference = metric.value(observed, one) - metric.value(observed, other)
    influence = metric.influence(observed, one) - metric.influence(observed, other)
    error, freedom = standard_error(influence, cluster)
    if freedom == 0:
        return PairedDifference(difference, -np.inf, np.inf, 1.0)
    margin = float(student.ppf(0.975, freedom)) * error
    p_value = float(2 * student.sf(abs(difference) / error, freedom)) if error > 0 else float(difference == 0)
    return PairedDifference(difference, difference - margin, difference + margin, p_value)


def bootstrap_difference(
    metric: Metric,
    outcome: Outcome,
    answers: Mapping[str, Probability],
    standing: Probability,
    *,
    resamples: int,
    seed: int,
    cluster: NDArray[np.intp] | None = None,
) -> dict[str, PairedDifference]:
    """Compare a metric of several models with that of one on the same rows, drawn again for all at once.

    The interval holds the middle 95 % of the resampled differences; the p-value is twice the share of them on the
    rarer side of 0, the sample itself counted. Where rows err together, whole clusters are drawn; a sample without a
    default or without a payer is drawn again. One cluster says nothing: its interval has no bounds, its p-value is 1.

    Parameters
    ----------
    metric
        A metric of a classification that has ``value_by_counts``.
    outcome
        Shape (n,), 1 = default; both occur.
    answers
        Probability of default by model, each of shape (n,).
    standing
        Shape (n,): that of the model they are compared with.
    resamples, seed
        Number of samples and seed of the bootstrap.
    cluster
        Shape (n,): which rows err together, a whole number from 0; by default each by itself.

    Raises
    ------
    ValueError
        The metric cannot be resampled.

    References
    ----------
    A. Davison, D. Hinkley, *Bootstrap Methods and their Application*, Cambridge 1997, sections 4.4 and 5.3. C. Field,
    A. Welsh, *Journal of the Royal Statistical Society B* 69 (2007) 369-390, clusters.
    """
    if metric.value_by_counts is None:
        raise ValueError(f"'{metric.name}' cannot be resampled")
    point = metric.value(outcome, standing)
    gaps = {model: float(metric.value(outcome, found) - point) for model, found in answers.items()}
    if cluster is not None and len(np.unique(cluster)) == 1:
        return {model: PairedDifference(gap, -np.inf, np.inf, 1.0) for model, gap in gaps.items()}
    samples = _drawn(outcome, resamples, seed) if cluster is None else times_drawn(outcome, cluster, resamples, seed)
    drawn = list(samples)
    baseline = _resampled(metric, outcome, standing, drawn)
    return {m: _of_draws(gap, _resampled(metric, outcome, answers[m], drawn) - baseline) for m, gap in gaps.items()}


def _drawn(outcome: Outcome, resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield how often each row is drawn, shape (n,); one default and one payer at least among them."""
    generator, rows = np.random.default_rng(seed), len(outcome)
    defaults, payers = np.flatnonzero(outcome == 1), np.flatnonzero(outcome != 1)
    for events in generator.binomial(rows, len(defaults) / rows, resamples).clip(1, rows - 1):
        chosen = generator.choice(defaults, events), generator.choice(payers, rows - events)
        yield np.bincount(np.concatenate(chosen), minlength=rows)


def _resampled(
    metric: Metric, outcome: Outcome, probability: Probability, drawn: list[NDArray[np.int64]]
) -> NDArray[np.float64]:
    distinct, group = np.unique(probability, return_inverse=True)
    return np.array([_value(metric, distinct, group, outcome, times) for times in drawn])


def _value(
    metric: Metric, distinct: Probability, group: NDArray[np.intp], outcome: Outcome, times: NDArray[np.int64]
) -> float:
    rows, defaults = (
        np.bincount(group, weights=weights, minlength=len(distinct)).astype(np.int64)
        for weights in (times, times * outcome)
    )
    counted = Counts(distinct, defaults[None, :], (rows - defaults)[None, :])
    return float(metric.value_by_counts(counted)[0]) if metric.value_by_counts is not None else np.nan


def _of_draws(difference: float, drawn: NDArray[np.float64]) -> PairedDifference:
    lower, upper = np.quantile(drawn, [0.025, 0.975])
    rarer = min(np.count_nonzero(drawn <= 0), np.count_nonzero(drawn >= 0))
    p_value = min(1.0, 2 * (rarer + 1) / (len(drawn) + 1))
    return PairedDifference(difference, float(min(lower, difference)), float(max(upper, difference)), p_value)
