"""How good a probability of default is: the metrics, each with its direction and its point value."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score, roc_curve

from credit_pipeline.modelling import calibration_metrics, ranking_metrics
from credit_pipeline.modelling import logistic_recalibration as recalibration
from credit_pipeline.modelling.counts import Counts, Outcome, Probability, count

__all__ = [
    "METRICS",
    "Counts",
    "Metric",
    "Outcome",
    "Probability",
    "checked",
    "count",
    "metric_named",
    "score",
    "score_all",
]

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
    """

    name: str
    label: str
    greater_is_better: bool
    value: Callable[[Outcome, Probability], float]
    value_by_counts: ByCounts | None = None
    target: float | None = None
    interval: Callable[[Outcome, Probability], Interval] | None = None

    def goodness(self, values: ArrayLike) -> NDArray[np.float64]:
        """Turn values of the metric so that greater is better, of a metric with a target minus the distance to it.

        >>> METRICS["brier"].goodness([0.1, 0.2]), METRICS["calibration_slope"].goodness([0.5, 1.25])
        (array([-0.1, -0.2]), array([-0.5 , -0.25]))
        """
        found = np.asarray(values, dtype=np.float64)
        if self.target is not None:
            return -np.abs(found - self.target)
        return found if self.greater_is_better else -found


def score(name: str, outcome: Outcome, probability: Probability) -> float:
    r"""Give the value of one metric.

    With :math:`y_i` the outcome, :math:`p_i` the probability of default, n rows of which :math:`n_1` default:

    * ``roc_auc``: share of the (default, payer) pairs in which the default has the greater p; a tie counts one half.
    * ``gini``: :math:`2\,\mathrm{AUC} - 1`.
    * ``ks``: :math:`\max_t [F_0(t) - F_1(t)]`, F the cumulative share of payers (0) and of defaults (1) at or below t.
      This is the Kolmogorov-Smirnov distance in the direction of a useful model: a model that ranks upside down gets
      no credit for it.
    * ``brier``: :math:`\frac1n \sum_i (y_i - p_i)^2`.
    * ``log_loss``: :math:`-\frac1n \sum_i [y_i \ln p_i + (1 - y_i) \ln(1 - p_i)]`, p held off 0 and 1 by the machine
      epsilon, so that one certain error costs 36 and not infinity.
    * ``average_precision``: :math:`\sum_t (R_t - R_{t-1}) P_t`, recall R and precision P at falling cut-offs t.
    * ``h_measure``, ``lift_at_decile``: see ``ranking_metrics``.
    * ``expected_calibration_error``: see ``calibration_metrics``.
    * ``calibration_slope``, ``calibration_intercept``: see ``logistic_recalibration``; they have a target, 1 and 0.

    Parameters
    ----------
    name
        A key of ``METRICS``.
    outcome
        Shape (n,), 0 or 1, 1 = default. Both must occur.
    probability
        Shape (n,), probability of default, 0 to 1, none missing.

    Raises
    ------
    ValueError
        The name is unknown, the shapes differ, a value is missing or out of range, or only one outcome occurs.

    References
    ----------
    L. Thomas, J. Crook, D. Edelman, *Credit Scoring and Its Applications*, 2nd ed., SIAM 2017, chapter 8.

    Examples
    --------
    Of the four (default, payer) pairs three are in order:

    >>> score("roc_auc", np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.3, 0.8]))
    0.75
    """
    return score_all([name], outcome, probability)[name]


def score_all(names: Iterable[str], outcome: Outcome, probability: Probability) -> dict[str, float]:
    """Give the values of several metrics by their names; see ``score``.

    Examples
    --------
    >>> score_all(["gini", "brier"], np.array([0, 1]), np.array([0.0, 0.5]))
    {'gini': 1.0, 'brier': 0.125}
    """
    metrics = [metric_named(name) for name in names]
    outcome, probability = checked(outcome, probability)
    return {metric.name: float(metric.value(outcome, probability)) for metric in metrics}


