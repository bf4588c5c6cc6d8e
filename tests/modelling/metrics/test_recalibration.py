import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.counts import Counts, count
from credit_pipeline.modelling.metrics.metrics import METRICS, score
from credit_pipeline.modelling.metrics.recalibration import (
    FURTHEST,
    calibration_intercept,
    calibration_slope,
    intercept_interval,
    slope_interval,
)
from credit_pipeline.modelling.metrics.uncertainty.intervals import estimate

Rows = tuple[NDArray[np.int_], NDArray[np.float64]]
EPSILON = np.finfo(np.float64).eps


def draw(rows: int, seed: int, slope: float = 1.0, intercept: float = 0.0) -> Rows:
    """Give outcomes whose logit is that of the probability, times the slope, plus the intercept."""
    generator = np.random.default_rng(seed)
    linear = generator.normal(-1.3, 1, rows)
    return (generator.random(rows) < expit(intercept + slope * linear)).astype(int), expit(linear)


@st.composite
def samples(draw: st.DrawFn) -> Rows:
    """Up to 40 rows with both outcomes and many tied probabilities, some of them exactly 0 or 1."""
    rows = draw(st.integers(2, 40))
    outcome = draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 1)))
    outcome[:2] = 0, 1
    return outcome, draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 12))) / 12


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_slope_is_that_of_scikit_learns_logistic_regression(seed: int) -> None:
    outcome, probability = draw(800, seed, slope=0.6, intercept=0.4)
    regression = LogisticRegression(C=math.inf, tol=1e-10).fit(logit(probability)[:, None], outcome)
    assert score("calibration_slope", outcome, probability) == pytest.approx(regression.coef_[0, 0], rel=1e-5)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_slope_and_intercept_maximise_the_likelihood_that_scipy_minimises(seed: int) -> None:
    outcome, probability = draw(800, seed, slope=1.7, intercept=-0.5)
    predicted = logit(probability)

    def loss(linear: NDArray[np.float64]) -> float:
        return float(np.sum(np.logaddexp(0, linear) - outcome * linear))

    both = minimize(lambda b: loss(b[0] + b[1] * predicted), [0, 1], method="Nelder-Mead", options={"xatol": 1e-9})
    large = minimize(lambda a: loss(a[0] + predicted), [0], method="Nelder-Mead", options={"xatol": 1e-9})
    assert score("calibration_slope", outcome, probability) == pytest.approx(both.x[1], abs=1e-6)
    assert score("calibration_intercept", outcome, probability) == pytest.approx(large.x[0], abs=1e-6)


@given(samples())
def test_the_intercept_makes_the_mean_probability_the_default_rate(sample: Rows) -> None:
    outcome, probability = sample
    predicted = logit(probability.clip(EPSILON, 1 - EPSILON))
    intercept = score("calibration_intercept", outcome, probability)
    assert expit(predicted + intercept).mean() == pytest.approx(outcome.mean(), abs=1e-9)


@given(samples())
def test_no_slope_within_the_bounds_is_likelier(sample: Rows) -> None:
    # At the maximum of a concave likelihood the scores of the payers and of the defaults balance.
    outcome, probability = sample
    slope = score("calibration_slope", outcome, probability)
    predicted = logit(probability.clip(EPSILON, 1 - EPSILON))
    if abs(slope) < FURTHEST:
        shift = brentq(lambda a: np.sum(outcome - expit(a + slope * predicted)), -4000, 4000, xtol=1e-12)
        centred = predicted - predicted.mean()
        assert np.sum((outcome - expit(shift + slope * predicted)) * centred) == pytest.approx(0, abs=1e-5)


@given(samples(), st.sampled_from([0.5, 2.0]), st.sampled_from([-1.0, 1.0]))
def test_stretching_the_logit_divides_the_slope(sample: Rows, stretch: float, shift: float) -> None:
    outcome, probability = sample
    inner = 0.1 + 0.8 * probability
    slope = score("calibration_slope", outcome, inner)
    stretched = score("calibration_slope", outcome, expit(shift + stretch * logit(inner)))
    if abs(slope) < FURTHEST / 2:
        assert stretched == pytest.approx(slope / stretch, rel=1e-6, abs=1e-9)


