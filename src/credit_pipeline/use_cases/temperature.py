"""Hourly weather as training rows: what was known when a forecast was issued, and the later observation."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from credit_pipeline.modelling.contract.raw_cells import read_numbers

Floats = NDArray[np.float64]

LAGS = (1, 3, 6, 12, 24, 48)
SAME_HOUR_DAYS = 7
NOT_AVAILABLE = "NA"  # how the source writes a missing value

_HOUR, _DAY = pd.Timedelta(hours=1), 24
_SOURCES = {
    "temperature": "temp",
    "dew_point": "dewp",
    "humidity": "humid",
    "pressure": "pressure",
    "wind_speed": "wind_speed",
}
_FAHRENHEIT = ("temperature", "dew_point")


def forecast_rows(raw: pd.DataFrame, issued_every_hours: int = 6, horizon_hours: int = 24) -> pd.DataFrame:
    r"""Turn an hourly series into training rows, one for each issue time and hour of horizon.

    No feature uses an observation after ``issued_at``; the observation of that hour is known. Features look back by
    time, not by rows, so a gap in the series makes features missing and never shifts them.

    Parameters
    ----------
    raw
        One station, one row an hour at most, in any order, as read from the file: ``time_hour`` (ISO 8601 with its
        offset; without one it is UTC), ``temp`` and ``dewp`` (degrees Fahrenheit), ``humid`` (per cent), ``pressure``
        (hectopascal), ``wind_speed`` (miles an hour). Missing: ``NA``, an empty cell, NaN. Other columns are not read.
    issued_every_hours
        Forecasts are issued at the hours, counted from 1970-01-01 00:00 UTC, that this divides: 6 means 0, 6, 12 and
        18 o'clock.
    horizon_hours
        Number of hours that each forecast reaches.

    Returns
    -------
    pandas.DataFrame
        Ordered by ``issued_at``, then ``horizon``; hours without an observed target are left out. Moments are UTC
        without a zone, so daylight saving time does not matter. Missing features are NaN.

        ============================ ========================================================================
        ``issued_at``                when the forecast is made
        ``valid_at``                 which hour it is for: ``issued_at`` + ``horizon``
        ``horizon``                  1 to ``horizon_hours``
        ``valid_hour``               hours from 1970-01-01 00:00 to ``valid_at``, for models of time only: trees cannot
                                     follow it beyond what they have seen
        ``issued_on``                the day of ``issued_at``, counted from 1970-01-01: whose forecasts err together
        ``temperature_at_issue``     degrees Celsius, as all temperatures
        ``temperature_<k>h_before``  ``k`` hours before ``issued_at``, k = 1, 3, 6, 12, 24, 48
        ``temperature_mean_24h``     mean of what was observed in the 24 hours up to ``issued_at``; also min, max
        ``dew_point`` ...            dew point, ``humidity``, ``pressure``, ``wind_speed`` at ``issued_at``
        ``temperature_same_hour``    the seasonal naive forecast: the latest observation at the hour of day of
                                     ``valid_at`` in the 7 days up to ``issued_at``
        ``hour_sine`` ...            sine and cosine of the hour of day and, ``day_of_year_sine`` ..., of the day of
                                     the year of ``valid_at``
        ``temperature``              the target: degrees Celsius at ``valid_at``
        ============================ ========================================================================

    Raises
    ------
    ValueError
        There are no rows; an hour occurs twice; a moment is missing, unreadable or not a full hour; a cell is not a
        finite number; an argument is below 1.

    Notes
    -----
    .. math:: C = \frac{5}{9} (F - 32)

    with :math:`F` in degrees Fahrenheit and :math:`C` in degrees Celsius.

    Examples
    --------
    >>> hours = pd.date_range("2013-01-01", periods=3, freq="h", tz="UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
    >>> cells = {"temp": ["50", "59", "NA"], **dict.fromkeys(["dewp", "humid", "pressure", "wind_speed"], "1")}
    >>> rows = forecast_rows(pd.DataFrame({"time_hour": hours, **cells}))
    >>> rows[["horizon", "temperature_at_issue", "temperature"]].to_dict("list")
    {'horizon': [1], 'temperature_at_issue': [10.0], 'temperature': [15.0]}
    """
    hourly = _hourly(raw)
    rows = _rows(hourly, _issue_times(hourly, issued_every_hours), horizon_hours)
    observed = rows.assign(temperature=_temperature_at(hourly, rows["valid_at"]))
    return observed.dropna(subset="temperature").reset_index(drop=True)


def next_rows(raw: pd.DataFrame, issued_every_hours: int = 6, horizon_hours: int = 24) -> pd.DataFrame:
    """Return the rows of the last issue time, whose target is to be predicted.

    Parameters
    ----------
    raw, issued_every_hours, horizon_hours
        As in ``forecast_rows``.

    Returns
    -------
    pandas.DataFrame
        Shape (horizon_hours, columns of ``forecast_rows`` without ``temperature``).

    Raises
    ------
    ValueError
        As ``forecast_rows``; or no issue time is within the series.
    """
    hourly = _hourly(raw)
    issued = _issue_times(hourly, issued_every_hours)
    if issued.empty:
        raise ValueError(f"no forecast is issued between {hourly.index[0]} and {hourly.index[-1]} UTC")
    return _rows(hourly, issued[-1:], horizon_hours)


def _hourly(raw: pd.DataFrame) -> pd.DataFrame:
    """Return the observations of every hour from the first to the last; a missing hour has missing values."""
    cells = {name: _numbers(raw[source], source) for name, source in _SOURCES.items()}
    observed = pd.DataFrame(cells, index=_moments(raw["time_hour"])).sort_index()
    observed[list(_FAHRENHEIT)] = (observed[list(_FAHRENHEIT)] - 32) * 5 / 9
    return observed.reindex(pd.date_range(observed.index[0], observed.index[-1], freq=_HOUR))


def _numbers(column: pd.Series, name: str) -> Floats:
    cells = read_numbers(column.mask(column == NOT_AVAILABLE))
    if faults := int((cells.unreadable | cells.infinite).sum()):
        raise ValueError(f"{name}: expected finite numbers or {NOT_AVAILABLE}, got {faults} other cells")
    return cells.parsed


def _moments(column: pd.Series) -> pd.DatetimeIndex:
    """Read moments as UTC without a zone."""
    moments = pd.DatetimeIndex(pd.to_datetime(column, utc=True, format="ISO8601")).tz_convert(None).as_unit("us")
    if moments.empty:
        raise ValueError("time_hour: expected hours, got no row")
    if moments.hasnans or not (moments == moments.floor("h")).all():
        raise ValueError("time_hour: expected a full hour in every row, got another time or a missing one")
    if repeated := int(moments.duplicated().sum()):
        first = moments[moments.duplicated()].min()
        raise ValueError(
            f"time_hour: expected one station with one row an hour, got {repeated} repeated hours from {first} UTC"
        )
    return moments


def _issue_times(hourly: pd.DataFrame, every_hours: int) -> pd.DatetimeIndex:
    if every_hours < 1:
        raise ValueError(f"issued_every_hours: expected 1 or more, got {every_hours}")
    hours = pd.DatetimeIndex(hourly.index)
    return hours[(hours - pd.Timestamp(0)) // _HOUR % every_hours == 0]


def _rows(hourly: pd.DataFrame, issued: pd.DatetimeIndex, horizon_hours: int) -> pd.DataFrame:
    if horizon_hours < 1:
        raise ValueError(f"horizon_hours: expected 1 or more, got {horizon_hours}")
    horizon = np.tile(np.arange(1, horizon_hours + 1), len(issued))
    issued_at = issued.repeat(horizon_hours)
    valid_at = issued_at + pd.to_timedelta(horizon, unit="h")
    known = _known(hourly).reindex(issued_at).reset_index(drop=True)
    same_hour = _same_hour(hourly, issued_at, horizon)
    issued_on = (issued_at - pd.Timestamp(0)) // pd.Timedelta(days=1)
    moments = pd.DataFrame(
        {
            "issued_at": issued_at,
            "valid_at": valid_at.as_unit("us"),
            "valid_hour": (valid_at - pd.Timestamp(0)) // _HOUR,
            "horizon": horizon,
            "issued_on": issued_on,
        }
    )
    return pd.concat([moments, known], axis=1).assign(temperature_same_hour=same_hour, **_calendar(valid_at))


def _known(hourly: pd.DataFrame) -> pd.DataFrame:
    """Return what is known at each hour of the series."""
    temperature = hourly["temperature"]
    last_day = pd.concat([temperature.shift(lag) for lag in range(_DAY)], axis=1)
    spans = {f"temperature_{name}_24h": last_day.agg(name, axis=1) for name in ("mean", "min", "max")}
    lags = {f"temperature_{lag}h_before": temperature.shift(lag) for lag in LAGS}
    now = hourly.rename(columns={"temperature": "temperature_at_issue"})
    return now.assign(**lags, **spans)


def _temperature_at(hourly: pd.DataFrame, moments: pd.Series | pd.DatetimeIndex) -> Floats:
    return hourly["temperature"].reindex(pd.DatetimeIndex(moments)).to_numpy(np.float64)


def _same_hour(hourly: pd.DataFrame, issued_at: pd.DatetimeIndex, horizon: NDArray[np.int_]) -> Floats:
    """Return the latest known observation at the hour of day that is predicted."""
    latest = issued_at + pd.to_timedelta((horizon - 1) % _DAY + 1 - _DAY, unit="h")
    known = np.full(len(issued_at), np.nan)
    for days in range(SAME_HOUR_DAYS):
        known = np.where(np.isnan(known), _temperature_at(hourly, latest - pd.Timedelta(days=days)), known)
    return known


def _calendar(moments: pd.DatetimeIndex) -> Mapping[str, Floats]:
    turns = {"hour": moments.hour / _DAY, "day_of_year": moments.day_of_year / 365.25}
    angles = {name: 2 * np.pi * turn.to_numpy(np.float64) for name, turn in turns.items()}
    sines = {f"{name}_sine": np.sin(angle) for name, angle in angles.items()}
    return {**sines, **{f"{name}_cosine": np.cos(angle) for name, angle in angles.items()}}
