"""The figure of what a model loses without each column."""

import numpy as np
import pandas as pd
import pytest

from credit_pipeline.modelling.figures.columns import permutation_figure
from drawn_words import unreadable, words


def table(columns: int = 20, scale: float = 0.01) -> pd.DataFrame:
    importance = scale * np.arange(columns, 0, -1)
    return pd.DataFrame(
        {
            "feature": [f"characteristic_with_a_name_{number}" for number in range(columns)],
            "importance": importance,
            "lower": importance - 10.5 * scale,
            "upper": importance + 10.5 * scale,
        }
    )


@pytest.mark.parametrize("columns", [1, 3, 20])
@pytest.mark.parametrize("scale", [0.0001, 0.01, 12_000])
def test_nothing_written_is_cut_off_or_overlaps(columns: int, scale: float) -> None:
    assert unreadable(permutation_figure("gradient_boosted_trees", table(columns, scale), "fall of AUC")) == []


def test_the_fifteen_weightiest_are_drawn_and_all_are_counted() -> None:
    figure = permutation_figure("random_forest", table(), "fall of AUC")
    said = words(figure)
    assert said[0] == "What does random forest rely on?"
    # Of importances 0.20, 0.19, … the intervals reach 0.105 down: ten are above 0.
    assert said[1].replace("\n", " ") == (
        "characteristic_with_a_name_0 shuffled: fall of AUC 0.200 (95 % 0.095 to 0.305), "
        "10 of 20 columns tell more than chance (filled)"
    )
    assert [label.get_text()[-2:] for label in figure.axes[0].get_yticklabels()] == [
        *(f"_{number}" for number in range(10)),
        *(str(number) for number in range(10, 15)),
    ]
    assert "Fall of AUC when shuffled, with 95 % interval" in said


def test_a_column_that_may_matter_nothing_is_hollow_and_its_interval_reaches_zero() -> None:
    _, *drawn = permutation_figure("scorecard", table(12), "fall of AUC").axes[0].lines
    intervals, points = drawn[::2], drawn[1::2]
    assert [point.get_markerfacecolor() == "white" for point in points] == [False, False, *[True] * 10]
    assert list(intervals[0].get_xdata()) == pytest.approx([0.015, 0.225])
