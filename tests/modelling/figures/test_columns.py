"""The figures of what a model relies on and of what moves single applicants."""

import numpy as np
import pandas as pd
import pytest

from credit_pipeline.modelling.explanation.shap_values import Contributions, contributions
from credit_pipeline.modelling.figures.columns import permutation_figure, shap_figure
from drawn_words import unreadable, words
from explained_models import book, fitted


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
def test_nothing_written_on_importances_is_cut_off_or_overlaps(columns: int, scale: float) -> None:
    assert unreadable(permutation_figure("gradient_boosted_trees", table(columns, scale), "fall of AUC")) == []


def test_the_fifteen_weightiest_are_drawn_and_all_are_counted() -> None:
    figure = permutation_figure("random_forest", table(), "fall of AUC")
    said = words(figure)
    assert said[0] == "What does random forest rely on?"
    # Of importances 0.20, 0.19, … the intervals reach 0.105 down: ten are above 0.
    assert said[1].replace("\n", " ") == (
        "Shuffling characteristic_with_a_name_0: fall of AUC 0.200 (95 % 0.095 to 0.305), "
        "10 of 20 columns are significant (filled)"
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


def invented(columns: int, scale: float = 1.0, unit: str = "log odds") -> tuple[Contributions, pd.DataFrame]:
    """Contributions that fall from column to column, and run with the values."""
    features = pd.DataFrame(
        np.random.default_rng(0).normal(size=(800, columns)),
        columns=[f"characteristic_with_a_name_{number}" for number in range(columns)],
    )
    return Contributions(features * scale / np.arange(1, columns + 1), -1.5, unit), features


@pytest.mark.parametrize("columns", [1, 3, 20])
@pytest.mark.parametrize("scale", [0.001, 1, 40_000])
def test_nothing_written_on_contributions_is_cut_off_or_overlaps(columns: int, scale: float) -> None:
    assert unreadable(shap_figure("gradient_boosted_trees", *invented(columns, scale))) == []


@pytest.mark.parametrize("name", ["xgboost", "scorecard", "logistic", "forest", "ridge", "xgboost_count"])
def test_the_contributions_of_every_kind_of_model_are_drawn(name: str) -> None:
    found = contributions(fitted(name), book())
    assert found is not None
    assert unreadable(shap_figure(name, found, fitted(name)[:1].transform(book()))) == []


def test_the_twelve_weightiest_columns_are_drawn_with_their_mean_size() -> None:
    found, features = invented(20)
    figure = shap_figure("xgboost", found, features)
    said = words(figure)
    assert said[0] == "What drives xgboost's answers for single applicants?"
    size = found.table.iloc[:, 0].abs().mean()
    assert said[1].startswith(f"characteristic_with_a_name_0 changes an answer by {size:.3f} log odds on average")
    assert "12 of 20 columns make up" in said[1]
    assert said[1].endswith("n = 800")
    assert f"{size:.3f}" in said[2:]
    assert "Added to the log odds of default" in said
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == list(found.table)[:12]


@pytest.mark.parametrize("unit", ["value", "logarithm of the value"])
def test_the_unit_of_a_regressor_is_shown(unit: str) -> None:
    assert f"Added to the {unit}" in words(shap_figure("ridge", *invented(3, unit=unit)))


def test_a_forest_adds_percentage_points_to_the_probability_of_default() -> None:
    found, features = invented(2, scale=0.05, unit="probability")
    figure = shap_figure("random_forest", found, features)
    said, size = words(figure), 100 * found.table.iloc[:, 0].abs().mean()
    assert "Added to the probability of default, in percentage points" in said
    assert said[1].startswith(f"characteristic_with_a_name_0 changes an answer by {size:.2f} percentage points")
    assert f"{size:.2f}" in said[2:]
    marks = np.concatenate([line.get_xdata() for line in figure.axes[0].lines if line.get_marker() in ("^", "o")])
    assert np.abs(marks).max() > 5


def test_the_higher_half_stands_above_the_line_and_the_lower_half_below_with_another_mark() -> None:
    found, features = invented(1)
    _, _, above, below = shap_figure("xgboost", found, features).axes[0].lines
    assert (above.get_marker(), below.get_marker()) == ("^", "o")
    assert (np.asarray(above.get_ydata()) < 0).all()  # The first row is at 0, and the axis runs downwards.
    assert (np.asarray(below.get_ydata()) > 0).all()
    # The contribution runs with the value.
    assert np.min(above.get_xdata()) > np.max(below.get_xdata())
    assert (len(above.get_xdata()), len(below.get_xdata())) == (250, 250)


@pytest.mark.parametrize(
    ("values", "above"),
    [
        ([0.0] * 6 + [1.0] * 4, 4),  # The median is 0: four above it are nearer to half than ten not below.
        ([0.0] * 4 + [1.0] * 6, 6),  # The median is 1: six not below it are nearer to half than none above.
        ([np.nan] * 4 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3),
        ([np.nan] * 10, 0),
        (["own", "rent"] * 5, 0),
    ],
)
def test_halves_are_as_alike_as_the_values_let_them_be(values: list[object], above: int) -> None:
    features = pd.DataFrame({"a": values})
    drawn = shap_figure("ridge", Contributions(pd.DataFrame({"a": np.arange(10.0)}), 0.0, "value"), features)
    assert len(drawn.axes[0].lines[2].get_xdata()) == above


def test_marks_of_one_place_are_stacked_within_their_row() -> None:
    found = Contributions(pd.DataFrame({"a": np.zeros(300), "b": np.linspace(0, 1, 300)}), 0.0, "value")
    axes = shap_figure("ridge", found, pd.DataFrame({"a": np.arange(300.0)})).axes[0]
    zeros = next(line for line in axes.lines if line.get_marker() == "o" and set(line.get_xdata()) == {0.0})
    heights = np.asarray(zeros.get_ydata()) - 1  # b is weightier and comes first.
    assert len(set(heights)) == len(heights) == 150
    assert 0 < heights.min() < heights.max() < 0.5


def test_columns_that_move_nobody_are_drawn() -> None:
    found = Contributions(pd.DataFrame({"a": np.zeros(5)}), 0.0, "value")
    assert "make up 0.0 %" in words(shap_figure("ridge", found, pd.DataFrame({"a": np.arange(5.0)})))[1]
