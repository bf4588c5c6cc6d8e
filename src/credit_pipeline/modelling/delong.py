"""DeLong: the sampling error of the AUC, and of the difference between two on the same rows."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

from credit_pipeline.modelling.metrics import Outcome, Probability, checked

Interval = tuple[float, float]

Z: Final = 1.959963984540054
"""Quantile of the normal distribution behind every 95 % interval."""


@dataclass(frozen=True)
class Difference:
    """AUC of model a less AUC of model b on the same rows, its 95 % interval and its two-sided p-value.

    ``n`` counts the rows, ``events`` the defaults among them.
    """

    difference: float
    lower: float
    upper: float
    p_value: float
    n: int
    events: int


@dataclass(frozen=True)
class _Placements:
    """For each default the share of payers below it, for each payer the share of defaults above it; ties are halves."""

    of_defaults: NDArray[np.float64]
    of_payers: NDArray[np.float64]

    def __sub__(self, other: "_Placements") -> "_Placements":
        return _Placements(self.of_defaults - other.of_defaults, self.of_payers - other.of_payers)

    @property
    def mean(self) -> float:
        return float(self.of_defaults.mean())

    @property
    def standard_error(self) -> float:
        """DeLong's, from the sample variances of both sets of placements."""
        parts = (self.of_defaults, self.of_payers)
        return float(np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts)))


def delong_difference(outcome: Outcome, probability_a: Probability, probability_b: Probability) -> Difference:
    r"""Compare the AUC of two models on the same rows.

    .. math:: z = \frac{A_a - A_b}{s}, \quad
              s^2 = \frac{\operatorname{var}(V_1^a - V_1^b)}{n_1} + \frac{\operatorname{var}(V_0^a - V_0^b)}{n_0}

    with A, V and n as in ``estimate``. The interval is :math:`A_a - A_b \pm 1.96\, s`, clipped to -1 and 1. Two models
    that rank every row alike have s = 0 and the p-value 1.

    Parameters
    ----------
    outcome
        Shape (n,), 0 or 1, 1 = default; at least two of each.
    probability_a, probability_b
        Shape (n,): probability of default by each model, 0 to 1.

    Raises
    ------
    ValueError
        As in ``estimate``.

    References
    ----------
    As for ``roc_auc`` in ``estimate``.

    Examples
    --------
    >>> outcome = np.array([0, 0, 1, 1])
    >>> delong_difference(outcome, np.array([0.1, 0.2, 0.8, 0.9]), np.array([0.1, 0.8, 0.2, 0.9])).difference
    0.25
    """
    outcome, probability_a = _with_variance(*checked(outcome, probability_a))
    _, probability_b = checked(outcome, probability_b)
    gap = _placements(outcome, probability_a) - _placements(outcome, probability_b)
    margin = _Z * gap.standard_error
    lower, upper = max(gap.mean - margin, -1.0), min(gap.mean + margin, 1.0)
    return Difference(gap.mean, lower, upper, _two_sided_p_value(gap), len(outcome), int(outcome.sum()))


def _two_sided_p_value(gap: _Placements) -> float:
    if gap.standard_error == 0:
        return float(gap.mean == 0)
    return float(2 * ndtr(-abs(gap.mean) / gap.standard_error))


def _placements(outcome: Outcome, probability: Probability) -> _Placements:
    defaults, payers = probability[outcome == 1], probability[outcome == 0]
    return _Placements(_share_below(defaults, payers), 1 - _share_below(payers, defaults))


def _share_below(values: Probability, others: Probability) -> NDArray[np.float64]:
    ordered = np.sort(others)
    below, not_above = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    return np.asarray((below + not_above) / (2 * len(others)))


def _auc_bounds(placements: _Placements) -> Interval:
    auc = placements.mean
    if auc in (0.0, 1.0):
        return auc, auc
    margin = _Z * placements.standard_error / (auc * (1 - auc))
    return float(expit(logit(auc) - margin)), float(expit(logit(auc) + margin))


def _with_variance(outcome: Outcome, probability: Probability) -> tuple[Outcome, Probability]:
    if (rarest := min(outcome.sum(), len(outcome) - outcome.sum())) < 2:  # noqa: PLR2004 - one row has no variance
        raise ValueError(f"an interval needs at least 2 defaults and 2 payers, got {rarest} of one of them")
    return outcome, probability


