import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.modelling.selection.scorecard_cost import swap_set

OUTCOME = np.array([0, 0, 0, 1, 0, 0, 1, 0, 1, 1])
ONE = np.linspace(0.05, 0.5, 10)


def test_applicants_on_whom_two_models_disagree_are_counted_with_their_default_rates() -> None:
    # Eight of ten are approved. One refuses the last two. The other thinks the 9th and 10th (defaults) safer than the
    # 4th (a default) and the 5th (a payer), and refuses these.
    other = ONE.copy()
    other[[3, 4]], other[[8, 9]] = ONE[[8, 9]], ONE[[3, 4]]
    found = swap_set(OUTCOME, ONE, other)
    assert (found.approval_rate, found.applicants) == (0.8, 10)
    assert (found.only_one, found.only_one_default_rate) == (2, 0.5)
    assert (found.only_other, found.only_other_default_rate) == (2, 1.0)


def test_models_that_rank_alike_swap_nobody_and_nobody_has_no_default_rate() -> None:
    found = swap_set(OUTCOME, ONE, ONE**2)
    assert (found.only_one, found.only_other) == (0, 0)
    assert found.only_one_default_rate is None
    assert found.only_other_default_rate is None


def test_applicants_at_the_cut_off_are_approved_together() -> None:
    coarse = np.repeat([0.1, 0.5], 5)  # eight of ten end within the second half, so all are approved
    found = swap_set(OUTCOME, ONE, coarse)
    assert (found.only_one, found.only_other) == (0, 2)


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1])
def test_an_approval_rate_is_a_share(rate: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        swap_set(OUTCOME, ONE, ONE, rate)


@given(st.permutations(range(10)), st.floats(0.05, 0.95))
def test_turned_round_the_swap_set_is_the_same_and_without_ties_as_many_go_as_come(
    order: list[int], rate: float
) -> None:
    found, turned = (swap_set(OUTCOME, *pair, rate) for pair in ((ONE, ONE[order]), (ONE[order], ONE)))
    assert found.only_one == found.only_other
    assert (found.only_one, found.only_one_default_rate) == (turned.only_other, turned.only_other_default_rate)
