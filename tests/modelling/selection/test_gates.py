import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from credit_pipeline.modelling.metrics import METRICS, Sample, score
from credit_pipeline.modelling.selection.gates import (
    Gate,
    champion_gate,
    metric_gates,
    not_compared,
    outcome,
    promotion_sentence,
    unseen_by,
)
from credit_pipeline.spec import ChampionGateSpec, GatesSpec

OUTCOME = np.array([0, 0, 1, 1])
PERFECT = np.array([0.1, 0.2, 0.8, 0.9])
# Of the four pairs (default, payer) only 0.2 < 0.8 is the wrong way round: AUC 3/4.
SWAPPED = np.array([0.1, 0.8, 0.2, 0.9])

OF_PROBABILITIES = sorted(name for name, metric in METRICS.items() if metric.task == "classification")


def answered(answer: NDArray[np.float64]) -> Sample:
    return Sample(OUTCOME, answer)


def rule(**said: object) -> ChampionGateSpec:
    return ChampionGateSpec.model_validate({"minimum_rows": 2, "minimum_events": 1, **said})


def test_every_bound_is_a_gate_of_its_own_with_the_value_and_what_is_asked() -> None:
    spec = GatesSpec(minimum={"test_roc_auc": 0.75, "test_ks": 0.35}, maximum={"test_brier": 0.15})
    assert metric_gates({"test_roc_auc": 0.7, "test_ks": 0.4, "test_brier": 0.16}, spec) == [
        Gate("test_roc_auc", passed=False, reason="test_roc_auc is 0.7000, at least 0.75 is required"),
        Gate("test_ks", passed=True, reason="test_ks is 0.4000, at least 0.35 is required"),
        Gate("test_brier", passed=False, reason="test_brier is 0.1600, at most 0.15 is required"),
    ]


def test_a_metric_may_be_bounded_on_both_sides() -> None:
    spec = GatesSpec(minimum={"test_ks": 0.3}, maximum={"test_ks": 0.6})
    assert [gate.passed for gate in metric_gates({"test_ks": 0.7}, spec)] == [True, False]


def test_a_value_on_its_bound_passes() -> None:
    spec = GatesSpec(minimum={"test_ks": 0.35}, maximum={"test_brier": 0.15})
    assert all(gate.passed for gate in metric_gates({"test_ks": 0.35, "test_brier": 0.15}, spec))


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_a_finite_value_passes_by_its_bound_alone(value: float, limit: float) -> None:
    least, most = metric_gates({"m": value}, GatesSpec(minimum={"m": limit}, maximum={"m": limit}))
    assert (least.passed, most.passed) == (value >= limit, value <= limit)


@pytest.mark.parametrize("metrics", [{}, {"m": math.nan}, {"m": math.inf}, {"m": -math.inf}])
def test_a_metric_that_is_missing_or_not_finite_does_not_pass(metrics: Mapping[str, float]) -> None:
    bounds = GatesSpec(minimum={"m": -math.inf}, maximum={"m": math.inf})
    assert [gate.passed for gate in metric_gates(metrics, bounds)] == [False, False]


def test_without_bounds_there_are_no_metric_gates() -> None:
    assert metric_gates({"test_ks": 0.1}, GatesSpec()) == []


def test_a_worse_challenger_is_held_with_both_values_and_the_rows_behind_them() -> None:
    gate = champion_gate(answered(SWAPPED), answered(PERFECT), rule(margin=0.1))
    assert not gate.passed
    assert gate.name == "champion"
    assert gate.reason.startswith(
        "roc_auc 0.7500 against the champion's 1.0000 on 4 rows with 2 defaults that neither was fitted on"
    )
    assert "difference -0.2500, 95 % -" in gate.reason
    assert gate.reason.endswith("; margin 0.1")


