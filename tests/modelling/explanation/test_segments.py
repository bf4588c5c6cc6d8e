"""How good a model is in each segment."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from credit_pipeline.core.estimate import Estimate
from credit_pipeline.modelling.explanation.segments import errors_by_segment
from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.uncertainty.intervals import estimate
from credit_pipeline.modelling.scoring.scoring_model import answers
from explained_models import book, defaults, fitted

RANKING = partial(estimate, ["roc_auc", "brier"], resamples=20)


def bias(sample: Sample) -> dict[str, Estimate]:
    value = float((sample.outcome - sample.answer).mean())
    return {"bias": Estimate(value, value - 1, value + 1, len(sample))}


def test_each_segment_has_what_its_own_rows_give() -> None:
    risk = answers(fitted("logistic"), book())
    found = errors_by_segment(book()["housing"], Sample(defaults(), risk), RANKING, is_event=True).set_index("segment")
    assert found["rows"].is_monotonic_decreasing
    for home, rows in book().groupby("housing").indices.items():
        assert found.loc[home, "rows"] == len(rows)
        assert found.loc[home, "events"] == defaults()[rows].sum()
        assert found.loc[home, "observed"] == pytest.approx(defaults()[rows].mean())
        assert found.loc[home, "predicted"] == pytest.approx(risk[rows].mean())
        for name, expected in RANKING(Sample(defaults()[rows], risk[rows])).items():
            got = found.loc[home, [name, f"{name}_lower", f"{name}_upper"]].tolist()
            assert got == [expected.value, expected.lower, expected.upper]
    assert (found["remark"] == "").all()


def test_a_segment_with_too_few_rows_is_named_and_not_estimated() -> None:
    labels = pd.Series(np.repeat(["few", "payers", "defaulters", "rare", "enough"], [5, 50, 50, 50, 60]))
    rare, enough = [1] * 2 + [0] * 48, [0, 1] * 30
    outcome = np.array([0, 1, 0, 1, 0, *[0] * 50, *[1] * 50, *rare, *enough])
    found = errors_by_segment(labels, Sample(outcome, np.full(215, 0.3)), RANKING, is_event=True).set_index("segment")
    assert found["remark"].to_dict() == {
        "few": "fewer than 50 rows",
        "payers": "no defaults",
        "defaulters": "no payers",
        "rare": "fewer than 5 defaults",
        "enough": "",
    }
    assert found["roc_auc"].notna().to_dict() == {name: name == "enough" for name in found.index}
    assert list(found.columns)[-1] == "remark"


def test_a_regressor_has_means_and_no_events() -> None:
    values = np.array([1.0, 2.0, 3.0, 9.0])
    labels = pd.Series(["a", "a", "a", None])
    found = errors_by_segment(labels, Sample(values, values - 2), bias, is_event=False, minimum_rows=1)
    assert found.to_dict("records") == [
        {
            "segment": "a",
            "rows": 3,
            "observed": 2,
            "predicted": 0,
            "bias": 2,
            "bias_lower": 1,
            "bias_upper": 3,
            "remark": "",
        },
        {
            "segment": "missing",
            "rows": 1,
            "observed": 9,
            "predicted": 7,
            "bias": 2,
            "bias_lower": 1,
            "bias_upper": 3,
            "remark": "",
        },
    ]


@pytest.mark.parametrize(
    "labels", [pd.Series([1, 2, 1]), pd.Series([1, 2, 1], dtype="category"), pd.Series([1.0, 2, 1])]
)
def test_labels_of_any_type_are_written_out(labels: pd.Series) -> None:
    found = errors_by_segment(labels, Sample(np.zeros(3), np.zeros(3)), bias, is_event=False, minimum_rows=1)
    assert [float(label) for label in found["segment"]] == [1, 2]


def test_where_no_segment_is_large_enough_no_metric_is_given() -> None:
    found = errors_by_segment(pd.Series(["a", "b"]), Sample(np.array([0, 1]), np.zeros(2)), RANKING, is_event=True)
    assert list(found.columns) == ["segment", "rows", "events", "observed", "predicted", "remark"]


@pytest.mark.parametrize("rows", [0, 2])
def test_labels_that_do_not_fit_the_rows_are_refused(rows: int) -> None:
    with pytest.raises(ValueError, match=f"got {rows} labels, {min(rows, 1)} outcomes and {min(rows, 1)} answers"):
        errors_by_segment(
            pd.Series(["a"] * rows, dtype=object), Sample(*np.zeros((2, min(rows, 1)))), bias, is_event=False
        )


def test_clusters_reach_the_estimates_of_their_segment() -> None:
    outcome, cluster = np.arange(120.0), np.arange(120) // 10
    asked = partial(estimate, ["mae"])
    labels = pd.Series(np.repeat(["first", "second"], 60))
    found = errors_by_segment(labels, Sample(outcome, outcome + cluster, cluster=cluster), asked, is_event=False)
    expected = asked(Sample(outcome[60:], (outcome + cluster)[60:], cluster=cluster[60:] - 6))["mae"]
    row = found.set_index("segment").loc["second"]
    assert (row["mae_lower"], row["mae_upper"]) == pytest.approx((expected.lower, expected.upper))
    alone = asked(Sample(outcome[60:], (outcome + cluster)[60:]))["mae"]
    assert row["mae_upper"] - row["mae_lower"] > alone.upper - alone.lower
