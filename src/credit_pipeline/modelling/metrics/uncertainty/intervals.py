"""Intervals of metrics: DeLong for ranks, Wilson for shares, the bootstrap for the rest."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from credit_pipeline.core import Estimate, Interval
from credit_pipeline.modelling.metrics.counts import Counts, count
from credit_pipeline.modelling.metrics.metric import Metric
from credit_pipeline.modelling.metrics.metrics import metric_named, task_of
from credit_pipeline.modelling.metrics.sample import Sample
from credit_pipeline.modelling.metrics.uncertainty.bootstrap import redraw_clusters, redraw_rows
from credit_pipeline.modelling.metrics.uncertainty.delong import Z, auc_interval, require_variance

Statistic = Callable[[Counts], NDArray[np.float64]]

_RANK_SCALES: Final[Mapping[str, Callable[[float], float]]] = {
    "roc_auc": lambda auc: auc,
    "gini": lambda auc: 2 * auc - 1,
}


def estimate(names: Iterable[str], sample: Sample, *, resamples: int = 500, seed: int = 42) -> dict[str, Estimate]:
    r"""Give metrics with their 95 % intervals.

    ``roc_auc`` has DeLong's interval (``auc_interval``), ``gini`` the same on the scale 2 AUC - 1; calibration slope
    and intercept have Wald's (``Metric.interval``). The others have the bias-corrected percentile interval of a
    bootstrap that draws rows, so that the default rate varies as it does between samples. Its bounds are the quantiles
    :math:`\Phi(2 z_0 \pm z)` of the resampled values, with :math:`\Phi` the normal distribution function,
    :math:`z_0 = \Phi^{-1}` of the share of them below the value, z 1.96. An interval that does not contain the value is
    extended to it.

    Coverage was measured on 300 samples of 1,000 rows with a default rate of .22. The intervals contained the true KS
    in 96 %, Brier score 94 %, log loss 94 %, average precision 94 %, lift 96 %, H-measure 87 %. The expected
    calibration error of a correct model is 0, but above 0 in every sample. So its interval (57 %) describes its
    variation, and does not test whether it is 0.

    Metrics of a regression have the interval of ``influence.interval``. With clusters, the AUC has Obuchowski's
    interval, and the bootstrap draws whole clusters, for calibration slope and intercept too.

    The draws depend on the seed and the data only. A metric's interval does not depend on the other metrics or on the
    order of the rows; clusters are drawn by their numbers.

    Parameters
    ----------
    names
        Keys of ``METRICS``.
    sample
        Outcomes and answers as in ``score``; of a classification at least two defaults and two payers. A
        classification with one cluster only is treated as if each row were by itself.
    resamples
        Number of bootstrap samples, at least 1; 500 and more make sense.
    seed
        Seed of the bootstrap.

    Raises
    ------
    ValueError
        As in ``score``; or there are fewer than two defaults or payers, which have no variance; or no resamples.

    References
    ----------
    B. Efron, *Canadian Journal of Statistics* 9 (1981) 139-172, the bias-corrected percentiles.

    Examples
    --------
    >>> sample = Sample(np.array([0, 0, 0, 1, 1]), np.array([0.1, 0.2, 0.6, 0.4, 0.9]))
    >>> estimate(["brier"], sample, resamples=50, seed=1)["brier"].n
    5
    """
    metrics = [metric_named(name) for name in names]
    if task_of(metrics) == "regression":
        return _of_values(metrics, sample.checked("regression"))
    sample = require_variance(sample)
    alone = sample.cluster is None or len(np.unique(sample.cluster)) in (1, len(sample))
    bounds = (_of_rows if alone else _of_clusters)(metrics, sample, resamples, seed)
    return {m.name: _estimate(m.value(sample.outcome, sample.answer), bounds[m.name], len(sample)) for m in metrics}


def _of_rows(metrics: Iterable[Metric], sample: Sample, resamples: int, seed: int) -> dict[str, Interval]:
    sample = replace(sample, cluster=None)
    resampled = [metric for metric in metrics if metric.interval is None]
    return {
        **_rank_bounds(metrics, auc_interval(sample)),
        **{metric.name: metric.interval(sample) for metric in metrics if metric.interval is not None},
        **bootstrap_bounds(_by_counts(resampled), count(sample.outcome, sample.answer), resamples, seed),
    }


def _of_clusters(metrics: Iterable[Metric], sample: Sample, resamples: int, seed: int) -> dict[str, Interval]:
    drawn = redraw_clusters(sample, resamples, seed)
    return {
        **_rank_bounds(metrics, auc_interval(sample)),
        **_percentile_bounds(_by_counts(metrics), count(sample.outcome, sample.answer), drawn),
    }


def _of_values(metrics: Iterable[Metric], sample: Sample) -> dict[str, Estimate]:
    found: dict[str, Estimate] = {}
    for metric in metrics:
        unit = sample.scale if metric.scaled else 1.0
        lower, upper = metric.interval(sample) if metric.interval else (-np.inf, np.inf)
        value = metric.value(sample.outcome, sample.answer)
        found[metric.name] = _estimate(value / unit, (lower / unit, upper / unit), len(sample))
    return found


def _estimate(value: float, bounds: Interval, rows: int) -> Estimate:
    return Estimate(float(value), float(min(bounds[0], value)), float(max(bounds[1], value)), rows)


def _rank_bounds(metrics: Iterable[Metric], of_auc: Interval) -> dict[str, Interval]:
    asked = [metric.name for metric in metrics if metric.name in _RANK_SCALES]
    return {name: (_RANK_SCALES[name](of_auc[0]), _RANK_SCALES[name](of_auc[1])) for name in asked}


def _by_counts(metrics: Iterable[Metric]) -> dict[str, Statistic]:
    return {metric.name: metric.value_by_counts for metric in metrics if metric.value_by_counts is not None}


def bootstrap_bounds(
    statistics: Mapping[str, Statistic], counts: Counts, resamples: int, seed: int
) -> dict[str, Interval]:
    """Give the bootstrap interval that ``estimate`` describes for custom statistics.

    Parameters
    ----------
    statistics
        By name, a function that gives the value of each of the b samples in ``Counts``, shape (b,).
    counts
        The sample, counts of shape (1, g).
    resamples, seed
        As in ``estimate``.

    Raises
    ------
    ValueError
        ``resamples`` is below 1.

    Examples
    --------
    Half of the defaults have the probability 0.9. The share of them that has it is resampled:

    >>> counts = Counts(np.array([0.1, 0.9]), np.array([[50, 50]]), np.array([[90, 10]]))
    >>> bootstrap_bounds({"share": lambda sample: sample.defaults[:, 1] / 100}, counts, 1000, seed=1)
    {'share': (0.39, 0.63)}
    """
    return _percentile_bounds(statistics, counts, redraw_rows(counts, resamples, seed))


def _percentile_bounds(
    statistics: Mapping[str, Statistic], counts: Counts, samples: Iterable[Counts]
) -> dict[str, Interval]:
    if not statistics:
        return {}
    blocks = [{name: value(block) for name, value in statistics.items()} for block in samples]
    drawn = {name: np.concatenate([block[name] for block in blocks]) for name in statistics}
    return {name: _corrected_percentiles(drawn[name], float(value(counts)[0])) for name, value in statistics.items()}


def _corrected_percentiles(drawn: NDArray[np.float64], value: float) -> Interval:
    below = np.mean(drawn < value) + np.mean(drawn == value) / 2
    bias = ndtri(np.clip(below, 0.5 / len(drawn), 1 - 0.5 / len(drawn)))
    lower, upper = np.quantile(drawn, ndtr(2 * bias + np.array([-Z, Z])))
    return float(lower), float(upper)


def wilson_interval(
    events: NDArray[np.int_], rows: NDArray[np.int_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Give the 95 % Wilson interval of shares.

    .. math:: \frac{\hat p + z^2 / 2n \pm z \sqrt{\hat p (1 - \hat p) / n + z^2 / 4n^2}}{1 + z^2 / n}

    with :math:`\hat p` the share of events, n the rows, z = 1.96.

    Parameters
    ----------
    events, rows
        Shape (k,): numbers of events and of rows, rows at least 1.

    References
    ----------
    E. Wilson, *Journal of the American Statistical Association* 22 (1927) 209-212.

    Examples
    --------
    >>> lower, upper = wilson_interval(np.array([0]), np.array([10]))
    >>> print(f"{lower[0]:.3f} {upper[0]:.3f}")
    0.000 0.278
    """
    share = events / rows
    centre = share + Z**2 / (2 * rows)
    margin = Z * np.sqrt(share * (1 - share) / rows + Z**2 / (4 * rows**2))
    scale = 1 + Z**2 / rows
    return np.clip((centre - margin) / scale, 0, share), np.clip((centre + margin) / scale, share, 1)