def test_the_loans_of_one_borrower_widen_the_interval_in_the_reason() -> None:
    # Every borrower has the same loan four times: s^2 = 4/3 (2 (1/8)^2 + 2 (1/8)^2) = 1/12 by Obuchowski; the loans
    # taken for 16 independent ones have 2 (8/7) (1/4)^2 / 8 = 1/56.
    outcome, challenger, champion = (np.tile(part, 4) for part in (OUTCOME, SWAPPED, PERFECT))
    apart, together = (
        champion_gate(one, one.answered(champion), rule(margin=0.1)).reason
        for one in (Sample(outcome, challenger, cluster=cluster) for cluster in (None, np.tile(np.arange(4), 4)))
    )
    assert f"95 % {-0.25 - 1.96 * math.sqrt(1 / 56):+.4f} to" in apart
    assert f"95 % {-0.25 - 1.96 * math.sqrt(1 / 12):+.4f} to" in together


@pytest.mark.parametrize(("margin", "passed"), [(0.25, True), (0.2499, False)])
def test_a_challenger_may_be_worse_by_the_margin_and_no_more(margin: float, passed: bool) -> None:
    gate = champion_gate(answered(SWAPPED), answered(PERFECT), rule(margin=margin))
    assert gate.passed is passed


@pytest.mark.parametrize("metric", OF_PROBABILITIES)
def test_equal_answers_are_not_worse_without_any_margin(metric: str) -> None:
    assert champion_gate(answered(SWAPPED), answered(SWAPPED), rule(metric=metric)).passed


def test_a_smaller_loss_is_the_better_one() -> None:
    # Brier scores 0.025 and 0.325: the squared errors .01 .04 .04 .01, and .01 .64 .64 .01, averaged.
    better, worse = (
        champion_gate(answered(one), answered(other), rule(metric="brier"))
        for one, other in ((PERFECT, SWAPPED), (SWAPPED, PERFECT))
    )
    assert (better.passed, worse.passed) == (True, False)
    assert worse.reason.startswith("brier 0.3250 against the champion's 0.0250 on 4 rows")
    assert "difference" not in worse.reason


@st.composite
def scored(draw: st.DrawFn) -> tuple[Sample, Sample]:
    """Up to 30 rows with two defaults and two payers at least, scored twice."""
    rows = draw(st.integers(4, 30))
    labels = draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 1)))
    labels[:4] = 0, 0, 1, 1
    one, other = (draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 12))) / 12 for _ in range(2))
    return Sample(labels, one), Sample(labels, other)


@given(scored(), st.sampled_from(OF_PROBABILITIES), st.floats(0, 0.5))
def test_the_challenger_passes_unless_it_is_worse_by_more_than_the_margin(
    models: tuple[Sample, Sample], metric: str, margin: float
) -> None:
    one, other = METRICS[metric].goodness([score(metric, model.outcome, model.answer) for model in models])
    assert champion_gate(*models, rule(metric=metric, margin=margin)).passed == (one - other >= -margin)


@pytest.mark.parametrize(
    "few",
    [{"minimum_rows": 5}, {"minimum_events": 3}, {"minimum_rows": 1_000, "minimum_events": 50}],
    ids=["rows", "defaults", "both"],
)
@pytest.mark.parametrize(("when_not_compared", "passed"), [("hold", False), ("pass", True)])
def test_too_few_rows_or_defaults_are_no_comparison(
    few: Mapping[str, int], when_not_compared: str, passed: bool
) -> None:
    # The challenger ranks better here and worse there: neither changes what happens.
    for one, other in ((PERFECT, SWAPPED), (SWAPPED, PERFECT)):
        gate = champion_gate(answered(one), answered(other), rule(when_not_compared=when_not_compared, **few))
        assert gate.passed is passed
        assert gate.reason.startswith("not compared: 4 rows with 2 defaults that neither was fitted on, ")
        assert "against" not in gate.reason


def test_the_required_rows_are_named_beside_those_there_are() -> None:
    gate = champion_gate(answered(PERFECT), answered(PERFECT), ChampionGateSpec(minimum_rows=1_500))
    assert gate.reason.endswith("neither was fitted on, 1,500 rows and 50 defaults are required")


