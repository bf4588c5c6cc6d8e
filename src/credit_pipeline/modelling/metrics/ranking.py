"""How well probabilities of default rank: metrics of many samples at once, each of shape (b,)."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from credit_pipeline.core import Values
from credit_pipeline.modelling.metrics.counts import Counts

DECILE: Final = 0.1


def ks(counts: Counts) -> Values:
    """Kolmogorov-Smirnov distance, payers below defaults.

    >>> ks(Counts(np.array([0.1, 0.8]), defaults=np.array([[1, 3]]), payers=np.array([[3, 1]])))
    array([0.5])
    """
    gap = _cumulative_share(counts.payers)
    gap -= _cumulative_share(counts.defaults)
    return np.asarray(gap.max(axis=1))


def _cumulative_share(counted: NDArray[np.int64]) -> Values:
    cumulative = counted.cumsum(axis=1)
    return np.asarray(cumulative / cumulative[:, -1:])


def average_precision(counts: Counts) -> Values:
    """Precision at falling cut-offs, averaged over the defaults.

    >>> average_precision(Counts(np.array([0.1, 0.8]), defaults=np.array([[1, 1]]), payers=np.array([[2, 0]])))
    array([0.75])
    """
    defaults, payers = counts.defaults[:, ::-1], counts.payers[:, ::-1]
    found = defaults.cumsum(axis=1)
    # A resample may leave the highest probabilities empty: 0 of 0 rows, with a recall step of 0.
    precision = found / np.maximum(found + payers.cumsum(axis=1), 1)
    return np.asarray((precision * defaults).sum(axis=1) / found[:, -1])


def lift_at_decile(counts: Counts) -> Values:
    """Default rate of the riskiest tenth of the applicants over that of all, 0 to 10.

    Applicants with equal probabilities are taken in random order: where the tenth divides such a group, its mean
    default rate counts.

    Parameters
    ----------
    counts
        b samples.

    References
    ----------
    N. Siddiqi, *Intelligent Credit Scoring*, 2nd ed., Wiley 2017, chapter 12.

    Examples
    --------
    Of ten applicants two default, and the riskiest is one of them:

    >>> lift_at_decile(Counts(np.array([0.1, 0.8]), defaults=np.array([[1, 1]]), payers=np.array([[8, 0]])))
    array([5.])
    """
    rows = counts.defaults + counts.payers
    riskier = rows[:, ::-1].cumsum(axis=1)[:, ::-1] - rows
    wanted = DECILE * rows.sum(axis=1, keepdims=True) - riskier
    taken = np.clip(wanted / np.maximum(rows, 1), 0, 1)
    found = (taken * counts.defaults).sum(axis=1)
    return np.asarray(found / counts.defaults.sum(axis=1) / DECILE)


def h_measure(counts: Counts) -> Values:
    r"""Hand's H: the share of the loss without a ranking that the ranking saves, 0 to 1.

    A default that is approved costs 1 - c, a payer who is refused costs c. The right c is not known, only its
    distribution: :math:`u(c) = 6 c (1 - c)`, the beta(2, 2) density. The loss L of the best cut-off for each c,
    averaged over c, is compared with :math:`L_0`, the loss of approving or refusing everyone.

    .. math:: H = 1 - \frac{L}{L_0}, \qquad L = \int_0^1 \min_t \left[c\, \pi_0 (1 - F_0(t)) + (1 - c)\, \pi_1 F_1(t)
              \right] u(c)\, dc = \frac{1}{n} \sum_i \frac{q_i (1 + q_i)}{2}, \quad q_i = r_i (1 - r_i)

    :math:`\pi, F` are share and cumulative share at or below the cut-off t of payers (0) and defaults (1), n the rows.
    The sum is the closed form of the integral: :math:`r_i` is the default rate that isotonic regression on the
    probability gives row i, the slope of the convex hull of the ROC curve; row i is refused if :math:`c < r_i`.
    :math:`L_0` uses the default rate of all rows instead. A model that ranks in the wrong order has H = 0.

    Parameters
    ----------
    counts
        b samples.

    References
    ----------
    D. Hand, *Machine Learning* 77 (2009) 103-123, with its beta(2, 2). D. Hand, C. Anagnostopoulos, *Pattern
    Recognition Letters* 40 (2014) 41-46, centre the density on the default rate instead, which gives another value.

    Examples
    --------
    Outcomes 0, (1, 0), 1 by rising probability: the two in the middle are tied, the others are certain.

    >>> h_measure(Counts(np.arange(4) / 4, defaults=np.array([[0, 1, 0, 1]]), payers=np.array([[1, 0, 1, 0]])))
    array([0.5])
    """
    samples = zip(counts.defaults, counts.payers, strict=True)
    return np.array([_h_measure(defaults, payers) for defaults, payers in samples])


def _h_measure(defaults: NDArray[np.int64], payers: NDArray[np.int64]) -> float:
    rows = defaults + payers
    present = rows > 0
    defaults, rows = defaults[present], rows[present]
    rate = isotonic_regression(defaults / rows, weights=rows).x
    no_ranking = _expected_loss(np.array(defaults.sum() / rows.sum()))
    return float(1 - (rows * _expected_loss(rate)).sum() / rows.sum() / no_ranking)


def _expected_loss(rate: Values) -> Values:
    variance = rate * (1 - rate)
    return np.asarray(variance * (1 + variance) / 2)
