import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.stats import beta

from credit_pipeline.modelling.figures.curves import gains_curve
from credit_pipeline.modelling.metrics.metrics import score

Sample = tuple[NDArray[np.int_], NDArray[np.float64]]


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Up to 40 rows with both outcomes and many tied probabilities."""
    rows = draw(st.integers(2, 40))
    outcome = draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 1)))
    outcome[:2] = 0, 1
    return outcome, draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 12))) / 12


def integrated_h_measure(outcome: NDArray[np.int_], probability: NDArray[np.float64], a: float, b: float) -> float:
    """Integrate the least loss over the cost of a refused payer, density beta(a, b), cut-off by cut-off."""
    cut_offs = [-math.inf, *np.unique(probability)]
    refused_payers = np.array([np.mean((outcome == 0) & (probability > cut_off)) for cut_off in cut_offs])
    granted_defaults = np.array([np.mean((outcome == 1) & (probability <= cut_off)) for cut_off in cut_offs])

    def expected(refused: NDArray[np.float64], granted: NDArray[np.float64]) -> float:
        def density(cost: float) -> float:
            return float(np.min(cost * refused + (1 - cost) * granted) * beta.pdf(cost, a, b))

        # The least loss bends where two of its lines cross: there the integral is cut.
        slopes = (refused - granted)[:, None] - (refused - granted)
        with np.errstate(divide="ignore", invalid="ignore"):
            crossings = (granted[None, :] - granted[:, None]) / slopes
        bends = np.unique(crossings[(crossings > 0) & (crossings < 1)].round(9))
        ends = [0.0, *bends, 1.0]
        return sum(quad(density, lower, upper)[0] for lower, upper in pairwise(ends))

    return 1 - expected(refused_payers, granted_defaults) / expected(refused_payers[[0, -1]], granted_defaults[[0, -1]])


def test_h_measure_has_the_value_worked_out_by_hand() -> None:
    # By rising probability 0, 1, 0, 1, 1: the hull keeps {0}, {1, 0}, {1, 1} with default rates 0, 1/2, 1.
    # The middle two rows lose q (1 + q) / 2 = 5/32 each with q = 1/4, no ranking q = 6/25 loses 93/625 each of five.
    value = score("h_measure", np.array([0, 1, 0, 1, 1]), np.array([0.1, 0.2, 0.3, 0.4, 0.5]))
    assert value == pytest.approx(1 - (2 * 5 / 32) / (5 * 93 / 625))


def test_the_integral_that_h_measure_is_checked_against_has_the_published_value() -> None:
    # The example in the documentation of the Python package hmeasure: its density is beta(2, 1 + payers / defaults),
    # here 1 + 3 / 7.
    defaults = [0.84901876, 0.10282827, 0.46004468, 0.90878931, 0.5297229, 0.13803906, 0.73166264]
    payers = [0.43752488, 0.79177719, 0.22959056]
    outcome, probability = np.repeat([1, 0], [7, 3]), np.array(defaults + payers)
    assert integrated_h_measure(outcome, probability, 2, 1 + 3 / 7) == pytest.approx(0.18889596344769588, rel=1e-7)
    assert score("h_measure", outcome, probability) == pytest.approx(integrated_h_measure(outcome, probability, 2, 2))


def test_h_measure_is_the_integral_over_all_costs() -> None:
    generator = np.random.default_rng(4)
    for rows in (5, 12, 25):
        outcome = (np.arange(rows) % 3 == 0).astype(int)
        probability = (generator.random(rows) + 0.5 * outcome).round(1) / 2
        value = score("h_measure", outcome, probability)
        assert value == pytest.approx(integrated_h_measure(outcome, probability, 2, 2), abs=1e-7)


@given(samples())
def test_h_measure_lies_between_no_ranking_and_a_perfect_one(sample: Sample) -> None:
    outcome, probability = sample
    assert -1e-12 <= score("h_measure", outcome, probability) <= 1 + 1e-12
    assert score("h_measure", outcome, outcome / 2) == pytest.approx(1)
    assert score("h_measure", outcome, (1 - outcome) / 2) == pytest.approx(0, abs=1e-12)
    assert score("h_measure", outcome, np.full(len(outcome), 0.3)) == pytest.approx(0, abs=1e-12)


@given(samples())
def test_h_measure_is_the_same_seen_from_the_payers(sample: Sample) -> None:
    # The beta(2, 2) density is symmetric: who is called the event does not matter.
    outcome, probability = sample
    mirrored = score("h_measure", 1 - outcome, 1 - probability)
    assert score("h_measure", outcome, probability) == pytest.approx(mirrored, abs=1e-12)


def test_lift_has_the_value_worked_out_by_hand() -> None:
    # Of 20 rows the riskiest two are examined: one of the four defaults, and one of three rows with one probability
    # of which two default. (1 + 2 / 3) / 4 of the defaults in a tenth of the rows.
    probability = np.concatenate([[0.9], np.full(3, 0.8), np.full(16, 0.1)])
    outcome = np.concatenate([[1], [1, 1, 0], [1], np.zeros(15, dtype=int)])
    assert score("lift_at_decile", outcome, probability) == pytest.approx((1 + 2 / 3) / 4 / 0.1)


@given(samples())
def test_lift_is_that_of_the_gains_curve_at_a_tenth(sample: Sample) -> None:
    expected = gains_curve(*sample).lift(np.array([0.1]))[0]
    assert score("lift_at_decile", *sample) == pytest.approx(expected)


def test_lift_is_the_default_rate_of_the_top_rows_where_no_probability_is_tied() -> None:
    generator = np.random.default_rng(2)
    outcome, probability = (generator.random(500) < 0.2).astype(int), generator.random(500)
    top = np.argsort(-probability)[:50]
    assert score("lift_at_decile", outcome, probability) == pytest.approx(outcome[top].mean() / outcome.mean())
