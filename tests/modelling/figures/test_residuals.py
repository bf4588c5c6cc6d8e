"""The figure of where a regressor's values miss."""

import numpy as np
import pytest

from credit_pipeline.modelling.figures.residuals import residual_bands, residual_figure, residual_table
from credit_pipeline.modelling.scoring.scoring_model import answers
from drawn_words import unreadable, words
from explained_models import book, fitted, losses

TABLE = residual_table(losses(), answers(fitted("xgboost_value"), book()))


@pytest.mark.parametrize("scale", [0.001, 1, 500_000])
def test_nothing_written_is_cut_off_or_overlaps(scale: float) -> None:
    table = residual_table(TABLE["observed"] * scale, TABLE["predicted"] * scale)
    assert unreadable(residual_figure("gradient_boosted_trees", table, "instalments missed")) == []


def test_the_answer_tells_error_bias_and_share_explained() -> None:
    # Residuals 1, -2, -2: the mean size is 5/3, the mean -1; 9 of a spread of 2 around the mean 2: R² = 1 - 4.5.
    said = words(residual_figure("ridge", residual_table(np.array([1, 2, 3]), np.array([0, 4, 5])), "losses"))
    assert said[0] == "Where do the values of ridge miss?"
    assert said[1] == "Mean absolute error 1.67, on average 1.00 too much, R² \u22123.500, n = 3"


def test_values_that_are_all_alike_have_no_share_explained() -> None:
    said = words(residual_figure("ridge", residual_table(np.ones(4), np.array([0.5, 0.5, 0.5, 1.0])), "losses"))
    assert said[1] == "Mean absolute error 0.375, on average 0.375 too little, n = 4"


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


def test_a_far_miss_does_not_press_the_others_flat_and_is_counted() -> None:
    values = np.random.default_rng(0).normal(size=1_000)
    observed = values + np.r_[1_000.0, np.zeros(999)]
    right = residual_figure("ridge", residual_table(observed, 0.5 * values), "losses").axes[1]
    assert right.get_ylim()[1] < 10
    assert right.get_title(loc="left").endswith("; 1 beyond")
