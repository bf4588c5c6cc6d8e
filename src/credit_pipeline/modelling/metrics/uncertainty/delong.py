"""DeLong: the sampling error of the AUC, and of the difference of two AUCs on the same rows."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

from credit_pipeline.core import Difference, Interval, Outcome, Probability
from credit_pipeline.modelling.metrics.sample import Sample, require_same_rows
from credit_pipeline.modelling.metrics.uncertainty.influence import standard_error

Z: Final = 1.959963984540054
"""Quantile of the normal distribution behind every 95 % interval."""


@dataclass(frozen=True)
class _Placements:
    """For each default the share of payers below it, for each payer the share of defaults above it; ties count half."""

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


def require_variance(sample: Sample) -> Sample:
    """Give a sample of a classification as ``Sample.checked`` does, with enough of each outcome for an interval.

    Raises
    ------
    ValueError
        As in ``Sample.checked``, or there are fewer than two defaults or payers.
    """
    found = sample.checked("classification")
    defaults = int(found.outcome.sum())
    if min(defaults, payers := len(found) - defaults) < 2:  # noqa: PLR2004 - one row has no variance
        raise ValueError(f"an interval needs 2 defaults and 2 payers at least, got {defaults} and {payers}")
    return found


def auc_interval(sample: Sample) -> Interval:
    r"""Give the 95 % interval of the AUC on the logit scale: always within 0 to 1, with good coverage near both ends.

    .. math:: \operatorname{logit}^{-1}\left(\operatorname{logit} A \pm z \frac{s}{A (1 - A)}\right), \quad
              s^2 = \frac{\operatorname{var} V_1}{n_1} + \frac{\operatorname{var} V_0}{n_0}

    with A the AUC, z the normal quantile 1.96, :math:`V_1` for each of the :math:`n_1` defaults the share of payers
    with a smaller probability, :math:`V_0` for each of the :math:`n_0` payers the share of defaults with a greater one,
    a tie counting one half. A perfect ranking has no variance: both bounds are the AUC.

    The errors of rows in one cluster, such as the loans of a borrower, are correlated. With C clusters the variance is
    Obuchowski's,

    .. math:: s^2 = \frac{C}{C - 1} \sum_c \left(\sum_{i \in c,\, y_i = 1} \frac{V_{1,i} - A}{n_1} +
              \sum_{j \in c,\, y_j = 0} \frac{V_{0,j} - A}{n_0}\right)^2

    Parameters
    ----------
    sample
        Outcomes 0 and 1, at least two of each, and probabilities of default.

    Raises
    ------
    ValueError
        A value is missing or out of range, or there are fewer than two defaults or payers.

    References
    ----------
    E. DeLong, D. DeLong, D. Clarke-Pearson, *Biometrics* 44 (1988) 837-845. X. Sun, W. Xu, *IEEE Signal Processing
    Letters* 21 (2014) 1389-1393, the computation in O(n log n). M. Pepe, *The Statistical Evaluation of Medical Tests
    for Classification and Prediction*, Oxford 2003, section 5.2, the logit scale. N. Obuchowski, *Biometrics* 53 (1997)
    567-578, clustered rows.

    Examples
    --------
    >>> lower, upper = auc_interval(Sample(np.array([0, 0, 0, 1, 1]), np.array([0.1, 0.2, 0.6, 0.4, 0.9])))
    >>> print(f"{lower:.3f} to {upper:.3f}")
    0.152 to 0.993
    """
    sample = require_variance(sample)
    placements = _placements(sample)
    auc = placements.mean
    if auc in (0.0, 1.0):
        return auc, auc
    margin = Z * _error(placements, sample) / (auc * (1 - auc))
    return float(expit(logit(auc) - margin)), float(expit(logit(auc) + margin))


def _error(placements: _Placements, sample: Sample) -> float:
    if sample.cluster is None:
        return placements.standard_error
    return _clustered_error(placements, sample.outcome, sample.cluster)


def _clustered_error(placements: _Placements, outcome: Outcome, cluster: NDArray[np.intp]) -> float:
    influence = np.empty(len(outcome))
    for kind, placed in ((1, placements.of_defaults), (0, placements.of_payers)):
        influence[outcome == kind] = (placed - placements.mean) * len(outcome) / len(placed)
    return standard_error(influence, cluster)[0]


def delong_difference(one: Sample, other: Sample) -> Difference:
    r"""Compare the AUC of two models on the same rows.

    .. math:: p = 2\, \Phi\left(-\frac{|A_a - A_b|}{s}\right), \quad
              s^2 = \frac{\operatorname{var}(V_1^a - V_1^b)}{n_1} + \frac{\operatorname{var}(V_0^a - V_0^b)}{n_0}

    with A, V, n and z as in ``auc_interval``. The interval is :math:`A_a - A_b \pm z s`, clipped to -1 and 1. Two
    models with the same ranking have s = 0 and the p-value 1.

    With clusters :math:`s^2` is Obuchowski's, as in ``auc_interval`` with :math:`V^a - V^b` for V and
    :math:`A_a - A_b` for A. One cluster has no variance: its interval is -1 to 1, its p-value 1.

    Parameters
    ----------
    one, other
        Models a and b: the same rows, with the probabilities of default of each.

    Raises
    ------
    ValueError
        As in ``auc_interval``, or the rows are not the same.

    References
    ----------
    As for ``auc_interval``.

    Examples
    --------
    >>> one = Sample(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9]))
    >>> delong_difference(one, one.answered(np.array([0.1, 0.8, 0.2, 0.9]))).value
    0.25
    """
    one, other = require_variance(one), other.checked("classification")
    require_same_rows(one, other)
    gap = _placements(one) - _placements(other)
    error = _error(gap, one)
    lower, upper = max(gap.mean - Z * error, -1.0), min(gap.mean + Z * error, 1.0)
    return Difference(gap.mean, lower, upper, _two_sided_p_value(gap.mean, error))


def _two_sided_p_value(difference: float, error: float) -> float:
    if error == 0:
        return float(difference == 0)
    return float(2 * ndtr(-abs(difference) / error))


def _placements(sample: Sample) -> _Placements:
    defaults, payers = sample.answer[sample.outcome == 1], sample.answer[sample.outcome == 0]
    return _Placements(share_below(defaults, payers), 1 - share_below(payers, defaults))


def share_below(values: Probability, others: Probability) -> NDArray[np.float64]:
    """Give for each value the share of the others below it; a tie counts one half.

    >>> share_below(np.array([0.2, 0.9]), np.array([0.1, 0.2]))
    array([0.75, 1.  ])
    """
    ordered = np.sort(others)
    below, not_above = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    return np.asarray((below + not_above) / (2 * len(others)))
