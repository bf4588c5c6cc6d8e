from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.utils.estimator_checks import parametrize_with_checks

from credit_pipeline.modelling.estimators.seasonal_naive import SeasonalNaive

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
