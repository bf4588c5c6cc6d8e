from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy.stats import ks_2samp
from sklearn.calibration import calibration_curve

from credit_pipeline.modelling.figures.curves import calibration_bins, gains_curve, ks_curve, roc_curve
from credit_pipeline.modelling.metrics.metrics import score

Sample = tuple[NDArray[np.int_], NDArray[np.float64]]


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    rows = draw(st.integers(2, 60))
    outcome = draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 1)))
    outcome[:2] = 0, 1
    return outcome, draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 12))) / 12


def pairs_in_order(outcome: NDArray[np.int_], probability: NDArray[np.float64]) -> float:
    """AUC by its definition: the share of the pairs of a default and a payer in order; a tie is half a pair."""
    gaps = probability[outcome == 1][:, None] - probability[outcome == 0]
    return float(np.mean((gaps > 0) + (gaps == 0) / 2))


@given(samples())
def test_the_area_under_the_roc_curve_is_the_auc(sample: Sample) -> None:
    curve = roc_curve(*sample)
    assert np.trapezoid(curve.defaults_flagged, curve.payers_flagged) == pytest.approx(pairs_in_order(*sample))


def test_the_roc_curve_has_the_points_worked_out_by_hand() -> None:
    # Riskiest first: default .9, then a default and a payer at .4, payer .1.
    curve = roc_curve(np.array([1, 1, 0, 0]), np.array([0.9, 0.4, 0.4, 0.1]))
    assert curve.payers_flagged.tolist() == [0, 0, 0.5, 1]
    assert curve.defaults_flagged.tolist() == [0, 0.5, 1, 1]


@given(samples())
def test_the_widest_gap_of_the_ks_curve_is_the_metric(sample: Sample) -> None:
    outcome, probability = sample
    curve = ks_curve(outcome, probability)
    gap = curve.payers[curve.widest] - curve.defaults[curve.widest]
    assert gap == pytest.approx(score("ks", outcome, probability))
    found = ks_2samp(probability[outcome == 1], probability[outcome == 0], alternative="less")
    assert gap == pytest.approx(found.statistic)


@given(samples())
def test_the_ks_curve_is_the_share_at_or_below_each_probability(sample: Sample) -> None:
    outcome, probability = sample
    curve = ks_curve(outcome, probability)
    for position, value in enumerate(curve.probability):
        assert curve.defaults[position] == pytest.approx((probability[outcome == 1] <= value).mean())
        assert curve.payers[position] == pytest.approx((probability[outcome == 0] <= value).mean())


def test_gains_are_the_share_of_defaults_among_the_riskiest() -> None:
    # Ten applicants by falling risk; the defaults stand at places 1, 2 and 5.
    outcome = np.array([1, 1, 0, 0, 1, 0, 0, 0, 0, 0])
    curve = gains_curve(outcome, np.linspace(0.9, 0.1, 10))
    assert curve.found(np.array([0.1, 0.2, 0.3, 0.5, 1.0])) == pytest.approx([1 / 3, 2 / 3, 2 / 3, 1, 1])
    # A fifth of the applicants holds two thirds of the defaults: 3.33 times a fifth.
    assert curve.lift(np.array([0.2])) == pytest.approx([10 / 3])


def test_tied_applicants_come_in_random_order_in_the_gains_curve() -> None:
    curve = gains_curve(np.array([1, 0, 1, 0]), np.full(4, 0.5))
    shares = np.array([0.1, 0.25, 0.6])
    assert curve.found(shares) == pytest.approx(shares)


@given(samples())
def test_the_gains_curve_climbs_from_nothing_to_everything(sample: Sample) -> None:
    curve = gains_curve(*sample)
    for shares in (curve.applicants, curve.defaults):
        assert (shares[0], shares[-1]) == (0, 1)
        assert (np.diff(shares) >= 0).all()
    # Its area is AUC seen through the default rate r: AUC (1 - r) + r / 2.
    rate = sample[0].mean()
    area = np.trapezoid(curve.defaults, curve.applicants)
    assert area == pytest.approx(pairs_in_order(*sample) * (1 - rate) + rate / 2)


def test_calibration_bins_agree_with_scikit_learn_where_nothing_is_tied() -> None:
    generator = np.random.default_rng(0)
    probability = generator.random(1000)
    outcome = (generator.random(1000) < probability).astype(int)
    bins = calibration_bins(outcome, probability, bins=10)
    observed, predicted = calibration_curve(outcome, probability, n_bins=10, strategy="quantile")
    assert bins.observed == pytest.approx(observed)
    assert bins.predicted == pytest.approx(predicted)
    assert bins.n.tolist() == [100] * 10


@given(samples(), st.integers(1, 12))
def test_calibration_bins_hold_every_row_once(sample: Sample, bins: int) -> None:
    outcome, probability = sample
    found = calibration_bins(outcome, probability, bins)
    assert 1 <= len(found.n) <= bins
    assert (found.n > 0).all()
    assert found.n.sum() == len(outcome)
    assert found.n @ found.observed == pytest.approx(outcome.sum())
    assert found.n @ found.predicted == pytest.approx(probability.sum())
    assert (np.diff(found.predicted) > 0).all()
    assert ((found.lower <= found.observed) & (found.observed <= found.upper)).all()


def test_a_mass_of_tied_probabilities_keeps_its_own_bin() -> None:
    # Ninety of a hundred at 0, the others apart: the mass is one bin and leaves the rest to another.
    probability = np.concatenate([np.zeros(90), np.linspace(0.5, 0.9, 10)])
    bins = calibration_bins((probability > 0).astype(int), probability, bins=10)
    assert bins.n.tolist() == [90, 10]
    assert bins.observed.tolist() == [0, 1]


@pytest.mark.parametrize("curve", [roc_curve, ks_curve, gains_curve, calibration_bins])
def test_a_curve_of_one_outcome_is_refused(curve: Callable[[NDArray[np.int_], NDArray[np.float64]], object]) -> None:
    with pytest.raises(ValueError, match="both outcomes, 0 and 1, must occur"):
        curve(np.zeros(3, dtype=int), np.array([0.1, 0.2, 0.3]))
