"""The figures of a model's quality by segment."""

import numpy as np
import pandas as pd
import pytest

from credit_pipeline.modelling.figures.segments import segment_course_figure, segment_figure
from drawn_words import unreadable, words


def table(segments: int = 4, scale: float = 1.0) -> pd.DataFrame:
    auc = scale * (0.7 + 0.01 * np.arange(segments))
    rows = np.arange(1000, 1000 - segments, -1)
    made = pd.DataFrame({"segment": [f"town {n}" for n in range(segments)], "rows": rows, "events": 200, "remark": ""})
    made = made.assign(roc_auc=auc, roc_auc_lower=auc - 0.02 * scale, roc_auc_upper=auc + 0.02 * scale)
    small = pd.DataFrame({"segment": ["village"], "rows": 20, "events": 1, "remark": "fewer than 50 rows"})
    return pd.concat([made, small], ignore_index=True)


@pytest.mark.parametrize("segments", [1, 4, 30])
@pytest.mark.parametrize("scale", [1, 90_000])
def test_nothing_written_is_cut_off_or_overlaps(segments: int, scale: float) -> None:
    figure = segment_figure("gradient_boosted_trees", "town", table(segments, scale), "roc_auc", "AUC", 0.71 * scale)
    assert unreadable(figure) == []


def test_segments_are_sorted_and_those_too_small_come_last_with_the_reason() -> None:
    figure = segment_figure("random_forest", "town", table(), "roc_auc", "AUC", 0.71)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [
        *(f"town {n}  (n = {1000 - n:,}, 200 defaults)" for n in (3, 2, 1, 0)),
        "village  (n = 20, 1 default)",
    ]
    said = words(figure)
    assert said[0] == "For whom is random forest better or worse, by town?"
    assert said[1] == "AUC ranges from 0.700 for town 0 to 0.730 for town 3, 1 too small to estimate, n = 4,014"
    assert "fewer than 50 rows" in said
    assert "Dashed: all rows, 0.710" in said
    intervals = [line for line in figure.axes[0].lines if line.get_marker() == "|"]
    assert list(intervals[0].get_xdata()) == pytest.approx([0.71, 0.75])
    assert len(intervals) == 4


def test_a_regressors_segments_have_no_defaults() -> None:
    figure = segment_figure("ridge", "town", table().drop(columns="events"), "roc_auc", "mean absolute error")
    assert "town 0  (n = 1,000)" in words(figure)


def test_where_no_segment_is_large_enough_the_figure_says_so() -> None:
    small = table().tail(1)[["segment", "rows", "events", "remark"]]
    figure = segment_figure("ridge", "town", small, "roc_auc", "AUC")
    assert words(figure)[1] == "No segment is large enough for AUC, 1 too small to estimate"
    assert unreadable(figure) == []


def hours(scale: float = 1.0, *, missing: bool = False) -> pd.DataFrame:
    """An error that grows by 0.1 with each of 24 hours ahead; of hour 7 there are too few rows."""
    ahead = np.arange(24, 0, -1)
    error = scale * ahead / 10
    made = pd.DataFrame({"segment": ahead.astype(str), "rows": 100, "remark": "", "mae": error})
    made = made.assign(mae_lower=error - 0.05 * scale, mae_upper=error + 0.05 * scale)
    few = made["segment"] == "7"
    made.loc[few, ["mae", "mae_lower", "mae_upper"]] = np.nan
    made.loc[few, ["remark", "rows"]] = ["fewer than 50 rows", 9]
    last = pd.DataFrame([{**made.iloc[0].to_dict(), "segment": "missing", "mae": 0.9 * scale}])
    return pd.concat([made, last], ignore_index=True) if missing else made


def test_every_value_of_a_number_is_drawn_in_its_order_with_a_gap_where_too_few_rows_are() -> None:
    figure = segment_course_figure("ridge", "horizon", hours(), "mae", "mean absolute error")
    line = figure.axes[0].lines[0]
    assert list(line.get_xdata()) == list(range(1, 25))
    drawn = np.asarray(line.get_ydata(), dtype=float)
    assert np.flatnonzero(np.isnan(drawn)).tolist() == [6]
    assert np.delete(drawn, 6) == pytest.approx(np.delete(np.arange(1, 25) / 10, 6))
    band = figure.axes[0].collections[0].get_paths()
    assert [path.get_extents().y1 for path in band] == pytest.approx([0.65, 2.45])  # hours 1 to 6, 8 to 24
    question, answer, *_ = words(figure)
    assert question == "Where is ridge better or worse, by horizon?"
    assert answer.replace("\n", " ") == (
        "Mean absolute error ranges from 0.10 for horizon 1 to 2.40 for horizon 24, 1 too small to estimate, n = 2,309"
    )


def test_rows_that_miss_the_number_are_reported_above_the_line() -> None:
    figure = segment_course_figure("ridge", "horizon", hours(missing=True), "mae", "mean absolute error")
    assert "Shaded: 95 % interval; rows with a missing value: 0.90" in words(figure)
    assert len(figure.axes[0].lines[0].get_xdata()) == 24


@pytest.mark.parametrize("scale", [1, 90_000])
@pytest.mark.parametrize("missing", [False, True])
def test_nothing_written_about_the_line_is_cut_off_or_overlaps(scale: float, *, missing: bool) -> None:
    figure = segment_course_figure("gradient_boosted_trees", "hours_ahead", hours(scale, missing=missing), "mae", "MAE")
    assert unreadable(figure) == []