def test_many_samples_at_once_have_the_values_of_each() -> None:
    outcome, probability = draw(200, 1)
    drawn = [outcome, 1 - outcome, (probability > 0.3).astype(int), np.roll(outcome, 1)]
    counted = [count(sample, probability) for sample in drawn]
    together = Counts(
        counted[0].probability,
        np.vstack([one.defaults for one in counted]),
        np.vstack([one.payers for one in counted]),
    )
    for metric in (calibration_slope, calibration_intercept):
        assert metric(together).tolist() == pytest.approx([metric(one)[0] for one in counted], rel=1e-9)


@pytest.mark.parametrize(
    ("outcome", "probability", "slope"),
    [
        ([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], FURTHEST),
        ([0, 1, 0, 1], [0.1, 0.2, 0.2, 0.4], FURTHEST),
        ([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4], -FURTHEST),
        ([0, 1, 1, 0], [0.3, 0.3, 0.3, 0.3], 0.0),
        # Below the machine epsilon probabilities are equal.
        ([0, 1], [0.0, 1e-300], 0.0),
    ],
    ids=["parted", "parted but for a tie", "upside down", "one probability", "no probability"],
)
def test_outcomes_that_do_not_overlap_have_the_furthest_slope_and_say_nothing_of_it(
    outcome: list[int], probability: list[float], slope: float
) -> None:
    sample = np.array(outcome), np.array(probability)
    assert score("calibration_slope", *sample) == slope
    assert slope_interval(Sample(*sample)) == (-FURTHEST, FURTHEST)


def test_a_slope_beyond_the_bound_is_held_there() -> None:
    # Ten times the slope that divided by 1e4 on the logit scale was: some 1e4.
    outcome, probability = draw(400, 1)
    assert score("calibration_slope", outcome, expit(logit(probability) / 1e4)) == FURTHEST


def test_wrong_certainties_have_a_finite_recalibration() -> None:
    outcome, probability = np.array([1, 0, 1, 0]), np.array([0.0, 1.0, 1.0, 0.0])
    # Half of each are wrong: the logit says nothing, and nothing is to be added.
    assert score("calibration_slope", outcome, probability) == pytest.approx(0, abs=1e-12)
    assert score("calibration_intercept", outcome, probability) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", ["calibration_slope", "calibration_intercept"])
def test_the_closed_interval_is_the_inverse_of_the_information(name: str) -> None:
    # Sum of w x x' over rows, x = (1, logit) at slope and intercept, (1) for the intercept alone.
    outcome, probability = draw(2000, 5, slope=0.8)
    predicted, value = logit(probability), score(name, outcome, probability)
    if name == "calibration_slope":
        design = np.column_stack([np.ones(2000), predicted])
        shift = brentq(lambda a: np.sum(outcome - expit(a + value * predicted)), -10, 10)
        risk = expit(shift + value * predicted)
    else:
        design, risk = np.ones((2000, 1)), expit(value + predicted)
    error = np.sqrt(np.linalg.inv(design.T * (risk * (1 - risk)) @ design)[-1, -1])
    interval = METRICS[name].interval
    assert interval is not None
    assert interval(Sample(outcome, probability)) == pytest.approx((value - 1.959964 * error, value + 1.959964 * error))


@pytest.mark.parametrize(("interval", "truth"), [(slope_interval, 1.0), (intercept_interval, 0.0)])
def test_the_closed_interval_of_right_probabilities_holds_the_target_19_times_in_20(
    interval: object, truth: float
) -> None:
    assert callable(interval)
    covered = 0
    for seed in range(200):
        lower, upper = interval(Sample(*draw(500, seed)))
        covered += lower <= truth <= upper
    # Binomial(200, 0.95): 181 to 199 lie within three standard deviations of 190.
    assert 181 <= covered <= 199


def test_the_estimate_of_a_calibration_intercept_has_its_closed_interval() -> None:
    sample = draw(500, 1)
    found = estimate(["calibration_intercept"], Sample(*sample), resamples=100)["calibration_intercept"]
    assert (found.lower, found.upper) == pytest.approx(intercept_interval(Sample(*sample)))
