"""What a regressor misses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.modelling.figures.residuals import residual_bands, residual_table

amounts = st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(-5, 5).map(float)), min_size=1, max_size=80)


def test_a_residual_is_positive_where_the_model_says_too_little() -> None:
    table = residual_table(np.array([3, 5]), np.array([2.5, 7.0]))
    assert table.to_dict("list") == {"observed": [3.0, 5.0], "predicted": [2.5, 7.0], "residual": [0.5, -2.0]}


def test_the_middle_of_the_residuals_is_told_by_groups_of_the_answer() -> None:
    # Answers 0 and 10; residuals 0 to 10 at the first, 100 to 200 at the second.
    predicted = np.repeat([0.0, 10.0], 11)
    bands = residual_bands(residual_table(predicted + np.r_[0:11, 100:201:10], predicted), groups=2)
    assert bands.to_dict("list") == {
        "rows": [11, 11],
        "predicted": [0, 10],
        "lower": [1, 110],
        "median": [5, 150],
        "upper": [9, 190],
    }


def test_groups_hold_equally_many_rows() -> None:
    predicted = np.arange(100.0)
    assert residual_bands(residual_table(predicted, predicted), groups=5)["rows"].tolist() == [20] * 5


@given(amounts, st.integers(1, 12))
def test_groups_hold_every_row_once_and_ascend(rows: list[tuple[float, float]], groups: int) -> None:
    observed, predicted = np.array(rows).T
    bands = residual_bands(residual_table(observed, predicted), groups)
    assert bands["rows"].sum() == len(rows)
    assert 1 <= len(bands) <= groups
    assert bands["predicted"].is_monotonic_increasing
    assert ((bands["lower"] <= bands["median"]) & (bands["median"] <= bands["upper"])).all()


@pytest.mark.parametrize(
    ("observed", "predicted", "message"),
    [
        ([1.0], [1.0, 2.0], r"got shapes \(1,\) and \(2,\)"),
        ([], [], r"got shapes \(0,\) and \(0,\)"),
        ([1.0, np.nan, 1.0], [1.0, 1.0, np.inf], "finite, 2 of 3 rows are not"),
    ],
)
def test_what_has_no_residual_is_refused(observed: list[float], predicted: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        residual_table(np.array(observed), np.array(predicted))
