"""Maps that never fall, that stay within 0 and 1, and that find what was done to the probabilities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

from credit_pipeline.modelling.estimators.calibration_map import BetaMap, IsotonicMap, fit_map
from credit_pipeline.spec import Calibration

Values = NDArray[np.float64]
KINDS: tuple[Calibration, ...] = ("sigmoid", "isotonic", "beta")
GRID = np.linspace(0, 1, 201)
PAIRS = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=40)


def drawn(true: Values, seed: int = 1) -> NDArray[np.int_]:
    return (np.random.default_rng(seed).random(len(true)) < true).astype(np.int_)


def predicted(rows: int = 40_000) -> Values:
    return np.asarray(np.random.default_rng(8).uniform(0.02, 0.98, rows))


def with_both(pairs: list[tuple[int, float]]) -> tuple[NDArray[np.int_], Values]:
    """Give outcomes and probabilities, a payer and a default among them at least."""
    outcome, probability = zip(*pairs, (0, 0.3), (1, 0.6), strict=True)
    return np.array(outcome), np.array(probability)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60)
@given(PAIRS)
def test_a_map_never_falls_and_is_never_certain(kind: Calibration, pairs: list[tuple[int, float]]) -> None:
    mapped = fit_map(kind, *with_both(pairs))(GRID)
    assert (np.diff(mapped) >= 0).all()
    assert ((mapped >= 0) & (mapped <= 1)).all()
    inner = mapped[1:-1]
    assert ((inner > 0) & (inner < 1)).all() or kind == "beta"  # its ends are free of each other


@pytest.mark.parametrize("kind", ["sigmoid", "beta"])
@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_where_the_risk_rises_sigmoid_and_beta_keep_the_order(kind: Calibration, seed: int) -> None:
    probability = np.linspace(0.05, 0.95, 400)
    mapped = fit_map(kind, drawn(probability, seed), probability)(probability)
    assert (np.diff(mapped) > 0).all()


@pytest.mark.parametrize("kind", ["sigmoid", "beta"])
def test_right_probabilities_stay_what_they_are(kind: Calibration) -> None:
    found = fit_map(kind, drawn(predicted()), predicted())
    assert isinstance(found, BetaMap)
    assert (found.a, found.b, found.c) == pytest.approx((1, 1, 0), abs=0.08)


def test_a_sigmoid_undoes_what_a_sigmoid_did() -> None:
    # Said: logit p. True: -0.7 + 0.5 logit p. The errors of 40,000 rows are about 0.01.
    true = expit(-0.7 + 0.5 * logit(predicted()))
    found = fit_map("sigmoid", drawn(true), predicted())
    assert isinstance(found, BetaMap)
    assert found.a == found.b == pytest.approx(0.5, abs=0.03)
    assert found.c == pytest.approx(-0.7, abs=0.04)


def test_a_beta_map_undoes_what_is_wrong_at_one_end_alone() -> None:
    # True: a = 2, b = 0.5, c = 0.3, which no sigmoid is.
    true = BetaMap(2.0, 0.5, 0.3)(predicted())
    found = fit_map("beta", drawn(true), predicted())
    assert isinstance(found, BetaMap)
    assert (found.a, found.b, found.c) == pytest.approx((2.0, 0.5, 0.3), abs=0.1)


def test_two_groups_are_mapped_to_platts_outcomes() -> None:
    # Saturated: 5 of 20 default at .1, 15 of 20 at .9; Platt's outcomes are 21/22 for a default, 1/22 for a payer.
    outcome, probability = np.repeat([1, 0, 1, 0], [5, 15, 15, 5]), np.repeat([0.1, 0.9], 20)
    expected = (5 * 21 + 15 * 1) / 22 / 20
    assert fit_map("sigmoid", outcome, probability)(np.array([0.1, 0.9])) == pytest.approx(
        [expected, 1 - expected], rel=1e-5
    )


def test_isotonic_is_scikit_learns_within_its_bounds() -> None:
    probability = predicted(500)
    outcome = drawn(expit(3 * logit(probability)))
    theirs = IsotonicRegression(out_of_bounds="clip").fit(probability, outcome).predict(GRID)
    # Laplace: nearer than 1 / (500 + 2) to 0 or 1 is nobody.
    assert theirs.min() == 0
    assert fit_map("isotonic", outcome, probability)(GRID) == pytest.approx(theirs, abs=1 / 502)
    assert fit_map("isotonic", outcome, probability)(np.array([0.0, 1.0])) == pytest.approx([1 / 502, 501 / 502])


def test_probabilities_that_rank_upside_down_get_a_level_map() -> None:
    outcome, probability = np.repeat([1, 0], [300, 700]), np.repeat([0.1, 0.9], [300, 700])
    for kind in KINDS:
        assert fit_map(kind, outcome, probability)(GRID[1:-1]) == pytest.approx(np.full(199, 0.3), abs=0.001)


@pytest.mark.parametrize("kind", KINDS)
def test_answers_that_separate_perfectly_have_a_map_too(kind: Calibration) -> None:
    outcome, probability = np.repeat([0, 1], 50), np.repeat([0.2, 0.7], 50)
    mapped = fit_map(kind, outcome, probability)(np.array([0.2, 0.7]))
    # Sigmoid and beta: Platt's 1/52 and 51/52; isotonic: Laplace's 1/102 and 101/102.
    furthest = 1 / 102 if kind == "isotonic" else 1 / 52
    assert mapped == pytest.approx([furthest, 1 - furthest], rel=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_is_refused(kind: Calibration) -> None:
    outcome, probability = np.array([0, 1, 0]), np.array([0.1, 0.8, np.nan])
    with pytest.raises(ValueError, match="finite"):
        fit_map(kind, outcome, probability)
    found = fit_map(kind, outcome[:2], probability[:2])
    for faulty in (np.nan, -0.1, 1.1):
        with pytest.raises(ValueError, match="1 of 2 do not"):
            found(np.array([0.5, faulty]))


def test_one_outcome_alone_has_no_map() -> None:
    with pytest.raises(ValueError, match="both outcomes"):
        fit_map("beta", np.zeros(3, dtype=int), np.array([0.1, 0.2, 0.3]))


def test_an_unknown_map_is_reported() -> None:
    with pytest.raises(ValueError, match="known: sigmoid, isotonic, beta"):
        fit_map("none", np.array([0, 1]), np.array([0.1, 0.9]))


def test_between_knots_runs_a_line_and_beyond_them_none() -> None:
    found = IsotonicMap(np.array([0.2, 0.4]), np.array([0.1, 0.5]))
    assert found(np.array([0.1, 0.25, 0.9])) == pytest.approx([0.1, 0.2, 0.5])