def test_no_rows_at_all_are_no_comparison() -> None:
    nothing = Sample(np.array([], dtype=np.int_), np.array([]))
    gate = champion_gate(nothing, nothing, ChampionGateSpec())
    assert gate.reason.startswith("not compared: 0 rows with 0 defaults")


def test_exactly_as_many_rows_and_defaults_as_are_asked_for_are_enough() -> None:
    gate = champion_gate(answered(PERFECT), answered(PERFECT), rule(minimum_rows=4, minimum_events=2))
    assert gate.passed
    assert "against the champion's" in gate.reason


@pytest.mark.parametrize(
    "labels", [[1, 1, 1, 1], [0, 1, 1, 1], [0, 0, 0, 1]], ids=["no payer", "one payer", "one default"]
)
def test_rows_without_two_of_each_outcome_are_no_comparison(labels: list[int]) -> None:
    challenger = Sample(np.array(labels), PERFECT)
    assert champion_gate(challenger, challenger.answered(SWAPPED), rule()).reason.startswith("not compared: ")


def test_answers_to_different_rows_are_not_compared() -> None:
    with pytest.raises(ValueError, match="the same rows"):
        champion_gate(answered(PERFECT), Sample(OUTCOME[::-1], PERFECT), rule())


def test_the_reason_why_nothing_can_be_compared_is_given() -> None:
    held = not_compared("version 2 cannot be loaded", ChampionGateSpec(when_not_compared="hold"))
    assert held == Gate("champion", passed=False, reason="not compared: version 2 cannot be loaded")
    assert not_compared("", ChampionGateSpec(when_not_compared="pass")).passed


KEYS = hnp.arrays(np.uint64, st.integers(0, 20), elements=st.integers(2**64 - 12, 2**64 - 1))


@given(KEYS, KEYS)
def test_a_row_is_unseen_unless_its_key_was_fitted_on(rows: NDArray[np.uint64], fitted: NDArray[np.uint64]) -> None:
    # Keys of 64 bits that differ in the last only: as floats they would all be one.
    seen = set(fitted.tolist())
    assert unseen_by(rows, fitted).tolist() == [key not in seen for key in rows.tolist()]


@pytest.mark.parametrize(
    ("version", "passed", "champion", "happens"),
    [
        (None, True, "2", "none"),
        (None, False, None, "none"),
        ("2", True, "2", "kept"),
        # Its own champion's gates are not asked again: an alias that stands is not taken away.
        ("2", False, "2", "kept"),
        ("3", True, "2", "promoted"),
        ("1", True, None, "promoted"),
        ("3", False, "2", "held"),
        ("1", False, None, "held"),
    ],
)
def test_what_happens_to_a_version(version: str | None, passed: bool, champion: str | None, happens: str) -> None:
    assert outcome(version=version, passed=passed, champion=champion) == happens


@pytest.mark.parametrize(
    ("happened", "current", "expected"),
    [
        ("promoted", "2", "credit version 3 (tree) is champion now, after version 2"),
        ("promoted", None, "credit version 3 (tree) is champion now"),
        ("held", "2", "credit version 3 (tree) is challenger; version 2 stays champion: test_ks is 0.3000"),
        ("held", None, "credit version 3 (tree) is challenger; there is no champion yet: test_ks is 0.3000"),
        ("kept", "3", "credit version 3 (tree) is champion as before"),
        ("none", "2", "no version was registered: test_ks is 0.3000; version 2 stays champion"),
        ("none", None, "no version was registered: test_ks is 0.3000; there is no champion yet"),
    ],
)
def test_a_promotion_is_summarised_in_a_sentence(happened: str, current: str | None, expected: str) -> None:
    report = {"name": "credit", "version": "3", "model": "tree", "outcome": happened, "standing_champion": current}
    assert promotion_sentence({**report, "reason": "test_ks is 0.3000"}) == expected
