import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_pipeline.use_cases.loan_population import (
    AFFLUENCE,
    DEBT,
    EXPERIENCE,
    STABILITY,
    Applicants,
    DefaultOdds,
    draw_applicants,
    expected_rate,
)

ROWS = 200_000


def applicants(years: float = 0, rows: int = ROWS) -> Applicants:
    """Two loans for each borrower, all of one day."""
    first_loan = np.arange(rows) // 2 * 2
    return draw_applicants(np.full(rows, years), first_loan, np.random.default_rng(1))


def odds(default_rate: float = 0.08, years: float = 6, seed: int = 2) -> DefaultOdds:
    return DefaultOdds.draw(default_rate, years, np.random.default_rng(seed))


def test_factors_are_standard_normal_but_for_the_drift_of_debt() -> None:
    factors = applicants(years=5).factors
    mean = np.zeros(6)
    mean[DEBT] = 5 * 0.1
    assert factors.mean(axis=0) == pytest.approx(mean, abs=0.02)
    assert factors.std(axis=0) == pytest.approx(1, abs=0.02)
    assert np.corrcoef(factors.T) == pytest.approx(np.eye(6), abs=0.02)


def test_two_loans_of_a_borrower_resemble_each_other() -> None:
    drawn = applicants()
    one, other = drawn.factors[::2], drawn.factors[1::2]
    similar = [np.corrcoef(one[:, factor], other[:, factor])[0, 1] for factor in range(6)]
    assert similar == pytest.approx([0.6, 0.6, 0.8, 0.6, 1.0, 0.4], abs=0.02)
    assert np.array_equal(one[:, EXPERIENCE], other[:, EXPERIENCE])
    assert np.array_equal(drawn.unobserved[::2], drawn.unobserved[1::2])


def test_log_odds_add_up_by_hand() -> None:
    chosen = DefaultOdds(np.array([1.0, 0, 0, 0, 0, 0]), intercept=-2)
    factors = np.zeros((3, 6))
    factors[1, DEBT] = 2  # -2 + 1 * 2 = 0: a probability of one half
    factors[2, [AFFLUENCE, STABILITY]] = 2  # -2 + 0.3 * 2 * 2 = -0.8
    drawn = Applicants(factors, np.zeros(3), np.zeros(3), np.arange(3))
    expected = [1 / (1 + np.exp(2)), 0.5, 1 / (1 + np.exp(0.8))]
    assert chosen.probability_of_default(drawn) == pytest.approx(expected)


@settings(max_examples=20)
@given(st.floats(0.001, 0.999), st.floats(0.1, 20), st.integers(0, 100))
def test_the_intercept_gives_the_default_rate(default_rate: float, years: float, seed: int) -> None:
    assert expected_rate(odds(default_rate, years, seed), years) == pytest.approx(default_rate, rel=1e-6)


def test_the_expected_rate_is_the_mean_of_many_applications() -> None:
    years = np.random.default_rng(5).uniform(0, 6, ROWS)
    drawn = draw_applicants(years, np.arange(ROWS), np.random.default_rng(6))
    probability = odds().probability_of_default(drawn)
    standard_error = probability.std() / np.sqrt(ROWS)
    assert probability.mean() == pytest.approx(0.08, abs=4 * standard_error)


def test_weights_keep_their_signs_and_their_length_whatever_the_seed() -> None:
    drawn = np.array([odds(seed=seed).weights for seed in range(20)])
    assert (np.sign(drawn) == [1, 1, -1, -1, -1, 1]).all()
    assert np.linalg.norm(drawn, axis=1) == pytest.approx(1.5)
