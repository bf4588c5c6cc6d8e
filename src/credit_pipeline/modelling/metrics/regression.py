"""The metrics of a regression, each with an interval in closed form."""

from collections.abc import Callable

import numpy as np
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from credit_pipeline.core import Interval, Values
from credit_pipeline.modelling.metrics.sample import Sample
from credit_pipeline.modelling.metrics.uncertainty import interval

InfluenceFunction = Callable[[Values, Values], Values]
"""The influence of each row on a metric, from observed and predicted values, all of shape (n,)."""


def r2(observed: Values, predicted: Values) -> float:
    r"""Share of the variance explained, :math:`1 - \sum_i e_i^2 / \sum_i (y_i - \bar y)^2`; 1 at best.

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


def mae_interval(sample: Sample) -> Interval:
    """Give the 95 % interval of the mean absolute error; see ``influence.interval``."""
    return _interval(mae, mae_influence, sample)


def mae_influence(observed: Values, predicted: Values) -> Values:
    """Give the influence of each row on the mean absolute error, shape (n,), mean 0."""
    error = np.abs(observed - predicted)
    return np.asarray(error - error.mean())


def rmse_interval(sample: Sample) -> Interval:
    r"""Give the 95 % interval of the root mean squared error, by :math:`\phi_i = (e_i^2 - \mathrm{MSE}) / 2\,RMSE`."""
    return _interval(rmse, rmse_influence, sample)


def rmse_influence(observed: Values, predicted: Values) -> Values:
    """Give the influence of each row on the root mean squared error, shape (n,), mean 0."""
    squared, value = (observed - predicted) ** 2, rmse(observed, predicted)
    return np.asarray((squared - value**2) / (2 * value) if value > 0 else np.zeros(len(observed)))


def r2_interval(sample: Sample) -> Interval:
    r"""Give the 95 % interval of R², by :math:`\phi_i = [(1 - R^2)(y_i - \bar y)^2 - e_i^2] / \mathrm{Var}(y)`."""
    lower, upper = _interval(r2, r2_influence, sample)
    return lower, min(upper, 1.0)


def r2_influence(observed: Values, predicted: Values) -> Values:
    """Give the influence of each row on R², shape (n,), mean 0."""
    centred = (observed - observed.mean()) ** 2
    return np.asarray(((1 - r2(observed, predicted)) * centred - (observed - predicted) ** 2) / centred.mean())


def _interval(value: Callable[[Values, Values], float], influence: InfluenceFunction, sample: Sample) -> Interval:
    observed, predicted = sample.outcome.astype(np.float64), sample.answer
    return interval(value(observed, predicted), influence(observed, predicted), sample.cluster)
