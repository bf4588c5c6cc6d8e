"""Prophet, a model of time series, with scikit-learn's interface; it needs the package ``prophet``."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

if TYPE_CHECKING:
    from prophet import Prophet

Floats = NDArray[np.float64]


class ProphetRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    r"""Forecast by trend, seasons and regressors.

    .. math:: \hat y = g(t) + s(t) + \beta^\top x

    with the moment :math:`t` that is forecast, the trend :math:`g`, the seasons :math:`s` as Fourier series, and the
    other columns :math:`x` of the row, standardised, with coefficients :math:`\beta`.

    It uses the same columns of a row as any other regressor. It is fitted once on the rows of a fold and does not learn
    from later observations: the latest observations reach it as columns, such as lags, that were known when the
    forecast was issued. Several rows may forecast the same moment, issued at different times.

    Parameters
    ----------
    moment
        Position of the column of moments, counted from 1970-01-01 00:00.
    unit
        The unit of the moments: hours ``h``, days ``D`` or seconds ``s``.
    growth
        ``flat`` (no trend) or ``linear`` (piecewise; the last piece continues).
    daily_seasonality, weekly_seasonality, yearly_seasonality
        Whether there is such a season. A yearly season needs at least two years of history; with less, its forecasts
        are far off.
    seasonality_mode
        ``additive``, or ``multiplicative``: seasons and regressors are shares of the trend.
    changepoint_prior_scale, seasonality_prior_scale
        How freely the trend bends and the seasons swing, above 0.

    Attributes
    ----------
    fitted_
        The fitted model as JSON, without its history: nothing is pickled and no row is kept.
    means_
        Mean of each column in ``fit``, shape (columns,). It replaces missing values of a regressor.

    References
    ----------
    S. J. Taylor and B. Letham, "Forecasting at Scale", *The American Statistician* 72(1), 2018, pages 37 to 45.
    """

    def __init__(
        self,
        moment: int = 0,
        unit: Literal["h", "D", "s"] = "h",
        growth: Literal["flat", "linear"] = "flat",
        daily_seasonality: bool = True,
        weekly_seasonality: bool = False,
        yearly_seasonality: bool = False,
        seasonality_mode: Literal["additive", "multiplicative"] = "additive",
        changepoint_prior_scale: float = 0.05,
        seasonality_prior_scale: float = 10.0,
    ) -> None:
        self.moment = moment
        self.unit = unit
        self.growth = growth
        self.daily_seasonality = daily_seasonality
        self.weekly_seasonality = weekly_seasonality
        self.yearly_seasonality = yearly_seasonality
        self.seasonality_mode = seasonality_mode
        self.changepoint_prior_scale = changepoint_prior_scale
        self.seasonality_prior_scale = seasonality_prior_scale

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit trend, seasons and coefficients.

        Parameters
        ----------
        X
            Shape (rows, columns), rows in any order: the moments, none missing, and regressors; NaN = missing.
        y
            Shape (rows,), finite.

        Raises
        ------
        ImportError
            The package ``prophet`` is not installed.
        ValueError
            There is no column of moments; a moment is missing or not a date; a regressor has only missing values.
        """
        values, outcome = validate_data(
            self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", ensure_min_samples=2, y_numeric=True
        )
        if not 0 <= self.moment < values.shape[1]:
            raise ValueError(f"moment: expected the position of one of {values.shape[1]} columns, got {self.moment!r}")
        if empty := np.flatnonzero(np.isnan(values).all(axis=0)).tolist():
            raise ValueError(f"expected values in every column, got none in those at {empty}")
        self.means_ = np.nanmean(values, axis=0)
        model = self._unfitted()
        rows = self._for_prophet(values)
        for name in rows.columns.drop("ds"):
            model.add_regressor(name)
        with _quiet():
            model.fit(rows.assign(y=outcome), seed=0)
        self.fitted_ = _to_json(model)
        return self

    def predict(self, X: ArrayLike) -> Floats:
        """Forecast each row, shape (rows,); the order of the rows is kept."""
        from prophet.serialize import model_from_json  # noqa: PLC0415 (an optional package)

        check_is_fitted(self)
        rows = self._for_prophet(validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False))
        order = np.argsort(rows["ds"].to_numpy(), kind="stable")  # Prophet sorts its forecasts by time
        forecasts = np.empty(len(rows))
        forecasts[order] = model_from_json(self.fitted_).predict(rows.iloc[order])["yhat"]
        return forecasts

    def _unfitted(self) -> "Prophet":
        from prophet import Prophet  # noqa: PLC0415 (an optional package)

        settings = {name: value for name, value in self.get_params().items() if name not in ("moment", "unit")}
        return Prophet(**settings, uncertainty_samples=0)

    def _for_prophet(self, values: Floats) -> pd.DataFrame:
        if np.isnan(moments := values[:, self.moment]).any():
            raise ValueError("expected a moment in every row, got NaN")
        filled = np.where(np.isnan(values), self.means_, values)
        rows = pd.DataFrame(filled, columns=[f"column_{position}" for position in range(values.shape[1])])
        return rows.drop(columns=f"column_{self.moment}").assign(
            ds=pd.Timestamp(0) + pd.to_timedelta(moments, unit=self.unit)
        )

    def __sklearn_tags__(self) -> Tags:
        """State that the score is poor on columns that are not a time. Missing values are allowed in some columns."""
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags


def _to_json(model: "Prophet") -> str:
    from prophet.serialize import model_to_json  # noqa: PLC0415 (an optional package)

    model.history, model.history_dates = model.history.head(1), model.history_dates.head(1)
    # The trend has one value per row of the history.
    model.params = {name: values for name, values in model.params.items() if name != "trend"}
    return str(model_to_json(model))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep CmdStan from logging the start and end of each chain."""
    logger = logging.getLogger("cmdstanpy")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
