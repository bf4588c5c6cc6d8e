"""Paired differences of two models on the same rows, for metrics other than AUC and Gini."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from credit_pipeline.core import Difference, Outcome
from credit_pipeline.modelling.metrics.counts import Counts
from credit_pipeline.modelling.metrics.metric import Metric
from credit_pipeline.modelling.metrics.sample import Sample, require_same_rows
from credit_pipeline.modelling.metrics.uncertainty.bootstrap import times_drawn
from credit_pipeline.modelling.metrics.uncertainty.influence import standard_error


def value_difference(metric: Metric, one: Sample, other: Sample) -> Difference:
    r"""Compare a metric of two regressions on the same rows.

    The difference is a sum over rows like the metric itself. Row i adds :math:`\phi_i^a - \phi_i^b`, its influence on
    the metric of one model less that on the metric of the other. The interval is that of ``influence.interval`` with
    these, and the p-value is that of the same Student distribution. A scaled metric is compared in multiples of the
    samples' scale.

    Parameters
    ----------
    metric
        A metric of a regression.
    one, other
        The same rows, with the values that each model predicted.

    Raises
    ------
    ValueError
        The metric has no influence function, or the rows are not the same.

    References
    ----------
    As for ``influence.interval``.
    """
    if metric.influence is None:
        raise ValueError(f"'{metric.name}' has no influence function")
    one, other = one.checked("regression"), other.checked("regression")
    require_same_rows(one, other)
    observed = one.outcome.astype(np.float64)
    difference = metric.value(observed, one.answer) - metric.value(observed, other.answer)
    influence = metric.influence(observed, one.answer) - metric.influence(observed, other.answer)
    unit = one.scale if metric.scaled else 1.0
    error, freedom = standard_error(influence, one.cluster)
    if freedom == 0:
        return Difference(difference, -np.inf, np.inf, 1.0) / unit
    margin = float(student.ppf(0.975, freedom)) * error
    p_value = float(2 * student.sf(abs(difference) / error, freedom)) if error > 0 else float(difference == 0)
    return Difference(difference, difference - margin, difference + margin, p_value) / unit


def bootstrap_difference(
    metric: Metric, samples: Mapping[str, Sample], against: Sample, *, resamples: int, seed: int
) -> dict[str, Difference]:
    """Compare a metric of several models with that of one model, on the same resampled rows for all.

    The interval contains the middle 95 % of the resampled differences. The p-value is twice the share of them on the
    rarer side of 0, with the sample itself counted. With clusters, whole clusters are drawn; a draw without a default
    or without a payer is repeated. One cluster has no variance: its interval has no bounds, its p-value is 1.

    Parameters
    ----------
    metric
        A metric of a classification that has ``value_by_counts``.
    samples
        By model: the same rows, with the model's probabilities of default; both outcomes occur.
    against
        The same rows, answered by the model that the others are compared with.
    resamples, seed
        Number of draws and seed of the bootstrap.

    Raises
    ------
    ValueError
        The metric cannot be resampled, or the rows are not the same.

    References
    ----------
    A. Davison, D. Hinkley, *Bootstrap Methods and their Application*, Cambridge 1997, sections 4.4 and 5.3. C. Field,
    A. Welsh, *Journal of the Royal Statistical Society B* 69 (2007) 369-390, clusters.
    """
    if metric.value_by_counts is None:
        raise ValueError(f"'{metric.name}' cannot be resampled")
    against = against.checked("classification")
    others = {model: sample.checked("classification") for model, sample in samples.items()}
    for sample in others.values():
        require_same_rows(sample, against)
    point = metric.value(against.outcome, against.answer)
    gaps = {model: float(metric.value(against.outcome, sample.answer) - point) for model, sample in others.items()}
    if against.cluster is not None and len(np.unique(against.cluster)) == 1:
        return {model: Difference(gap, -np.inf, np.inf, 1.0) for model, gap in gaps.items()}
    drawn = list(_drawn(against, resamples, seed))
    baseline = _resampled(metric, against, drawn)
    return {model: _of_draws(gap, _resampled(metric, others[model], drawn) - baseline) for model, gap in gaps.items()}


def _drawn(sample: Sample, resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    if sample.cluster is None:
        return _rows_drawn(sample.outcome, resamples, seed)
    return times_drawn(sample.outcome, sample.cluster, resamples, seed)


def _rows_drawn(outcome: Outcome, resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield how often each row is drawn, shape (n,); at least one default and one payer are drawn."""
    generator, rows = np.random.default_rng(seed), len(outcome)
    defaults, payers = np.flatnonzero(outcome == 1), np.flatnonzero(outcome != 1)
    for events in generator.binomial(rows, len(defaults) / rows, resamples).clip(1, rows - 1):
        chosen = generator.choice(defaults, events), generator.choice(payers, rows - events)
        yield np.bincount(np.concatenate(chosen), minlength=rows)


def _resampled(metric: Metric, sample: Sample, drawn: list[NDArray[np.int64]]) -> NDArray[np.float64]:
    distinct, group = np.unique(sample.answer, return_inverse=True)

    def value(times: NDArray[np.int64]) -> float:
        rows, defaults = (
            np.bincount(group, weights=weights, minlength=len(distinct)).astype(np.int64)
            for weights in (times, times * sample.outcome)
        )
        counted = Counts(distinct, defaults[None, :], (rows - defaults)[None, :])
        return float(metric.value_by_counts(counted)[0]) if metric.value_by_counts is not None else np.nan

    return np.array([value(times) for times in drawn])


def _of_draws(difference: float, drawn: NDArray[np.float64]) -> Difference:
    lower, upper = np.quantile(drawn, [0.025, 0.975])
    rarer = min(np.count_nonzero(drawn <= 0), np.count_nonzero(drawn >= 0))
    p_value = min(1.0, 2 * (rarer + 1) / (len(drawn) + 1))
    return Difference(difference, float(min(lower, difference)), float(max(upper, difference)), p_value)
