"""Prophet, a model of time series, with scikit-learn's interface; it needs the package ``prophet``."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

if TYPE_CHECKING:
    from prophet import Prophet


class ProphetRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    r"""Forecast by trend, seasons and regressors.

    .. math:: \hat y = g(t) + s(t) + \beta^\top x

    with the moment :math:`t` that a row is for, the trend :math:`g`, the seasons :math:`s` as Fourier series, and the
    other columns :math:`x` of the row, standardised, with coefficients :math:`\beta`.

    It sees of a row what any other regressor sees. It is fitted once on the rows of a fold and does not learn from what
    is observed afterwards: the latest observations reach it as columns, such as lags, that were known when the forecast
    was issued. Several rows may be for one moment, issued at different times.

    Parameters
    ----------
    moment
        Name of the column of moments, without a time zone.
    growth
        ``flat``, no trend, or ``linear``, in pieces, of which the last one goes on.
    daily_seasonality, weekly_seasonality, yearly_seasonality
        Whether there is such a season. A yearly one needs two years of history or more: of less, its forecasts are far
        off.
    seasonality_mode
        ``additive``, or ``multiplicative``: seasons and regressors are shares of the trend.
    changepoint_prior_scale, seasonality_prior_scale
        How freely the trend bends and the seasons swing, above 0.

    Attributes
    ----------
    fitted_
        The fitted model as JSON, without its history: nothing has to be unpickled and no row is kept.

    References
    ----------
    S. J. Taylor and B. Letham, "Forecasting at Scale", *The American Statistician* 72(1), 2018, pages 37 to 45.
    """

    def __init__(
        self,
        moment: str = "valid_at",
        growth: Literal["flat", "linear"] = "flat",
        daily_seasonality: bool = True,
        weekly_seasonality: bool = False,
        yearly_seasonality: bool = False,
        seasonality_mode: Literal["additive", "multiplicative"] = "additive",
        changepoint_prior_scale: float = 0.05,
        seasonality_prior_scale: float = 10.0,
    ) -> None:
        self.moment = moment
        self.growth = growth
        self.daily_seasonality = daily_seasonality
        self.weekly_seasonality = weekly_seasonality
        self.yearly_seasonality = yearly_seasonality
        self.seasonality_mode = seasonality_mode
        self.changepoint_prior_scale = changepoint_prior_scale
        self.seasonality_prior_scale = seasonality_prior_scale

    def fit(self, X: pd.DataFrame, y: ArrayLike) -> Self:
        """Fit trend, seasons and coefficients.

        Parameters
        ----------
        X
            Shape (rows, columns), in any order: the column of moments, and numbers without a gap.
        y
            Shape (rows,), finite.

        Raises
        ------
        ImportError
            The package ``prophet`` is not installed.
        ValueError
            There is no column of moments; a value is missing; Prophet uses the name of a column itself.
        """
        validate_data(self, X, skip_check_array=True)
        model = self._unfitted()
        for name in X.columns.drop(self._required_moment(X)):
            model.add_regressor(name)
        with _quiet():
            model.fit(self._for_prophet(X).assign(y=np.asarray(y, dtype=np.float64)), seed=0)
        self.fitted_ = _to_json(model)
        return self

    def predict(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Forecast each row, shape (rows,), in the order of the rows."""
        from prophet.serialize import model_from_json  # noqa: PLC0415 (an optional package)

        check_is_fitted(self)
        validate_data(self, X, skip_check_array=True, reset=False)
        order = np.argsort(X[self.moment].to_numpy(), kind="stable")  # Prophet gives its forecasts in order of time
        forecasts = np.empty(len(X))
        forecasts[order] = model_from_json(self.fitted_).predict(self._for_prophet(X).iloc[order])["yhat"]
        return forecasts

    def _unfitted(self) -> "Prophet":
        from prophet import Prophet  # noqa: PLC0415 (an optional package)

        settings = {name: value for name, value in self.get_params().items() if name != "moment"}
        return Prophet(**settings, uncertainty_samples=0)

    def _required_moment(self, X: pd.DataFrame) -> str:
        if self.moment not in X or X[self.moment].dtype.kind != "M":
            raise ValueError(f"expected moments in the column '{self.moment}', got the columns {list(X)}")
        return self.moment

    def _for_prophet(self, X: pd.DataFrame) -> pd.DataFrame:
        return X.rename(columns={self.moment: "ds"}).reset_index(drop=True)


def _to_json(model: "Prophet") -> str:
    from prophet.serialize import model_to_json  # noqa: PLC0415 (an optional package)

    model.history, model.history_dates = model.history.head(1), model.history_dates.head(1)
    model.params = {name: values for name, values in model.params.items() if name != "trend"}  # of the history's rows
    return str(model_to_json(model))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep CmdStan from telling of each chain that begins and ends."""
    logger = logging.getLogger("cmdstanpy")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
