import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from credit_pipeline.modelling.figures.curves import calibration_bins
from credit_pipeline.modelling.metrics.counts import Counts, count
from credit_pipeline.modelling.metrics.metrics import score
from credit_pipeline.modelling.metrics.probability import expected_calibration_error

Sample = tuple[NDArray[np.int_], NDArray[np.float64]]


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Up to 60 rows with both outcomes and many tied probabilities."""
    rows = draw(st.integers(2, 60))
    outcome = draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 1)))
    outcome[:2] = 0, 1
    return outcome, draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 40))) / 40


def test_the_expected_calibration_error_has_the_value_worked_out_by_hand() -> None:
    # Ten bins of two rows, predicted 0.05, 0.15 ... 0.95. Observed 0 but for the last two bins, 1/2 and 1:
    # 0.05 + 0.15 + ... + 0.75 = 3.2, |0.85 - 0.5| = 0.35, |0.95 - 1| = 0.05, a tenth of each.
    probability = np.repeat(np.arange(0.05, 1, 0.1), 2) + np.tile([-0.01, 0.01], 10)
    outcome = np.concatenate([np.zeros(16, dtype=int), [1, 0, 1, 1]])
    assert score("expected_calibration_error", outcome, probability) == pytest.approx((3.2 + 0.35 + 0.05) / 10)


@given(samples())
def test_the_expected_calibration_error_is_that_of_the_calibration_curve(sample: Sample) -> None:
    bins = calibration_bins(*sample)
    expected = np.average(np.abs(bins.observed - bins.predicted), weights=bins.n)
    assert score("expected_calibration_error", *sample) == pytest.approx(expected, abs=1e-12)


def test_the_expected_calibration_error_agrees_with_sorting_and_splitting_where_nothing_is_tied() -> None:
    generator = np.random.default_rng(1)
    probability = generator.random(1000)
    outcome = (generator.random(1000) < probability**2).astype(int)
    tenths = np.split(np.argsort(probability), 10)
    expected = np.mean([abs(outcome[rows].mean() - probability[rows].mean()) for rows in tenths])
    assert score("expected_calibration_error", outcome, probability) == pytest.approx(expected)


@given(samples(), st.integers(0, 2**32 - 1))
def test_many_samples_at_once_have_the_values_of_each(sample: Sample, seed: int) -> None:
    outcome, probability = sample
    shuffled = np.random.default_rng(seed).permutation(outcome)
    one, other = count(outcome, probability), count(shuffled, probability)
    both = Counts(one.probability, np.vstack([one.defaults, other.defaults]), np.vstack([one.payers, other.payers]))
    expected = [score("expected_calibration_error", drawn, probability) for drawn in (outcome, shuffled)]
    assert expected_calibration_error(both).tolist() == pytest.approx(expected, abs=1e-12)


def test_right_probabilities_have_about_the_error_that_chance_makes() -> None:
    # sqrt(20 p (1 - p) / (pi n)) with p = 0.2 and n = 4000: 0.0160.
    generator = np.random.default_rng(3)
    errors = [
        score("expected_calibration_error", (generator.random(4000) < 0.2).astype(int), _near(0.2)) for _ in range(40)
    ]
    assert np.mean(errors) == pytest.approx(0.0160, rel=0.15)


def _near(rate: float) -> NDArray[np.float64]:
    return rate + np.linspace(-1e-6, 1e-6, 4000)
