"""How good a predicted value is: the metrics of a regression, each with an interval in closed form."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from credit_pipeline.core import Interval, Values
from credit_pipeline.modelling.metrics.influence import interval


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


Bounds = Callable[[Values, Values, NDArray[np.intp] | None], Interval]
Influence = Callable[[Values, Values], Values]
