"""The figure of a model's quality by segment."""

import numpy as np
import pandas as pd
import pytest

from credit_pipeline.modelling.plot_segments import segment_figure
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


def test_segments_are_sorted_and_those_too_small_stand_last_with_the_reason() -> None:
    figure = segment_figure("random_forest", "town", table(), "roc_auc", "AUC", 0.71)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [
        *(f"town {n}  (n = {1000 - n:,}, 200 defaults)" for n in (3, 2, 1, 0)),
        "village  (n = 20, 1 default)",
    ]
    said = words(figure)
    assert said[0] == "For whom is random forest better or worse, by town?"
    assert said[1] == "AUC runs from 0.700 for town 0 to 0.730 for town 3, 1 too small to tell, n = 4,014"
    assert "fewer than 50 rows" in said
    assert "Dashed: all rows, 0.710" in said
    intervals = [line for line in figure.axes[0].lines if line.get_marker() == "|"]
    assert list(intervals[0].get_xdata()) == pytest.approx([0.71, 0.75])
    assert len(intervals) == 4


def test_a_regressors_segments_have_no_defaults() -> None:
    figure = segment_figure("ridge", "town", table().drop(columns="events"), "roc_auc", "mean absolute error")
    assert "town 0  (n = 1,000)" in words(figure)


def test_where_no_segment_is_large_enough_the_figure_says_so() -> None:
    told = table().tail(1)[["segment", "rows", "events", "remark"]]
    figure = segment_figure("ridge", "town", told, "roc_auc", "AUC")
    assert words(figure)[1] == "No segment is large enough for AUC, 1 too small to tell"
    assert unreadable(figure) == []
