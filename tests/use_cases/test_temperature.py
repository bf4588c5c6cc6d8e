import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error

from credit_pipeline.modelling.estimators.seasonal_naive import SeasonalNaive
from credit_pipeline.use_cases.temperature import LAGS, forecast_rows, next_rows
from use_case_run import Finished, UseCase

pytestmark = pytest.mark.takes_long

RAW = Path(__file__).parents[2] / "data/01_raw"
KEY = ["issued_at", "horizon"]
MEASURED = ["temp", "dewp", "humid", "pressure", "wind_speed"]
FEATURES = [
    "temperature_at_issue",
    *[f"temperature_{lag}h_before" for lag in LAGS],
    *["temperature_mean_24h", "temperature_min_24h", "temperature_max_24h", "temperature_same_hour"],
    *["dew_point", "humidity", "pressure", "wind_speed"],
    *["hour_sine", "hour_cosine", "day_of_year_sine", "day_of_year_cosine"],
]
SMALL = {
    "models": {
        "hist_gradient_boosting": {"fixed": {"max_iter": 20}},
        "xgboost": {"fixed": {"n_estimators": 20}, "search": {"space": {"max_depth": [3]}}},
    }
}


def series(hours: int = 240, first: str = "2013-01-01") -> pd.DataFrame:
    """One row an hour, as text: the temperature counts the hours in degrees Fahrenheit."""
    moments = pd.date_range(first, periods=hours, freq="h").strftime("%Y-%m-%dT%H:%M:%SZ")
    counted = np.arange(hours).astype(str)
    return pd.DataFrame({"time_hour": moments, **dict.fromkeys(MEASURED, counted)}, dtype="str")


def counted_hour(celsius: pd.Series) -> pd.Series:
    """The number of the hour that a temperature of ``series`` was observed in."""
    return celsius * 9 / 5 + 32


def issued(rows: pd.DataFrame, moment: str) -> pd.DataFrame:
    return rows[rows["issued_at"] == pd.Timestamp(moment)].reset_index(drop=True)


@pytest.fixture(scope="module")
def newark() -> pd.DataFrame:
    return pd.read_csv(RAW / "weather_ewr.csv", dtype="str", keep_default_na=False)


def test_the_shipped_series_is_the_one_its_attribution_names(newark: pd.DataFrame) -> None:
    digest = hashlib.sha256((RAW / "weather_ewr.csv").read_bytes()).hexdigest()
    assert digest in (RAW / "README.md").read_text(encoding="utf-8")
    assert newark.shape == (8703, 15)
    assert set(newark["origin"]) == {"EWR"}


def test_the_columns_are_moments_features_and_the_target(newark: pd.DataFrame) -> None:
    rows = forecast_rows(newark)
    assert {*rows} == {"issued_at", "valid_at", "valid_hour", "issued_on", "horizon", "temperature", *FEATURES}
    assert rows[["issued_at", "valid_at"]].dtypes.astype(str).tolist() == ["datetime64[us]"] * 2
    assert (rows["horizon"].dtype, rows["valid_hour"].dtype) == (np.int64, np.int64)
    assert set(rows[[*FEATURES, "temperature"]].dtypes.astype(str)) == {"float64"}


def test_there_is_a_row_for_each_issue_time_and_hour_of_horizon_with_a_target() -> None:
    rows = forecast_rows(series(hours=49), issued_every_hours=6, horizon_hours=24)
    # issued at hours 0, 6 .. 24 with 24 targets each, then at 30, 36, 42 with the 18, 12, 6 that are left, at 48 none
    assert len(rows) == 5 * 24 + 18 + 12 + 6
    assert rows.equals(rows.sort_values(KEY, ignore_index=True))
    assert not rows.duplicated(KEY).any()
    assert ((rows["valid_at"] - rows["issued_at"]) / pd.Timedelta(hours=1) == rows["horizon"]).all()
    assert set(rows["issued_at"].dt.hour) == {0, 6, 12, 18}


def test_the_hour_that_is_forecast_is_a_number_too() -> None:
    rows = issued(forecast_rows(series(first="1970-01-02"), 6, 24), "1970-01-03")
    assert rows["valid_hour"].tolist() == list(range(49, 73))  # from an hour after 48
    assert next_rows(series(first="1970-01-02", hours=25))["valid_hour"].tolist() == list(range(49, 73))


