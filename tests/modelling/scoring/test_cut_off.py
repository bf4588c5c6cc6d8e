"""The cut-off: chosen by one of three rules, described with intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.modelling.metrics.uncertainty.intervals import wilson_interval
from credit_pipeline.modelling.scoring.cut_off import choices, choose_cut_off, describe_cut_off
from credit_pipeline.spec import CutOffSpec, ProfitSpec

# Ten applicants, safest first; the third, the seventh and the last two default.
OUTCOME = np.array([0, 0, 1, 0, 0, 0, 1, 0, 1, 1])
PROBABILITY = np.arange(1, 11) / 20
AMOUNTS = ProfitSpec(payer=1, default=-2)
PAIRS = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("rule", "cut_off"),
    [
        ({"approval_rate": 0.8}, 0.45),
        ({"approval_rate": 0.01}, 0.05),
        ({"approval_rate": 0.99}, 1.0),
        # 0.75 lies as near to 7 as to 8 of 10: the lower cut-off.
        ({"approval_rate": 0.75}, 0.40),
        # Among the first k the defaults are 0, 0, 1/3, 1/4, 1/5, 1/6, 2/7, 2/8, 3/9, 4/10.
        ({"default_rate": 0.2}, 0.35),
        ({"default_rate": 0.25}, 0.45),
        ({"default_rate": 0.39}, 0.50),
        # Gains add up to 1, 2, 0, 1, 2, 3, 1, 2, 0, -2: most with six.
        ({"profit": {"payer": 1, "default": -2}}, 0.35),
        # And to 1, 2, -1, 0, 1, 2, ...: of two equal ones that which approves fewer.
        ({"profit": {"payer": 1, "default": -3}}, 0.15),
    ],
)
def test_the_rule_chooses(rule: dict[str, object], cut_off: float) -> None:
    assert choose_cut_off(CutOffSpec.model_validate(rule), OUTCOME, PROBABILITY) == pytest.approx(cut_off)


def test_where_the_safest_default_too_often_nobody_is_approved() -> None:
    outcome, probability = np.array([1, 0, 1]), np.array([0.1, 0.2, 0.3])
    cut_off = choose_cut_off(CutOffSpec(default_rate=0.2), outcome, probability)
    assert cut_off == 0.1
    found = describe_cut_off(cut_off, outcome, probability, AMOUNTS)
    assert set(found) == {"approval_rate", "profit_per_applicant"}
    assert (found["approval_rate"].value, found["profit_per_applicant"].value) == (0, 0)


def test_equal_probabilities_are_never_divided() -> None:
    found = choices(np.array([0, 1, 0, 1]), np.array([0.2, 0.2, 0.6, 0.6]))
    assert found.approved.tolist() == [0, 2, 4]


def test_who_has_the_probability_one_is_always_refused() -> None:
    found = choices(np.array([0, 1]), np.array([0.2, 1.0]))
    assert (found.cut_off.tolist(), found.approved.tolist()) == ([0.2, 1.0], [0, 1])


@given(PAIRS)
def test_every_choice_is_what_its_cut_off_does(pairs: list[tuple[int, float]]) -> None:
    outcome, probability = (np.array(part) for part in zip(*pairs, (0, 0.2), (1, 0.7), strict=True))
    found = choices(outcome, probability)
    for cut_off, approved, defaults in zip(found.cut_off, found.approved, found.defaults, strict=True):
        below = probability < cut_off
        assert (approved, defaults) == (below.sum(), outcome[below].sum())


@given(PAIRS, st.floats(0.01, 0.99))
def test_the_default_rate_is_kept_on_the_rows_it_was_chosen_on(pairs: list[tuple[int, float]], most: float) -> None:
    outcome, probability = (np.array(part) for part in zip(*pairs, (0, 0.2), (1, 0.7), strict=True))
    cut_off = choose_cut_off(CutOffSpec(default_rate=most), outcome, probability)
    approved = outcome[probability < cut_off]
    assert not len(approved) or approved.mean() <= most


@given(PAIRS)
def test_no_other_cut_off_brings_more(pairs: list[tuple[int, float]]) -> None:
    outcome, probability = (np.array(part) for part in zip(*pairs, (0, 0.2), (1, 0.7), strict=True))
    best = choose_cut_off(CutOffSpec(profit=AMOUNTS), outcome, probability)
    value = describe_cut_off(best, outcome, probability, AMOUNTS)["profit_per_applicant"].value
    for other in (0.0, 0.1, 0.25, 0.5, 0.75, 1.0):
        found = describe_cut_off(other, outcome, probability, AMOUNTS)
        assert found["profit_per_applicant"].value <= value + 1e-12


def test_a_cut_off_is_described_with_its_intervals() -> None:
    found = describe_cut_off(0.35, OUTCOME, PROBABILITY, AMOUNTS)
    assert {name: estimate.n for name, estimate in found.items()} == {
        "approval_rate": 10,
        "approved_default_rate": 6,
        "profit_per_applicant": 10,
    }
    assert found["approval_rate"].value == 0.6
    assert found["approved_default_rate"].value == pytest.approx(1 / 6)
    lower, upper = wilson_interval(np.array([1]), np.array([6]))
    assert (found["approved_default_rate"].lower, found["approved_default_rate"].upper) == (lower[0], upper[0])
    # Five gains of 1, one loss of 2, four of 0: mean 0.3, squares 9, variance (9 - 10 * 0.09) / 9 = 0.9.
    profit = found["profit_per_applicant"]
    assert profit.value == pytest.approx(0.3)
    assert profit.upper - profit.value == pytest.approx(1.959964 * (0.9 / 10) ** 0.5, rel=1e-6)
    assert profit.value - profit.lower == pytest.approx(profit.upper - profit.value)


def test_without_amounts_there_is_no_profit() -> None:
    assert set(describe_cut_off(0.35, OUTCOME, PROBABILITY)) == {"approval_rate", "approved_default_rate"}


def test_a_missing_probability_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        choose_cut_off(CutOffSpec(approval_rate=0.5), np.array([0, 1]), np.array([0.1, np.nan]))
