import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.training.racing import Goodness, blocks, candidates_to_drop, goodness_by_block, race

STEADY = np.linspace(0.70, 0.79, 10)


def goodness(loss: float, noise: float = 0.0) -> Goodness:
    """A candidate that is worse by ``loss``, here more and there less."""
    waves = noise * np.array([1, -1] * (len(STEADY) // 2))
    return Goodness(float(STEADY.mean()) - loss, STEADY - loss + waves)


def test_blocks_are_neighbours_with_equal_shares_of_defaults() -> None:
    outcome = np.array([0] * 80 + [1] * 20)
    found = blocks(outcome)
    assert np.bincount(found, weights=outcome).tolist() == [2.0] * 10
    assert np.bincount(found).tolist() == [10] * 10
    assert (np.diff(found[:80]) >= 0).all()


def test_blocks_of_a_regression_are_neighbours() -> None:
    assert blocks(np.linspace(0.0, 1.0, 20)).tolist() == [number for number in range(10) for _ in range(2)]


def test_a_fold_with_few_defaults_has_fewer_blocks() -> None:
    outcome = np.array([0] * 30 + [1] * 3)
    assert goodness_by_block("roc_auc", Sample(outcome, np.linspace(0, 1, 33))).tolist() == [1.0, 1.0, 1.0]


def test_an_error_counts_less_than_nothing() -> None:
    observed = np.linspace(0.0, 1.0, 20)
    assert goodness_by_block("mae", Sample(observed, observed + 2)) == pytest.approx(np.full(10, -2.0))


def test_a_scaled_error_is_given_in_its_unit_and_a_block_of_one_value_is_no_fault() -> None:
    observed = np.zeros(20)
    assert goodness_by_block("mase", Sample(observed, observed + 2, scale=4.0)) == pytest.approx(np.full(10, -0.5))


def test_who_is_far_behind_is_dropped_and_who_may_still_win_is_not() -> None:
    known = {0: goodness(0.0), 1: goodness(0.02, noise=0.002), 2: goodness(0.001, noise=0.01)}
    assert candidates_to_drop(known, done=1, folds=5, tolerance=0.0) == [1]


def test_who_can_win_by_less_than_the_tolerance_is_dropped() -> None:
    known = {0: goodness(0.0), 1: goodness(0.00001, noise=0.0001)}
    assert candidates_to_drop(known, done=1, folds=5, tolerance=0.0) == []
    assert candidates_to_drop(known, done=1, folds=5, tolerance=0.0005) == [1]


def test_the_bound_is_students_on_the_folds_that_are_not_known() -> None:
    # The lead is 0.01. One comparison before each of two folds' ends: the risk is .05 / 2 = .025, of 9 degrees of
    # freedom t = 2.262. Waves of 0.01 over 10 blocks have s = 0.01 sqrt(10/9) = 0.01054. With 2 of 3 folds known the
    # half-width is 2.262 x 0.01054 x sqrt((1 - 2/3) / 10) = 0.00435: the least lead is 0.00565.
    known = {0: goodness(0.0), 1: goodness(0.01, noise=0.01)}
    low, high = (0.01 - 2.262157 * 0.01 * np.sqrt(10 / 9) * np.sqrt(1 / 30) + step for step in (-1e-6, 1e-6))
    shift = {bound: {0: known[0], 1: goodness(0.01 - bound, noise=0.01)} for bound in (low, high)}
    assert candidates_to_drop(shift[low], done=2, folds=3, tolerance=0.0) == [1]
    assert candidates_to_drop(shift[high], done=2, folds=3, tolerance=0.0) == []


def test_who_has_no_finite_score_is_dropped_unless_nobody_has() -> None:
    lost = Goodness(float("nan"), np.full(10, np.nan))
    assert candidates_to_drop({0: lost, 1: goodness(0.0)}, done=1, folds=5, tolerance=0.0) == [0]
    assert candidates_to_drop({0: lost, 1: lost}, done=1, folds=5, tolerance=0.0) == []


@given(st.lists(st.floats(-0.1, 0.1), min_size=1, max_size=6), st.integers(1, 4))
def test_the_leader_is_never_dropped(losses: list[float], done: int) -> None:
    known = {number: goodness(loss, noise=0.01) for number, loss in enumerate(losses)}
    best = max(known, key=lambda number: known[number].mean)
    assert best not in candidates_to_drop(known, done, folds=5, tolerance=0.0005)


def test_a_race_fits_who_is_left_fold_by_fold_and_the_winner_on_the_rest_at_once() -> None:
    asked: list[list[tuple[int, int]]] = []
    dropped = race(3, 4, lambda places: asked.append(list(places)), lambda left, done: left[1:] if done == 2 else [])
    assert asked == [[(0, 0), (1, 0), (2, 0)], [(0, 1), (1, 1), (2, 1)], [(0, 2), (0, 3)]]
    assert dropped == {1: 2, 2: 2}