def test_features_and_target_are_observations_of_their_own_hour() -> None:
    rows = issued(forecast_rows(series()), "2013-01-05")  # hour 96 of the series
    assert counted_hour(rows["temperature"]).to_numpy() == pytest.approx(96 + np.arange(1, 25))
    assert counted_hour(rows["temperature_at_issue"]).to_numpy() == pytest.approx(96)
    for lag in LAGS:
        assert counted_hour(rows[f"temperature_{lag}h_before"]).to_numpy() == pytest.approx(96 - lag)
    assert counted_hour(rows["temperature_same_hour"]).to_numpy() == pytest.approx(96 - 24 + np.arange(1, 25))
    assert counted_hour(rows["dew_point"]).to_numpy() == pytest.approx(96)
    assert (rows[["humidity", "pressure", "wind_speed"]] == 96).all(axis=None)


def test_the_last_day_is_the_24_hours_up_to_the_issue_time() -> None:
    rows = issued(forecast_rows(series()), "2013-01-05")
    # hours 73 to 96: mean (73 + 96) / 2 = 84.5
    for name, hour in {"min": 73, "max": 96, "mean": 84.5}.items():
        assert counted_hour(rows[f"temperature_{name}_24h"]).to_numpy() == pytest.approx(hour)


@pytest.mark.parametrize(("fahrenheit", "celsius"), [("32", 0), ("212", 100), ("-40", -40), ("39.02", 3.9)])
def test_temperatures_are_degrees_celsius(fahrenheit: str, celsius: float) -> None:
    rows = forecast_rows(series(3).assign(temp=fahrenheit, dewp=fahrenheit))
    assert rows["temperature"].to_numpy() == pytest.approx(celsius)
    assert rows["dew_point"].to_numpy() == pytest.approx(celsius)


def test_the_calendar_is_that_of_the_hour_forecast() -> None:
    rows = issued(forecast_rows(series()), "2013-01-05").set_index("horizon")
    assert rows.loc[6, ["hour_sine", "hour_cosine"]].tolist() == pytest.approx([1, 0])  # 06:00, a quarter of a turn
    assert rows.loc[12, ["hour_sine", "hour_cosine"]].tolist() == pytest.approx([0, -1])
    angle = 2 * np.pi * 6 / 365.25  # midnight after 5 January is day 6
    assert rows.loc[24, "day_of_year_sine"] == pytest.approx(np.sin(angle))
    assert rows.loc[24, "day_of_year_cosine"] == pytest.approx(np.cos(angle))


def test_a_horizon_of_two_days_still_repeats_what_the_issue_time_has_seen() -> None:
    rows = issued(forecast_rows(series(), horizon_hours=48), "2013-01-05")
    seen = 96 - 24 + np.tile(np.arange(1, 25), 2)
    assert counted_hour(rows["temperature_same_hour"]).to_numpy() == pytest.approx(seen)


@pytest.mark.parametrize(("missing_days", "found"), [(0, 1), (1, 2), (6, 7), (7, None)])
def test_a_missing_hour_is_looked_for_on_up_to_seven_days(missing_days: int, found: int | None) -> None:
    raw = series()
    hour = 216 + 3  # three hours after the issue time at midnight of 10 January
    gone = [hour - 24 * day for day in range(1, missing_days + 1)]
    row = issued(forecast_rows(raw.drop(index=gone)), "2013-01-10").set_index("horizon").loc[3]
    if found is None:
        assert np.isnan(row["temperature_same_hour"])
    else:
        assert counted_hour(row["temperature_same_hour"]) == pytest.approx(hour - 24 * found)


HOURS = st.integers(1, 238)
TEXTS = st.one_of(st.just("NA"), st.just(""), st.floats(-100, 150).map(str))


@settings(max_examples=60)
@given(
    HOURS, st.integers(0, 30), st.dictionaries(HOURS, st.tuples(*[TEXTS] * len(MEASURED)), max_size=30), st.sets(HOURS)
)
def test_no_later_value_and_no_later_gap_changes_a_feature(
    now: int, unobserved: int, changed: dict[int, tuple[str, ...]], dropped: set[int]
) -> None:
    raw = series()
    other = raw.copy()
    for hour, cells in changed.items():
        other.loc[max(hour, now + 1), MEASURED] = list(cells)
    gaps = set(range(max(now - unobserved, 0) + 1, now + 1))  # so that filling a gap backwards would show
    later = {hour for hour in dropped if hour > now}
    moment = pd.Timestamp(raw.loc[now, "time_hour"]).tz_localize(None)
    before = known_at(moment, raw.drop(index=list(gaps)))
    after = known_at(moment, other.drop(index=list(gaps | later)))
    both = before.index.intersection(after.index)  # a target that is gone takes its row with it
    pd.testing.assert_frame_equal(after.loc[both], before.loc[both], check_exact=True)


