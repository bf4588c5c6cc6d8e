import json
import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import mean_absolute_error
from sklearn.utils.estimator_checks import parametrize_with_checks

from credit_pipeline.modelling.estimators.prophet import ProphetRegressor

pytest.importorskip("prophet", reason="the optional package prophet is not installed")

NEWARK = Path(__file__).parents[3] / "data/01_raw/weather_ewr.csv"
NAIVE = "temperature_same_hour"
COLUMNS = ["valid_hour", "temperature_at_issue", NAIVE]
JANUARY = 376_944  # hours from 1970 to 2013: (43 * 365 + 11) * 24


def hours(days: int = 20) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """A day's wave of height 3 around 10, and 2 for each unit of a regressor."""
    moments = np.arange(JANUARY, JANUARY + 24 * days)
    load = np.random.default_rng(1).standard_normal(len(moments))
    wave = 10 + 3 * np.sin(2 * np.pi * (moments % 24) / 24)
    return pd.DataFrame({"valid_hour": moments, "load": load}), wave + 2 * load


@pytest.fixture(scope="module")
def newark() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows whose hour came before October, and rows issued from October on."""
    temperature = pytest.importorskip("credit_pipeline.use_cases.temperature", reason="the use case has been deleted")
    rows = temperature.forecast_rows(pd.read_csv(NEWARK, dtype="str", keep_default_na=False)).dropna()
    october = pd.Timestamp("2013-10-01")
    return rows[rows["valid_at"] < october], rows[rows["issued_at"] >= october]


@pytest.fixture(scope="module")
def fitted(newark: tuple[pd.DataFrame, pd.DataFrame]) -> ProphetRegressor:
    return ProphetRegressor().fit(newark[0][COLUMNS], newark[0]["temperature"])


@parametrize_with_checks([ProphetRegressor()])
def test_prophet_is_a_scikit_learn_regressor(estimator: BaseEstimator, check: Callable[..., None]) -> None:
    check(estimator)


def test_a_wave_and_a_regressor_are_found_and_go_on() -> None:
    table, outcome = hours()
    model = ProphetRegressor().fit(table[:360], outcome[:360])
    assert model.predict(table[360:]) == pytest.approx(outcome[360:], abs=0.1)


def test_a_linear_trend_goes_on() -> None:
    table, outcome = hours()
    rising = outcome + 0.05 * np.arange(len(table))
    model = ProphetRegressor(growth="linear").fit(table[:360], rising[:360])
    assert model.predict(table[360:]) == pytest.approx(rising[360:], abs=0.5)


def test_forecasts_keep_the_order_of_the_rows_even_where_moments_repeat(
    fitted: ProphetRegressor, newark: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    rows = newark[1][COLUMNS]
    assert rows["valid_hour"].duplicated().any()
    positions = np.random.default_rng(1).permutation(len(rows))
    assert fitted.predict(rows.iloc[positions]) == pytest.approx(fitted.predict(rows)[positions], abs=1e-9)
    one_by_one = [fitted.predict(rows.iloc[[position]])[0] for position in range(40)]
    assert fitted.predict(rows)[:40] == pytest.approx(one_by_one, abs=1e-9)


def test_it_beats_the_day_before_on_hours_that_it_has_not_seen(
    fitted: ProphetRegressor, newark: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    rows = newark[1]
    naive = mean_absolute_error(rows["temperature"], rows[NAIVE])
    assert mean_absolute_error(rows["temperature"], fitted.predict(rows[COLUMNS])) < 0.9 * naive


def test_the_same_rows_give_the_same_model() -> None:
    table, outcome = hours()
    assert ProphetRegressor().fit(table, outcome).fitted_ == ProphetRegressor().fit(table, outcome).fitted_


def test_the_order_of_the_rows_does_not_matter() -> None:
    table, outcome = hours()
    backwards = ProphetRegressor().fit(table[::-1], outcome[::-1])
    forwards = ProphetRegressor().fit(table, outcome)
    assert backwards.predict(table) == pytest.approx(forwards.predict(table), abs=1e-6)


def test_a_stored_model_predicts_the_same_without_pickle(
    fitted: ProphetRegressor, newark: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    stored = skops.io.dumps(fitted)
    own = [f"{ProphetRegressor.__module__}.ProphetRegressor"]
    assert skops.io.get_untrusted_types(data=stored) == own
    loaded = skops.io.loads(stored, trusted=own)
    rows = newark[1][COLUMNS]
    assert np.array_equal(loaded.predict(rows), fitted.predict(rows))


def test_no_history_is_kept(fitted: ProphetRegressor) -> None:
    document = json.loads(fitted.fitted_)
    assert len(json.loads(document["history"])["data"]) == 1
    assert len(fitted.fitted_) < 20_000


def test_it_is_cloned_by_its_parameters(fitted: ProphetRegressor) -> None:
    changed = clone(fitted).set_params(growth="linear", moment=1)
    assert changed.get_params()["growth"] == "linear"
    with pytest.raises(NotFittedError):
        changed.predict(hours()[0])


def test_the_table_is_left_as_it_was() -> None:
    table, outcome = hours()
    before = table.copy()
    ProphetRegressor().fit(table, outcome).predict(table)
    pd.testing.assert_frame_equal(table, before)


def test_a_matrix_of_numbers_is_as_good_as_a_table_wherever_its_moments_stand() -> None:
    table, outcome = hours()
    expected = ProphetRegressor().fit(table, outcome).predict(table)
    matrix = table[["load", "valid_hour"]].to_numpy()
    assert ProphetRegressor(moment=1).fit(matrix, outcome).predict(matrix) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("unit", "hours_of_one"), [("s", 1 / 3600), ("D", 24)])
def test_moments_may_be_counted_in_other_units(unit: str, hours_of_one: float) -> None:
    table, outcome = hours()
    counted = table.assign(valid_hour=table["valid_hour"] / hours_of_one)
    expected = ProphetRegressor().fit(table, outcome).predict(table)
    assert ProphetRegressor(unit=unit).fit(counted, outcome).predict(counted) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("moment", [-1, 2])
def test_a_table_without_moments_is_refused(moment: int) -> None:
    with pytest.raises(ValueError, match="expected the position of one of 2 columns"):
        ProphetRegressor(moment=moment).fit(*hours())


def test_a_missing_moment_is_refused() -> None:
    table, outcome = hours()
    model = ProphetRegressor().fit(table, outcome)
    with pytest.raises(ValueError, match="expected a moment in every row"):
        model.predict(table.assign(valid_hour=np.nan))


def test_a_missing_regressor_counts_as_its_mean() -> None:
    table, outcome = hours()
    model = ProphetRegressor().fit(table, outcome)
    of_mean = model.predict(table.assign(load=table["load"].mean()))
    assert model.predict(table.assign(load=np.nan)) == pytest.approx(of_mean, abs=1e-9)


def test_a_regressor_without_any_value_is_refused() -> None:
    table, outcome = hours()
    with pytest.raises(ValueError, match=r"got none in those at \[1\]"):
        ProphetRegressor().fit(table.assign(load=np.nan), outcome)


def test_other_columns_than_those_of_the_fit_are_refused() -> None:
    table, outcome = hours()
    model = ProphetRegressor().fit(table, outcome)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(table.rename(columns={"load": "burden"}))


def test_nothing_is_logged_about_chains(caplog: pytest.LogCaptureFixture) -> None:
    table, outcome = hours()
    logger = logging.getLogger("cmdstanpy")
    logger.addHandler(caplog.handler)
    with caplog.at_level(logging.INFO, logger="cmdstanpy"):
        ProphetRegressor().fit(table, outcome)
        logger.info("a fit leaves the log as it was")
    logger.removeHandler(caplog.handler)
    assert {record.message for record in caplog.records} == {"a fit leaves the log as it was"}