def metric_named(name: str) -> Metric:
    """Give the metric of that name.

    Raises
    ------
    ValueError
        There is none.
    """
    if name not in METRICS:
        raise ValueError(f"unknown metric '{name}'; known: {', '.join(METRICS)}")
    return METRICS[name]


def checked(outcome: Outcome, probability: Probability) -> tuple[Outcome, Probability]:
    """Give both as arrays that a metric can be computed on.

    Parameters
    ----------
    outcome, probability
        As in ``score``.

    Raises
    ------
    ValueError
        As in ``score``. The message says how many rows are at fault, never their values.
    """
    outcome, probability = np.asarray(outcome), np.asarray(probability, dtype=np.float64)
    if outcome.ndim != 1 or outcome.shape != probability.shape:
        raise ValueError(
            f"outcome and probability are one column each, got shapes {outcome.shape}, {probability.shape}"
        )
    _require(np.isin(outcome, (0, 1)), "outcomes are 0 or 1")
    _require(np.isfinite(probability), "probabilities are finite")
    _require((probability >= 0) & (probability <= 1), "probabilities lie between 0 and 1")
    if len(classes := np.unique(outcome)) != 2:  # noqa: PLR2004 - default and payer
        raise ValueError(f"both outcomes, 0 and 1, must occur, got {classes.tolist()} in {len(outcome)} rows")
    return outcome.astype(np.int_), probability


def _require(holds: NDArray[np.bool_], rule: str) -> None:
    if not holds.all():
        raise ValueError(f"{rule}, {np.count_nonzero(~holds)} of {len(holds)} rows are not")


def _gini(outcome: Outcome, probability: Probability) -> float:
    return 2 * float(roc_auc_score(outcome, probability)) - 1


def _ks(outcome: Outcome, probability: Probability) -> float:
    false_positive_rate, true_positive_rate, _ = roc_curve(outcome, probability)
    return float(np.max(true_positive_rate - false_positive_rate))


def _metrics() -> Iterator[Metric]:
    yield Metric("roc_auc", "AUC", greater_is_better=True, value=roc_auc_score)
    yield Metric("gini", "Gini", greater_is_better=True, value=_gini)
    yield Metric("ks", "KS", greater_is_better=True, value=_ks, value_by_counts=ranking_metrics.ks)
    yield Metric(
        "brier",
        "Brier score",
        greater_is_better=False,
        value=brier_score_loss,
        value_by_counts=calibration_metrics.brier,
    )
    yield Metric(
        "log_loss",
        "log loss",
        greater_is_better=False,
        value=log_loss,
        value_by_counts=calibration_metrics.log_loss,
    )
    yield Metric(
        "average_precision",
        "average precision",
        greater_is_better=True,
        value=average_precision_score,
        value_by_counts=ranking_metrics.average_precision,
    )
    yield _counted("h_measure", "H-measure", ranking_metrics.h_measure)
    yield _counted("lift_at_decile", "lift of the riskiest tenth", ranking_metrics.lift_at_decile)
    yield _counted(
        "expected_calibration_error",
        "expected calibration error",
        calibration_metrics.expected_calibration_error,
        greater_is_better=False,
    )
    slope = _counted("calibration_slope", "calibration slope", recalibration.calibration_slope)
    yield replace(slope, greater_is_better=False, target=1.0, interval=recalibration.slope_interval)
    intercept = _counted("calibration_intercept", "calibration intercept", recalibration.calibration_intercept)
    yield replace(intercept, greater_is_better=False, target=0.0, interval=recalibration.intercept_interval)


def _counted(name: str, label: str, by_counts: ByCounts, *, greater_is_better: bool = True) -> Metric:
    return Metric(name, label, greater_is_better, partial(_of_one_sample, by_counts), by_counts)


def _of_one_sample(by_counts: ByCounts, outcome: Outcome, probability: Probability) -> float:
    return float(by_counts(count(outcome, probability))[0])


METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _metrics()}
"""Every metric by its name, the only list of them."""