def known_at(moment: pd.Timestamp, raw: pd.DataFrame) -> pd.DataFrame:
    """Features of all rows issued up to a moment."""
    rows = forecast_rows(raw, issued_every_hours=3)
    return rows[rows["issued_at"] <= moment].set_index(KEY)[["valid_at", *FEATURES]]


def test_a_later_value_does_change_the_target() -> None:
    # without this the property above would hold for rows that see nothing at all
    raw = series()
    changed = forecast_rows(raw.assign(temp=raw["temp"].where(raw.index < 216, "0")))
    assert not changed["temperature"].equals(forecast_rows(raw)["temperature"])


@settings(max_examples=40)
@given(st.sets(st.integers(1, 238), max_size=120))
def test_a_gap_makes_missing_and_never_shifts(dropped: set[int]) -> None:
    whole = forecast_rows(series()).set_index(KEY)
    gaps = forecast_rows(series().drop(index=list(dropped)).reset_index(drop=True)).set_index(KEY)
    assert set(gaps.index) == {key for key in whole.index if hour_of(key) not in dropped}
    exact = ["temperature_at_issue", *[f"temperature_{lag}h_before" for lag in LAGS], "dew_point", "humidity"]
    same = (gaps[exact] == whole.loc[gaps.index, exact]) | gaps[exact].isna()
    assert same.all(axis=None)
    repeated = counted_hour(gaps["temperature_same_hour"]).dropna()
    # each naive forecast is a whole number of days before the hour that it is for
    ahead = np.array([hour_of(key) for key in repeated.index]) - repeated.to_numpy()
    assert set(np.round(ahead, 6) % 24) <= {0}


def hour_of(key: tuple[pd.Timestamp, int]) -> int:
    return (key[0] - pd.Timestamp("2013-01-01")) // pd.Timedelta(hours=1) + key[1]


def test_gaps_of_the_shipped_series_make_features_missing(newark: pd.DataFrame) -> None:
    rows = forecast_rows(newark)
    hours = pd.to_datetime(newark["time_hour"]).dt.tz_localize(None)
    unseen = ~rows["issued_at"].isin(hours[newark["temp"] != "NA"])
    assert 0 < unseen.sum() == rows["temperature_at_issue"].isna().sum()
    assert rows["valid_at"].isin(hours).all()


@pytest.mark.parametrize("day", ["2013-03-10", "2013-11-03"])
def test_clocks_put_forward_or_back_leave_every_lag_as_it_is(newark: pd.DataFrame, day: str) -> None:
    observed = pd.to_numeric(
        newark.set_index(pd.to_datetime(newark["time_hour"]).dt.tz_localize(None))["temp"], "coerce"
    )
    rows = forecast_rows(newark, issued_every_hours=1)
    night = rows[rows["issued_at"].between(day, pd.Timestamp(day) + pd.Timedelta(days=2))]
    assert len(night) > 24 * 24
    for lag in LAGS:
        then = observed.reindex(night["issued_at"] - pd.Timedelta(hours=lag)).to_numpy()
        assert counted_hour(night[f"temperature_{lag}h_before"]).to_numpy() == pytest.approx(then, nan_ok=True)


def test_local_calendar_columns_are_not_read(newark: pd.DataFrame) -> None:
    wrong = newark.assign(year="1", month="1", day="1", hour="1")
    pd.testing.assert_frame_equal(forecast_rows(wrong), forecast_rows(newark), check_exact=True)


def test_rows_in_any_order_give_the_same_rows(newark: pd.DataFrame) -> None:
    shuffled = newark.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(forecast_rows(shuffled), forecast_rows(newark), check_exact=True)


