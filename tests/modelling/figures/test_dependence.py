"""The figure of how a model's answer runs with its columns."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from numpy.typing import NDArray

from credit_pipeline.modelling.explanation.dependence import partial_dependence
from credit_pipeline.modelling.figures.dependence import partial_dependence_figure
from drawn_words import unreadable, words
from explained_models import COLUMNS, book, fitted


def table(name: str = "xgboost", *columns: str) -> pd.DataFrame:
    return partial_dependence(fitted(name), book(), columns or list(book()), COLUMNS, rows=200)


@pytest.mark.parametrize("name", ["xgboost", "scorecard", "logistic", "ridge"])
def test_nothing_written_is_cut_off_or_overlaps(name: str) -> None:
    unit = "instalments missed" if name == "ridge" else None
    assert unreadable(partial_dependence_figure(name, table(name), unit)) == []


@pytest.mark.parametrize("columns", [("delay",), ("housing", "income")])
def test_one_column_and_two_fill_a_row(columns: tuple[str, ...]) -> None:
    figure = partial_dependence_figure("xgboost", table("xgboost", *columns))
    assert unreadable(figure) == []
    assert len(figure.axes) == len(columns)


@pytest.mark.parametrize("categories", [3, 8, 20])
def test_long_names_and_many_categories_stay_readable(categories: int) -> None:
    rows = [f"{number} has a long name" for number in range(categories)]
    share = pd.DataFrame({"kind": "category", "value": np.nan, "label": rows, "share": 1 / categories})
    answers = {"mean": 0.2, "lower": 0.1, "upper": 0.3}
    points = [share.assign(feature=f"characteristic_with_a_very_long_name_{n}", **answers) for n in range(6)]
    assert unreadable(partial_dependence_figure("xgboost", pd.concat(points))) == []


def test_the_answer_names_the_column_that_it_runs_furthest_with() -> None:
    found = table("logistic")
    means = found.groupby("feature")["mean"]
    furthest = (means.max() - means.min()).idxmax()
    said = words(partial_dependence_figure("random_forest", found))
    assert said[0] == "How does random forest's answer change with each column?"
    low, high = (f"{value:.1%}".replace("%", " %") for value in (means.min()[furthest], means.max()[furthest]))
    assert said[1].startswith(f"It changes most with {furthest}, from {low} to {high} on average,")
    assert "Probability of default" in said


def test_a_regressors_answer_has_its_unit() -> None:
    assert "Instalments missed" in words(partial_dependence_figure("ridge", table("ridge"), "instalments missed"))


def test_codes_stand_left_of_the_range_and_missing_values_right_of_it_under_their_names() -> None:
    delay, income = partial_dependence_figure("xgboost", table("xgboost", "delay", "income")).axes
    assert [label.get_text() for label in delay.get_xticklabels()][:2] == ["\u22122", "\u22121"]
    line, *_ = delay.lines
    assert np.max(marks(delay)) < np.min(line.get_xdata()) == 0
    assert [label.get_text() for label in income.get_xticklabels()][-1] == "missing"
    assert np.min(marks(income)) > np.max(income.lines[0].get_xdata())


def marks(axes: Axes) -> NDArray[np.float64]:
    """Where the points beside a range stand."""
    (points,) = (line for line in axes.lines if line.get_marker() == "s")
    return np.asarray(points.get_xdata())


def test_a_mean_outside_its_band_is_drawn_like_any_other() -> None:
    # Nine applicants at 0.1 and one at 0.9 have the mean 0.18, above the band that holds the middle 80 %.
    skewed = pd.DataFrame(
        {"feature": "delay", "kind": "category", "value": np.nan, "label": ["once", "twice"], "share": 0.5}
    ).assign(mean=[0.18, 0.1], lower=0.1, upper=[0.1, 0.2])
    axes = partial_dependence_figure("xgboost", skewed).axes[0]
    assert axes.lines[0].get_ydata().tolist() == [0.18, 0.1]
    bands = [segment[:, 1].tolist() for segment in axes.collections[0].get_segments()]
    assert bands == [[0.1, 0.1], [0.1, 0.2]]


def test_line_and_band_are_the_table() -> None:
    found = table("logistic", "utilisation")
    axes = partial_dependence_figure("logistic", found).axes[0]
    assert np.array_equal(axes.lines[0].get_ydata(), found["mean"])
    corners = axes.collections[0].get_paths()[0].vertices
    assert set(np.round(corners[:, 1], 9)) == {*found["lower"].round(9), *found["upper"].round(9)}


def test_bars_show_where_the_applicants_are() -> None:
    found = table("logistic", "housing", "delay")
    housing, _ = partial_dependence_figure("logistic", found).axes
    shares = found.query("feature == 'housing'")["share"]
    assert [bar.get_height() for bar in housing.patches] == pytest.approx((0.2 * shares / shares.max()).tolist())
