"""The metrics of a model's answers, each with its task, its direction and its value."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score, roc_curve

from credit_pipeline.core import Interval, Outcome, Probability
from credit_pipeline.modelling.metrics import probability as of_probability
from credit_pipeline.modelling.metrics import ranking, recalibration, regression
from credit_pipeline.modelling.metrics.counts import check_answers, count
from credit_pipeline.modelling.metrics.metric import ByCounts, Metric, custom_metric
from credit_pipeline.modelling.metrics.sample import Sample
from credit_pipeline.spec import Task


def score(name: str, outcome: Outcome, probability: Probability, *, scale: float = 1.0) -> float:
    r"""Give the value of one metric.

    With :math:`y_i` the outcome, :math:`p_i` the probability of default, n rows of which :math:`n_1` default:

    * ``roc_auc``: share of the (default, payer) pairs in which the default has the greater p; a tie counts one half.
    * ``gini``: :math:`2\,\mathrm{AUC} - 1`.
    * ``ks``: :math:`\max_t [F_0(t) - F_1(t)]`, F the cumulative share of payers (0) and of defaults (1) at or below t.
      This is the one-sided Kolmogorov-Smirnov distance: a model that ranks in the wrong order does not score.
    * ``brier``: :math:`\frac1n \sum_i (y_i - p_i)^2`.
    * ``log_loss``: :math:`-\frac1n \sum_i [y_i \ln p_i + (1 - y_i) \ln(1 - p_i)]`, p clipped to the machine epsilon
      from 0 and 1, so that one certain error costs 36 and not infinity.
    * ``average_precision``: :math:`\sum_t (R_t - R_{t-1}) P_t`, recall R and precision P at falling cut-offs t.
    * ``h_measure``, ``lift_at_decile``: see the module ``ranking``.
    * ``expected_calibration_error``: see the module ``probability``.
    * ``calibration_slope``, ``calibration_intercept``: see the module ``recalibration``; they have a target, 1 and 0.

    For a regression :math:`y_i` is the observed and :math:`p_i` the predicted value: ``r2``, ``mae``, ``rmse`` as in
    the module ``regression``, and ``mase``, the mean absolute error as a multiple of ``scale``.

    Parameters
    ----------
    name
        A key of ``METRICS``.
    outcome
        Shape (n,), 0 or 1, 1 = default. Both must occur. Of a regression any numbers.
    probability
        Shape (n,), probability of default, 0 to 1, none missing. Of a regression any numbers.
    scale
        Mean absolute error of the naive forecast on train, above 0.

    Raises
    ------
    ValueError
        The name is unknown, the shapes differ, a value is missing or out of range, or only one outcome occurs.

    References
    ----------
    L. Thomas, J. Crook, D. Edelman, *Credit Scoring and Its Applications*, 2nd ed., SIAM 2017, chapter 8. R. Hyndman,
    A. Koehler, *International Journal of Forecasting* 22 (2006) 679-688, the scaled error.

    Examples
    --------
    Of the four (default, payer) pairs, three are in order:

    >>> score("roc_auc", np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.3, 0.8]))
    0.75
    """
    return score_all([name], outcome, probability, scale=scale)[name]


def score_all(
    names: Iterable[str], outcome: Outcome, probability: Probability, *, scale: float = 1.0
) -> dict[str, float]:
    """Give the values of several metrics by their names; see ``score``.

    Parameters
    ----------
    names
        Keys of ``METRICS``, all of one task.
    outcome, probability, scale
        As in ``score``.

    Examples
    --------
    >>> score_all(["gini", "brier"], np.array([0, 1]), np.array([0.0, 0.5]))
    {'gini': 1.0, 'brier': 0.125}
    """
    metrics = [metric_named(name) for name in names]
    outcome, probability = check_answers(task_of(metrics), outcome, probability)
    return {m.name: float(m.value(outcome, probability)) / (scale if m.scaled else 1.0) for m in metrics}


def task_of(metrics: Iterable[Metric]) -> Task:
    """Give the task that all metrics share.

    Raises
    ------
    ValueError
        They have different tasks, or there are no metrics.
    """
    tasks = sorted({metric.task for metric in metrics})
    if len(tasks) != 1:
        raise ValueError(f"all metrics must have the same task, got {', '.join(tasks) or 'none'}")
    return tasks[0]


def metric_named(name: str) -> Metric:
    """Give the metric of that name, or the function at that dotted path as a metric, see ``custom_metric``.

    Raises
    ------
    ValueError
        There is no such metric.
    """
    if "." in name:
        return custom_metric(name)
    if name not in METRICS:
        raise ValueError(f"unknown metric '{name}'; known: {', '.join(METRICS)}")
    return METRICS[name]


def _gini(outcome: Outcome, probability: Probability) -> float:
    return 2 * float(roc_auc_score(outcome, probability)) - 1


def _ks(outcome: Outcome, probability: Probability) -> float:
    false_positive_rate, true_positive_rate, _ = roc_curve(outcome, probability)
    return float(np.max(true_positive_rate - false_positive_rate))


def _classification_metrics() -> Iterator[Metric]:
    yield Metric("roc_auc", "AUC", greater_is_better=True, value=roc_auc_score)
    yield Metric("gini", "Gini", greater_is_better=True, value=_gini)
    yield Metric("ks", "KS", greater_is_better=True, value=_ks, value_by_counts=ranking.ks)
    yield Metric(
        "brier",
        "Brier score",
        greater_is_better=False,
        value=brier_score_loss,
        value_by_counts=of_probability.brier,
    )
    yield Metric(
        "log_loss",
        "log loss",
        greater_is_better=False,
        value=log_loss,
        value_by_counts=of_probability.log_loss,
    )
    yield Metric(
        "average_precision",
        "average precision",
        greater_is_better=True,
        value=average_precision_score,
        value_by_counts=ranking.average_precision,
    )
    yield _counted("h_measure", "H-measure", ranking.h_measure)
    yield _counted("lift_at_decile", "lift of the riskiest tenth", ranking.lift_at_decile)
    yield _counted(
        "expected_calibration_error",
        "expected calibration error",
        of_probability.expected_calibration_error,
        greater_is_better=False,
    )
    slope = _counted("calibration_slope", "calibration slope", recalibration.calibration_slope)
    yield replace(slope, greater_is_better=False, target=1.0, interval=recalibration.slope_interval)
    intercept = _counted("calibration_intercept", "calibration intercept", recalibration.calibration_intercept)
    yield replace(intercept, greater_is_better=False, target=0.0, interval=recalibration.intercept_interval)


def _regression_metrics() -> Iterator[Metric]:
    explained = _of_values("r2", "R²", regression.r2, regression.r2_interval, regression.r2_influence)
    yield replace(explained, greater_is_better=True)
    error = _of_values("mae", "mean absolute error", regression.mae, regression.mae_interval, regression.mae_influence)
    yield error
    yield _of_values(
        "rmse",
        "root mean squared error",
        regression.rmse,
        regression.rmse_interval,
        regression.rmse_influence,
    )
    yield replace(error, name="mase", label="error over that of the naive forecast", scaled=True)


def _of_values(
    name: str,
    label: str,
    value: Callable[..., float],
    interval: Callable[[Sample], Interval],
    influence: regression.InfluenceFunction,
) -> Metric:
    return Metric(
        name, label, greater_is_better=False, value=value, interval=interval, influence=influence, task="regression"
    )


def _counted(name: str, label: str, by_counts: ByCounts, *, greater_is_better: bool = True) -> Metric:
    return Metric(name, label, greater_is_better, partial(_of_one_sample, by_counts), by_counts)


def _of_one_sample(by_counts: ByCounts, outcome: Outcome, probability: Probability) -> float:
    return float(by_counts(count(outcome, probability))[0])


METRICS: Mapping[str, Metric] = MappingProxyType(
    {m.name: m for m in (*_classification_metrics(), *_regression_metrics())}
)
"""Every metric by its name; there is no other list of metrics."""