def test_the_rows_to_forecast_are_those_of_the_last_issue_time(newark: pd.DataFrame) -> None:
    coming, learned = next_rows(newark), forecast_rows(newark)
    assert list(coming) == [name for name in learned if name != "temperature"]
    assert set(coming["issued_at"]) == {pd.Timestamp("2013-12-30 18:00")}
    assert coming["horizon"].tolist() == list(range(1, 25))
    seen = learned[learned["issued_at"] == coming["issued_at"][0]].drop(columns="temperature")
    pd.testing.assert_frame_equal(coming[coming["horizon"].isin(seen["horizon"])], seen.reset_index(drop=True))


def test_repeating_the_hour_of_the_day_before_is_a_fair_baseline(newark: pd.DataFrame) -> None:
    rows = forecast_rows(newark)
    naive = (rows["temperature"] - rows["temperature_same_hour"]).abs().mean()
    constant = (rows["temperature"] - rows["temperature"].mean()).abs().mean()
    assert naive < constant / 2


def test_the_table_is_left_as_it_was(newark: pd.DataFrame) -> None:
    before = newark.copy()
    forecast_rows(newark)
    pd.testing.assert_frame_equal(newark, before)


@pytest.mark.parametrize(
    ("column", "cells", "message"),
    [
        ("time_hour", ["2013-01-01T00:00:00Z", "2013-01-01T00:00:00Z"], "1 repeated hours from 2013-01-01 00:00:00"),
        ("time_hour", ["2013-01-01T01:00:00+01:00", "2013-01-01T00:00:00Z"], "1 repeated hours"),
        ("time_hour", ["2013-01-01T00:00:00Z", "2013-01-01T00:30:00Z"], "a full hour in every row"),
        ("time_hour", ["2013-01-01T00:00:00Z", ""], "a full hour in every row"),
        ("time_hour", ["2013-01-01T00:00:00Z", "noon"], "noon"),
        ("temp", ["warm", "cold"], "temp: expected finite numbers or NA, got 2 other cells"),
        ("pressure", ["1e400", "1"], "pressure: expected finite numbers or NA, got 1 other cells"),
    ],
)
def test_a_table_that_is_not_an_hourly_series_is_refused(column: str, cells: list[str], message: str) -> None:
    raw = series(2).assign(**{column: pd.Series(cells, dtype="str")})
    with pytest.raises(ValueError, match=message):
        forecast_rows(raw)


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="got no row"):
        forecast_rows(series(2).iloc[:0])


@pytest.mark.parametrize("argument", ["issued_every_hours", "horizon_hours"])
def test_an_argument_below_one_is_refused(argument: str) -> None:
    with pytest.raises(ValueError, match=f"{argument}: expected 1 or more, got 0"):
        forecast_rows(series(), **{argument: 0})


def test_nothing_can_be_forecast_where_nothing_is_issued() -> None:
    with pytest.raises(ValueError, match="no forecast is issued between"):
        next_rows(series(3, first="2013-01-01T01:00"))


def test_the_temperature_of_the_day_before_comes_again(newark: pd.DataFrame) -> None:
    rows = forecast_rows(newark)
    inputs = rows.drop(columns=["issued_at", "valid_at"])
    model = SeasonalNaive("temperature_same_hour").fit(inputs, rows["temperature"])
    predicted = model.predict(inputs)
    known = rows["temperature_same_hour"].notna()
    assert mean_absolute_error(rows["temperature"][known], predicted[known]) == pytest.approx(3.09, abs=0.01)
    assert set(predicted[~known]) == {model.mean_}


class TestTheUseCase(UseCase):
    environment = "temperature"
    modules = ("temperature.py",)
    small = SMALL
    applicants = 24
    metrics = ("mae", "rmse", "mase")

    def test_no_hour_of_a_forecast_of_train_lies_in_the_test_part(self, ran: Finished) -> None:
        parts = ran.parts()
        # The last forecast of train is issued more than a day before the first of test, and reaches one day.
        gap = pd.Timestamp(parts["test"]["first"]) - pd.Timestamp(parts["train"]["last"])
        assert gap > pd.Timedelta(days=1)

    def test_its_best_model_beats_the_naive_forecast(self, ran: Finished) -> None:
        challenger = ran.document("08_reporting/challenger.json")["model"]
        assert challenger != "seasonal_naive"
        assert ran.metrics(challenger)["test_mase"] < ran.metrics("seasonal_naive")["test_mase"]

    @pytest.mark.slow
    def test_without_it_the_project_is_sound(self, tmp_path: Path) -> None:
        super().test_without_it_the_project_is_sound(tmp_path)
