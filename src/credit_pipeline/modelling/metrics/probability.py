"""How far probabilities of default are from the outcomes: metrics of many samples at once, each of shape (b,)."""

from typing import Final

import numpy as np

from credit_pipeline.core import Values
from credit_pipeline.modelling.metrics.counts import Counts

_BINS: Final = 10


def brier(counts: Counts) -> Values:
    """Mean squared error.

    >>> brier(Counts(np.array([0.0, 0.5]), defaults=np.array([[0, 1]]), payers=np.array([[1, 0]])))
    array([0.125])
    """
    return _mean_loss(counts, (1 - counts.probability) ** 2, counts.probability**2)


def log_loss(counts: Counts) -> Values:
    """Mean negative log-likelihood, probabilities clipped to the machine epsilon from 0 and 1.

    >>> log_loss(Counts(np.array([0.5]), defaults=np.array([[1]]), payers=np.array([[1]]))).round(4)
    array([0.6931])
    """
    epsilon = np.finfo(np.float64).eps
    p = counts.probability
    return _mean_loss(counts, -np.log(p.clip(epsilon, 1 - epsilon)), -np.log((1 - p).clip(epsilon, 1 - epsilon)))


def _mean_loss(counts: Counts, of_default: Values, of_payer: Values) -> Values:
    # Not a matrix product: BLAS sums in another order on another number of threads.
    total = (counts.defaults * of_default).sum(axis=1) + (counts.payers * of_payer).sum(axis=1)
    return np.asarray(total / (counts.defaults.sum(axis=1) + counts.payers.sum(axis=1)))


def expected_calibration_error(counts: Counts) -> Values:
    r"""Mean distance between predicted and observed default rate over ten bins of equal size, 0 to 1.

    .. math:: \mathrm{ECE} = \sum_k \frac{n_k}{n} \left|\bar y_k - \bar p_k\right|

    :math:`n_k, \bar y_k, \bar p_k` are rows, default rate and mean probability of bin k, n all rows. Each bin has a
    tenth of the rows, by rising probability; rows with equal probabilities share a bin, so ties leave fewer bins. It is
    above 0 even if every probability is right, by about :math:`\sqrt{20\, p (1 - p) / \pi n}` for rates near p.

    Parameters
    ----------
    counts
        b samples of n rows each.

    References
    ----------
    M. Naeini, G. Cooper, M. Hauskrecht, *Proceedings of AAAI* 29 (2015) 2901-2907.

    Examples
    --------
    Half of the rows at 0.2 default, and none at 0.4: the errors are 0.3 and 0.4.

    >>> expected_calibration_error(Counts(np.array([0.2, 0.4]), np.array([[5, 0]]), np.array([[5, 10]]))).round(3)
    array([0.35])
    """
    rows = counts.defaults + counts.payers
    samples, n = len(rows), int(rows[0].sum())
    last_of_bin = (np.arange(1, _BINS) * n // _BINS - 1).clip(0)
    bins = np.searchsorted(last_of_bin, rows.cumsum(axis=1) - rows, side="left")
    cell = bins + _BINS * np.arange(samples)[:, None]
    excess = counts.defaults - rows * counts.probability
    by_bin = np.bincount(cell.ravel(), weights=excess.ravel(), minlength=_BINS * samples).reshape(samples, _BINS)
    return np.asarray(np.abs(by_bin).sum(axis=1) / n)
