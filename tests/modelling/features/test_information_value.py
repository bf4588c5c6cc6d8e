from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from credit_pipeline.modelling.features.information_value import information_values, weights_of_evidence

Counts = tuple[NDArray[np.int_], NDArray[np.int_]]


@st.composite
def bins(draw: st.DrawFn) -> Counts:
    """Rows and events of up to six bins that all hold events and non-events."""
    size = draw(st.integers(1, 6))
    good, bad = (draw(hnp.arrays(np.int_, size, elements=st.integers(1, 1000))) for _ in range(2))
    return good + bad, bad


def test_weights_have_the_values_worked_out_by_hand() -> None:
    # Non-events 80 and 95 of 175, events 20 and 5 of 25: (80/175) / (20/25) = 4/7, (95/175) / (5/25) = 19/7.
    weights = weights_of_evidence([100, 100], [20, 5])
    assert weights == pytest.approx([log(4 / 7), log(19 / 7)], rel=1e-12)
    # The gaps of the shares, 80/175 - 20/25 = -12/35 and 12/35, times the weights.
    values = information_values([100, 100], [20, 5])
    assert values == pytest.approx([-12 / 35 * log(4 / 7), 12 / 35 * log(19 / 7)], rel=1e-12)


def test_half_a_row_stands_in_for_none() -> None:
    # Non-events 10, 5, 0 of 15 and events 0, 5, 5 of 10; what is 0 counts 1/2.
    weights = weights_of_evidence([10, 10, 5], [0, 5, 5])
    expected = [log(10 / 15 / (0.5 / 10)), log(5 / 15 / (5 / 10)), log(0.5 / 15 / (5 / 10))]
    assert weights == pytest.approx(expected, rel=1e-12)


def test_a_bin_without_rows_weighs_nothing() -> None:
    assert weights_of_evidence([100, 0, 100], [20, 0, 5])[1] == 0.0
    assert information_values([100, 0, 100], [20, 0, 5])[1] == 0.0


@pytest.mark.parametrize("events", [[0, 0], [10, 20]])
def test_weights_are_finite_where_all_rows_are_of_one_kind(events: list[int]) -> None:
    assert np.isfinite(weights_of_evidence([10, 20], events)).all()
    assert np.isfinite(information_values([10, 20], events)).all()


@given(bins())
def test_high_is_safe(counted: Counts) -> None:
    count, events = counted
    weights, rate = weights_of_evidence(count, events), events / count
    for one in range(len(count)):
        for other in range(len(count)):
            if rate[one] < rate[other]:
                assert weights[one] > weights[other]


@given(bins())
def test_a_bin_as_risky_as_the_whole_weighs_nothing_and_a_safer_one_more(counted: Counts) -> None:
    count, events = counted
    weights, rate, whole = weights_of_evidence(count, events), events / count, events.sum() / count.sum()
    assert (np.sign(whole - rate)[np.abs(weights) > 1e-9] == np.sign(weights)[np.abs(weights) > 1e-9]).all()
    assert weights[np.isclose(rate, whole, rtol=1e-12)] == pytest.approx(0.0, abs=1e-9)


@given(bins())
def test_the_weight_is_what_a_bin_adds_to_the_log_odds_of_payment(counted: Counts) -> None:
    count, events = counted
    log_odds, prior = np.log((count - events) / events), np.log((count - events).sum() / events.sum())
    assert weights_of_evidence(count, events) == pytest.approx(log_odds - prior, abs=1e-9)


@given(bins(), st.integers(2, 50))
def test_many_times_the_rows_weigh_the_same(counted: Counts, times: int) -> None:
    count, events = counted
    assert weights_of_evidence(count * times, events * times) == pytest.approx(weights_of_evidence(count, events))


@given(bins())
def test_with_events_and_others_exchanged_the_sign_turns_and_the_information_stays(counted: Counts) -> None:
    count, events = counted
    exchanged = count - events
    assert weights_of_evidence(count, exchanged) == pytest.approx(-weights_of_evidence(count, events), abs=1e-12)
    assert information_values(count, exchanged) == pytest.approx(information_values(count, events), abs=1e-12)


@given(bins())
def test_no_bin_takes_information_away(counted: Counts) -> None:
    assert (information_values(*counted) >= -1e-12).all()
