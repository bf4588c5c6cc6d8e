from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.metrics import mean_absolute_error
from sklearn.utils.estimator_checks import parametrize_with_checks

from credit_pipeline.modelling.estimators.seasonal_naive import SeasonalNaive
from credit_pipeline.use_cases.temperature import forecast_rows

NEWARK = Path(__file__).parents[3] / "data/01_raw/weather_ewr.csv"
TABLE = pd.DataFrame({"a": [1.0, 2.0, np.nan], "b": [4.0, np.nan, 6.0]})
OUTCOME = [10.0, 20.0, 60.0]  # mean 30


@parametrize_with_checks([SeasonalNaive(column=0)])
def test_seasonal_naive_is_a_scikit_learn_regressor(estimator: BaseEstimator, check: Callable[..., None]) -> None:
    check(estimator)


@pytest.mark.parametrize(
    ("column", "expected"), [("a", [1, 2, 30]), (0, [1, 2, 30]), ("b", [4, 30, 6]), (1, [4, 30, 6])]
)
def test_the_column_is_predicted_and_its_gaps_are_the_mean_outcome(column: str | int, expected: list[float]) -> None:
    assert SeasonalNaive(column).fit(TABLE, OUTCOME).predict(TABLE).tolist() == expected


def test_the_only_column_needs_no_name() -> None:
    assert SeasonalNaive().fit(TABLE[["b"]], OUTCOME).predict(TABLE[["b"]]).tolist() == [4, 30, 6]
    assert SeasonalNaive().fit(TABLE[["b"]].to_numpy(), OUTCOME).mean_ == 30


@pytest.mark.parametrize("column", [None, "c", 2, -1])
def test_a_column_that_is_not_there_or_not_clear_is_refused(column: str | int | None) -> None:
    with pytest.raises(ValueError, match=r"expected the name or position of one of \['a', 'b'\]"):
        SeasonalNaive(column).fit(TABLE, OUTCOME)


def test_a_column_without_an_observation_is_predicted_by_the_mean() -> None:
    empty = pd.DataFrame({"a": [np.nan] * 3})
    assert SeasonalNaive().fit(empty, OUTCOME).predict(empty).tolist() == [30, 30, 30]


def test_the_temperature_of_the_day_before_comes_again() -> None:
    rows = forecast_rows(pd.read_csv(NEWARK, dtype="str", keep_default_na=False))
    model = SeasonalNaive("temperature_same_hour").fit(
        rows.drop(columns=["issued_at", "valid_at"]), rows["temperature"]
    )
    predicted = model.predict(rows.drop(columns=["issued_at", "valid_at"]))
    known = rows["temperature_same_hour"].notna()
    assert mean_absolute_error(rows["temperature"][known], predicted[known]) == pytest.approx(3.09, abs=0.01)
    assert set(predicted[~known]) == {model.mean_}
