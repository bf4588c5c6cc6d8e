"""How good a predicted value is: the metrics of a regression, each with an interval in closed form."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

Values = NDArray[np.float64]
Interval = tuple[float, float]
_COVERED: Final = 0.975


def r2(observed: Values, predicted: Values) -> float:
    r"""Share of the variance that is explained, :math:`1 - \sum_i e_i^2 / \sum_i (y_i - \bar y)^2`; 1 at best.

    >>> r2(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.0]))
    0.5
    """
    return float(r2_score(observed, predicted))


def mae(observed: Values, predicted: Values) -> float:
    r"""Mean absolute error, :math:`\frac1n \sum_i |e_i|`, in the unit of the target.

    >>> mae(np.array([1.0, 2.0]), np.array([2.0, 4.0]))
    1.5
    """
    return float(mean_absolute_error(observed, predicted))


def rmse(observed: Values, predicted: Values) -> float:
    r"""Root of the mean squared error, :math:`\sqrt{\frac1n \sum_i e_i^2}`, in the unit of the target.

    >>> rmse(np.array([1.0, 2.0]), np.array([1.0, 4.0])) ** 2
    2.0000000000000004
    """
    return float(root_mean_squared_error(observed, predicted))


def mae_interval(observed: Values, predicted: Values, cluster: NDArray[np.intp] | None = None) -> Interval:
    """Give the 95 % interval of the mean absolute error; see ``interval``."""
    return interval(mae(observed, predicted), mae_influence(observed, predicted), cluster)


def mae_influence(observed: Values, predicted: Values) -> Values:
    """Give what each row adds to the mean absolute error, shape (n,), mean 0."""
    error = np.abs(observed - predicted)
    return np.asarray(error - error.mean())


def rmse_interval(observed: Values, predicted: Values, cluster: NDArray[np.intp] | None = None) -> Interval:
    r"""Give the 95 % interval of the root mean squared error, by :math:`\phi_i = (e_i^2 - \mathrm{MSE}) / 2\,RMSE`."""
    return interval(rmse(observed, predicted), rmse_influence(observed, predicted), cluster)


def rmse_influence(observed: Values, predicted: Values) -> Values:
    """Give what each row adds to the root mean squared error, shape (n,), mean 0."""
    squared, value = (observed - predicted) ** 2, rmse(observed, predicted)
    return np.asarray((squared - value**2) / (2 * value) if value > 0 else np.zeros(len(observed)))


def r2_interval(observed: Values, predicted: Values, cluster: NDArray[np.intp] | None = None) -> Interval:
    r"""Give the 95 % interval of R², by :math:`\phi_i = [(1 - R^2)(y_i - \bar y)^2 - e_i^2] / \mathrm{Var}(y)`."""
    lower, upper = interval(r2(observed, predicted), r2_influence(observed, predicted), cluster)
    return lower, min(upper, 1.0)


def r2_influence(observed: Values, predicted: Values) -> Values:
    """Give what each row adds to R², shape (n,), mean 0."""
    centred = (observed - observed.mean()) ** 2
    return np.asarray(((1 - r2(observed, predicted)) * centred - (observed - predicted) ** 2) / centred.mean())


def interval(value: float, influence: Values, cluster: NDArray[np.intp] | None = None) -> Interval:
    r"""Give the 95 % interval of a statistic by what each row adds to it.

    .. math:: \hat\theta \pm t_{C-1} \frac1n \sqrt{\frac{C}{C-1} \sum_{c=1}^C \Big(\sum_{i \in c} \phi_i\Big)^2}

    with n rows in C clusters, :math:`\phi_i` the influence of row i and t the 97.5 % point of Student's distribution.
    Rows of one cluster (the hours of one forecast, the loans of one borrower) err together: taken for independent they
    would make the interval too narrow.

    Parameters
    ----------
    value
        The statistic.
    influence
        Shape (n,), mean 0.
    cluster
        Shape (n,): a whole number from 0 for each cluster. By default every row is its own.

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
    """Give the standard error behind ``interval``, and its degrees of freedom; without any the error is infinite."""
    summed = influence if cluster is None else np.bincount(cluster, weights=influence)
    clusters = len(summed) if cluster is None else len(np.unique(cluster))
    if clusters < 2:  # noqa: PLR2004  # one cluster has no variance
        return np.inf, 0
    return float(np.sqrt(clusters / (clusters - 1) * np.sum(summed**2)) / len(influence)), clusters - 1


def checked_values(observed: ArrayLike, predicted: ArrayLike) -> tuple[Values, Values]:
    """Give both as arrays that a metric can be computed on.

    Raises
    ------
    ValueError
        They are not one column each, fewer than two rows, not finite, or nothing is observed but one value.
    """
    observed, predicted = (np.asarray(part, dtype=np.float64) for part in (observed, predicted))
    if observed.ndim != 1 or observed.shape != predicted.shape:
        raise ValueError(f"observed and predicted are one column each, got shapes {observed.shape}, {predicted.shape}")
    if wrong := int(np.count_nonzero(~(np.isfinite(observed) & np.isfinite(predicted)))):
        raise ValueError(f"values are finite, {wrong} of {len(observed)} rows are not")
    if len(observed) < 2 or np.ptp(observed) == 0:  # noqa: PLR2004  # no variance to explain
        raise ValueError(f"two observed values that differ are needed, got {len(observed)} rows")
    return observed, predicted


Bounds = Callable[[Values, Values, NDArray[np.intp] | None], Interval]
Influence = Callable[[Values, Values], Values]
