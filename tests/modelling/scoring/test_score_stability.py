import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm

from credit_pipeline.modelling.scoring.population_stability import population_stability_index
from credit_pipeline.modelling.scoring.score_stability import ScoreBins, score_stability

Z = 1.959963984540054
SCORES = st.lists(st.sampled_from([0.1, 0.25, 0.3, 0.5, 0.9]) | st.floats(0, 1), min_size=2, max_size=60).map(np.array)


def bins_of(answers: NDArray[np.float64], bins: int = 10) -> ScoreBins:
    found = ScoreBins.of(answers, bins=bins)
    assert found is not None
    return found


def of_two_bins(rows: float, design_effect: float) -> tuple[float, float, float]:
    """Index and interval of halves that became six and four tenths, each of so many rows.

    The index is 0.1 ln 1.2 - 0.1 ln 0.8 = 0.1 ln 1.5. With one degree of freedom its root over the root of the unit
    is |N(root of the noncentrality, 1)|, so the bounds are the unit times (that root -+ 1.96) squared.
    """
    index, unit = 0.1 * np.log(1.5), design_effect * 2 / rows
    root = np.sqrt(index / unit)
    return index, unit * (root - Z) ** 2, unit * (root + Z) ** 2


HALVES, TENTHS = ScoreBins(cuts=[0.3], counts=[5000, 5000]), np.repeat([0.1, 0.4], [6000, 4000])


def test_two_bins_have_the_interval_worked_out_by_hand() -> None:
    found = score_stability(HALVES, TENTHS)
    assert (found.value, found.lower, found.upper) == pytest.approx(of_two_bins(10_000, 1.0), rel=1e-6)
    assert found.n == 10_000


def test_rows_repeated_in_their_cluster_widen_the_interval_by_a_known_factor() -> None:
    # Of n rows, m times n / m, the clustered variance is m^2 (n/m) / (n/m - 1) and the plain one m n / (n - 1), both
    # times the same sum over n^2: their ratio is m (n - 1) / (n - m).
    answers, cluster = np.repeat(TENTHS[::4], 4), np.repeat(np.arange(2500), 4)
    found = score_stability(HALVES, answers, cluster)
    expected = of_two_bins(10_000, 4 * 9_999 / 9_996)
    assert (found.value, found.lower, found.upper) == pytest.approx(expected, rel=1e-6)


def test_clusters_of_one_row_and_a_single_cluster_change_nothing() -> None:
    expected = score_stability(HALVES, TENTHS)
    for cluster in (np.arange(10_000), np.zeros(10_000, dtype=np.intp)):
        found = score_stability(HALVES, TENTHS, cluster)
        assert (found.lower, found.upper) == pytest.approx((expected.lower, expected.upper), rel=1e-9)


@given(SCORES.filter(lambda scores: np.ptp(scores) > 0), SCORES)
def test_the_index_is_that_of_both_samples_and_lies_in_its_interval(
    expected: NDArray[np.float64], actual: NDArray[np.float64]
) -> None:
    found = score_stability(bins_of(expected), actual, np.arange(len(actual)) // 2)
    assert found.value == pytest.approx(population_stability_index(expected, actual), abs=1e-12)
    assert 0 <= found.lower <= found.value <= found.upper < np.inf


def test_one_population_may_have_the_index_zero_and_another_may_not() -> None:
    # Halves became 52 % and 60 % of 1,000 rows: 0.02 ln(0.52 / 0.48) and 0.1 ln 1.5 over the unit 1 / 1000 + 1 / 10000
    # are 1.5 and 36.9, on either side of the 97.5 % point of one degree of freedom, 5.02.
    near, far = (score_stability(HALVES, np.repeat([0.1, 0.4], halves)) for halves in ([520, 480], [600, 400]))
    assert near.value > 0 == near.lower
    assert far.lower > 0


def test_answers_that_were_given_out_of_fold_have_the_index_zero() -> None:
    answers = np.random.default_rng(3).uniform(size=1000)
    assert score_stability(bins_of(answers), answers).value == 0


def test_bins_are_tenths_and_ties_share_one() -> None:
    assert bins_of(np.arange(100) / 100) == ScoreBins(cuts=[i / 10 for i in range(1, 10)], counts=[10] * 10)
    assert bins_of(np.array([0.1] * 7 + [0.2, 0.3, 0.4])) == ScoreBins(cuts=[0.2, 0.3, 0.4], counts=[7, 1, 1, 1])


def test_equal_answers_are_no_bins() -> None:
    assert ScoreBins.of(np.full(10, 0.22)) is None


def test_bins_survive_their_json() -> None:
    bins = bins_of(np.random.default_rng(4).uniform(size=1000))
    assert ScoreBins.model_validate(json.loads(json.dumps(bins.model_dump()))) == bins


def share_held(borrowers: int, loans: int, shift: float) -> float:
    """Share of 300 intervals that hold the index of two normal distributions, one of them shifted."""
    # The index has the cuts of the population, at the tenths of the standard normal distribution.
    shares = np.diff([0, *norm.cdf(norm.ppf(np.arange(1, 10) / 10) - shift), 1])
    true, draw = float(((shares - 0.1) * np.log(shares / 0.1)).sum()), np.random.default_rng(6)

    def drawn(clusters: int) -> NDArray[np.float64]:
        # Loans of one borrower have the correlation 0.64.
        shared = np.repeat(draw.normal(0, 0.8, clusters), loans) if loans > 1 else draw.normal(0, 0.8, clusters)
        return shared + draw.normal(0, 0.6, clusters * loans)

    held = 0
    for _ in range(300):
        expected, actual = drawn(4 * borrowers), drawn(borrowers) + shift
        found = score_stability(bins_of(expected), actual, np.repeat(np.arange(borrowers), loans))
        held += found.lower <= true <= found.upper
    return held / 300


@pytest.mark.slow
@pytest.mark.parametrize(("borrowers", "loans"), [(500, 1), (300, 3)])
@pytest.mark.parametrize("shift", [0.0, 0.1, 0.3, 0.5])
def test_the_interval_holds_the_index_of_the_populations(borrowers: int, loans: int, shift: float) -> None:
    # Indices of 0, 0.01, 0.09 and 0.24. Three standard errors of 300 draws at 0.95 are 0.038; of one population the
    # interval holds more, the index being 0 at least.
    assert share_held(borrowers, loans, shift) > 0.95 - 0.038
