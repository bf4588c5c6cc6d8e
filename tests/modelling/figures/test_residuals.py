"""The figure of where a regressor's values miss, and the table behind it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.modelling.figures.residuals import residual_bands, residual_figure, residual_table
from credit_pipeline.modelling.scoring.scoring_model import answers
from drawn_words import unreadable, words
from explained_models import book, fitted, losses

TABLE = residual_table(losses(), answers(fitted("xgboost_value"), book()))
amounts = st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(-5, 5).map(float)), min_size=1, max_size=80)


@pytest.mark.parametrize("scale", [0.001, 1, 500_000])
def test_nothing_written_is_cut_off_or_overlaps(scale: float) -> None:
    table = residual_table(TABLE["observed"] * scale, TABLE["predicted"] * scale)
    assert unreadable(residual_figure("gradient_boosted_trees", table, "instalments missed")) == []


def test_the_answer_states_error_bias_and_share_explained() -> None:
    # Residuals 1, -2, -2: the mean size is 5/3, the mean -1; 9 of a spread of 2 around the mean 2: R² = 1 - 4.5.
    said = words(residual_figure("ridge", residual_table(np.array([1, 2, 3]), np.array([0, 4, 5])), "losses"))
    assert said[0] == "Where are the predictions of ridge wrong?"
    assert said[1] == "Mean absolute error 1.67, on average 1.00 too high, R² \u22123.500, n = 3"


def test_values_that_are_all_alike_have_no_share_explained() -> None:
    said = words(residual_figure("ridge", residual_table(np.ones(4), np.array([0.5, 0.5, 0.5, 1.0])), "losses"))
    assert said[1] == "Mean absolute error 0.375, on average 0.375 too low, n = 4"


def test_the_diagonal_and_the_running_middle_are_drawn() -> None:
    left, right = residual_figure("ridge", TABLE, "losses").axes
    diagonal = left.lines[1]
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata())
    bands = residual_bands(TABLE)
    for line, name in zip(right.lines[2:], ("median", "lower", "upper"), strict=True):
        assert np.array_equal(line.get_xdata(), bands["predicted"])
        assert np.array_equal(line.get_ydata(), bands[name])
    assert right.lines[2].get_linestyle() != right.lines[3].get_linestyle()


def test_of_many_rows_two_thousand_dots_are_drawn() -> None:
    values = np.random.default_rng(0).normal(size=5_000)
    figure = residual_figure("ridge", residual_table(values, 0.5 * values), "losses")
    assert len(figure.axes[0].lines[0].get_xdata()) == 2_000


def test_an_outlier_does_not_flatten_the_others_and_is_counted() -> None:
    values = np.random.default_rng(0).normal(size=1_000)
    observed = values + np.r_[1_000.0, np.zeros(999)]
    right = residual_figure("ridge", residual_table(observed, 0.5 * values), "losses").axes[1]
    assert right.get_ylim()[1] < 10
    assert right.get_title(loc="left").endswith("; 1 beyond")


def test_a_residual_is_positive_where_the_prediction_is_too_low() -> None:
    table = residual_table(np.array([3, 5]), np.array([2.5, 7.0]))
    assert table.to_dict("list") == {"observed": [3.0, 5.0], "predicted": [2.5, 7.0], "residual": [0.5, -2.0]}


def test_the_middle_of_the_residuals_is_shown_by_groups_of_the_answer() -> None:
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
