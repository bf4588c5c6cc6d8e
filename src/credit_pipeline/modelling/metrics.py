"""How good a probability of default is: the metrics, each with its direction and its point value."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score, roc_curve

Outcome = NDArray[np.int_]
Probability = NDArray[np.float64]


@dataclass(frozen=True)
class Counts:
    """Defaults and payers of one or many samples, counted by distinct probability of default.

    Attributes
    ----------
    probability
        Shape (g,): the distinct probabilities of default, ascending.
    defaults, payers
        Shape (b, g): how many rows of each outcome each of the b samples has at each probability.
    """

    probability: Probability
    defaults: NDArray[np.int64]
    payers: NDArray[np.int64]


@dataclass(frozen=True)
class Metric:
    """A metric: its name in tables, its label in figures, its direction and how it is computed.

    Attributes
    ----------
    name, label
        The name in YAML, tracking and tables; the words of a figure.
    greater_is_better
        Whether a greater value is a better model.
    value
        Point value of (outcome, probability of default).
    value_by_counts
        The same value for many samples at once, shape (b,): what the bootstrap resamples.
        None for a metric whose interval has a closed form.
    """

    name: str
    label: str
    greater_is_better: bool
    value: Callable[[Outcome, Probability], float]
    value_by_counts: Callable[[Counts], NDArray[np.float64]] | None = None


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


def count(outcome: Outcome, probability: Probability) -> Counts:
    """Count defaults and payers by distinct probability of default: one sample, so the counts have shape (1, g).

    Examples
    --------
    >>> count(np.array([0, 1, 1]), np.array([0.2, 0.2, 0.7])).defaults
    array([[1, 1]])
    """
    distinct, group = np.unique(probability, return_inverse=True)
    defaults = np.bincount(group, weights=outcome, minlength=len(distinct)).astype(np.int64)
    return Counts(distinct, defaults[None, :], (np.bincount(group) - defaults)[None, :])


def _gini(outcome: Outcome, probability: Probability) -> float:
    return 2 * float(roc_auc_score(outcome, probability)) - 1


def _ks(outcome: Outcome, probability: Probability) -> float:
    false_positive_rate, true_positive_rate, _ = roc_curve(outcome, probability)
    return float(np.max(true_positive_rate - false_positive_rate))


def _ks_by_counts(counts: Counts) -> NDArray[np.float64]:
    gap = _cumulative_share(counts.payers)
    gap -= _cumulative_share(counts.defaults)
    return np.asarray(gap.max(axis=1))


def _cumulative_share(counted: NDArray[np.int64]) -> NDArray[np.float64]:
    cumulative = counted.cumsum(axis=1)
    return np.asarray(cumulative / cumulative[:, -1:])


def _brier_by_counts(counts: Counts) -> NDArray[np.float64]:
    return _mean_loss(counts, (1 - counts.probability) ** 2, counts.probability**2)


def _log_loss_by_counts(counts: Counts) -> NDArray[np.float64]:
    epsilon = np.finfo(np.float64).eps
    p = counts.probability
    return _mean_loss(counts, -np.log(p.clip(epsilon, 1 - epsilon)), -np.log((1 - p).clip(epsilon, 1 - epsilon)))


def _mean_loss(counts: Counts, of_default: NDArray[np.float64], of_payer: NDArray[np.float64]) -> NDArray[np.float64]:
    # Not a matrix product: BLAS sums in another order on another number of threads.
    total = (counts.defaults * of_default).sum(axis=1) + (counts.payers * of_payer).sum(axis=1)
    return np.asarray(total / (counts.defaults.sum(axis=1) + counts.payers.sum(axis=1)))


def _average_precision_by_counts(counts: Counts) -> NDArray[np.float64]:
    defaults, payers = counts.defaults[:, ::-1], counts.payers[:, ::-1]
    found = defaults.cumsum(axis=1)
    # A resample may leave the highest probabilities empty: 0 of 0 rows, with a recall step of 0.
    precision = found / np.maximum(found + payers.cumsum(axis=1), 1)
    return np.asarray((precision * defaults).sum(axis=1) / found[:, -1])


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("roc_auc", "AUC", greater_is_better=True, value=roc_auc_score),
        Metric("gini", "Gini", greater_is_better=True, value=_gini),
        Metric("ks", "KS", greater_is_better=True, value=_ks, value_by_counts=_ks_by_counts),
        Metric(
            "brier",
            "Brier score",
            greater_is_better=False,
            value=brier_score_loss,
            value_by_counts=_brier_by_counts,
        ),
        Metric(
            "log_loss",
            "log loss",
            greater_is_better=False,
            value=log_loss,
            value_by_counts=_log_loss_by_counts,
        ),
        Metric(
            "average_precision",
            "average precision",
            greater_is_better=True,
            value=average_precision_score,
            value_by_counts=_average_precision_by_counts,
        ),
    )
}
"""Every metric by its name, the only list of them."""
