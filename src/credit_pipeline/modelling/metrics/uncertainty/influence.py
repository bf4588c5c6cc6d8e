"""The interval of a statistic from the influence of each row on it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from credit_pipeline.core import Interval, Values

_COVERED: Final = 0.975


def interval(value: float, influence: Values, cluster: NDArray[np.intp] | None = None) -> Interval:
    r"""Give the 95 % interval of a statistic from the influence of each row on it.

    .. math:: \hat\theta \pm t_{C-1} \frac1n \sqrt{\frac{C}{C-1} \sum_{c=1}^C \Big(\sum_{i \in c} \phi_i\Big)^2}

    with n rows in C clusters, :math:`\phi_i` the influence of row i and t the 97.5 % point of Student's distribution.
    The errors of rows in one cluster (the hours of one forecast, the loans of one borrower) are correlated. Treating
    these rows as independent would make the interval too narrow.

    Parameters
    ----------
    value
        The statistic.
    influence
        Shape (n,), mean 0.
    cluster
        Shape (n,): a whole number from 0 for each cluster. By default every row is a cluster.

    References
    ----------
    K.-Y. Liang, S. Zeger, *Biometrika* 73 (1986) 13-22. F. Hampel, *Journal of the American Statistical Association* 69
    (1974) 383-393, the influence.

    Examples
    --------
    >>> print("{:.2f} to {:.2f}".format(*interval(2.0, np.array([-1.0, 1.0, -1.0, 1.0]))))
    0.16 to 3.84
    """
    error, freedom = standard_error(influence, cluster)
    if freedom == 0:
        return -np.inf, np.inf
    margin = float(student.ppf(_COVERED, freedom)) * error
    return value - margin, value + margin


def standard_error(influence: Values, cluster: NDArray[np.intp] | None = None) -> tuple[float, int]:
    """Give the standard error of ``interval`` and its degrees of freedom; with 0 degrees the error is infinite."""
    summed = influence if cluster is None else np.bincount(cluster, weights=influence)
    clusters = len(summed) if cluster is None else len(np.unique(cluster))
    if clusters < 2:  # noqa: PLR2004  # one cluster has no variance
        return np.inf, 0
    return float(np.sqrt(clusters / (clusters - 1) * np.sum(summed**2)) / len(influence)), clusters - 1
