"""The weight of evidence of a bin, and its part of the information value."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]
# A bin without events or without non-events is counted with half a row of them, so that its weight stays finite.
_HALF_A_ROW = 0.5


def weights_of_evidence(count: ArrayLike, events: ArrayLike) -> Values:
    r"""Give the weight of evidence of each bin.

    .. math:: \mathrm{WoE}_i = \ln \frac{n_{0,i} / n_0}{n_{1,i} / n_1}

    :math:`n_{0,i}, n_{1,i}` are non-events and events of bin i, :math:`n_0, n_1` of all bins; a high weight is safe.
    If one of them is 0 in a bin that has rows, half a row is used instead; a bin without rows weighs 0.

    Parameters
    ----------
    count, events
        Rows and events of each bin, shape (bins,).

    References
    ----------
    N. Siddiqi, *Intelligent Credit Scoring*, 2nd ed., Wiley 2017, chapter 10.

    Examples
    --------
    >>> weights_of_evidence([100, 100], [20, 5]).round(3).tolist()
    [-0.56, 0.999]
    """
    total, bad = np.asarray(count, dtype=np.float64), np.asarray(events, dtype=np.float64)
    good = total - bad
    shares = np.maximum(good, _HALF_A_ROW) / max(good.sum(), 1.0), np.maximum(bad, _HALF_A_ROW) / max(bad.sum(), 1.0)
    weights: Values = np.where(total > 0, np.log(shares[0] / shares[1]), 0.0)
    return weights


def information_values(count: ArrayLike, events: ArrayLike) -> Values:
    r"""Give each bin's part of the information value: :math:`(n_{0,i} / n_0 - n_{1,i} / n_1) \, \mathrm{WoE}_i`.

    >>> float(information_values([100, 100], [20, 5]).sum().round(3))
    0.534
    """
    total, bad = np.asarray(count, dtype=np.float64), np.asarray(events, dtype=np.float64)
    good = total - bad
    gap = good / max(good.sum(), 1.0) - bad / max(bad.sum(), 1.0)
    parts: Values = gap * weights_of_evidence(count, events)
    return parts
