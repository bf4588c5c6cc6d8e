import math
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.uncertainty.delong import auc_interval, delong_difference

Paired = tuple[NDArray[np.int_], NDArray[np.float64], NDArray[np.float64]]


@st.composite
def paired_samples(draw: st.DrawFn) -> Paired:
    """Up to 30 rows with two of each outcome at least, and two models with many tied probabilities."""
    rows = draw(st.integers(4, 30))
    outcome = draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 1)))
    outcome[:4] = 0, 0, 1, 1
    first, second = (draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 8))) / 8 for _ in range(2))
    return outcome, first, second


def brute_force(
    outcome: NDArray[np.int_], *models: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """AUCs and their covariance by DeLong's definition: every (default, payer) pair compared, O(n^2)."""
    of_defaults, of_payers = [], []
    for model in models:
        defaults, payers = model[outcome == 1], model[outcome == 0]
        wins = (defaults[:, None] > payers) + 0.5 * (defaults[:, None] == payers)
        of_defaults.append(wins.mean(axis=1))
        of_payers.append(wins.mean(axis=0))
    covariance = np.cov(of_defaults) / (outcome == 1).sum() + np.cov(of_payers) / (outcome == 0).sum()
    return np.mean(of_defaults, axis=1), covariance


@given(paired_samples())
def test_the_difference_agrees_with_brute_force_over_all_pairs(sample: Paired) -> None:
    outcome, first, second = sample
    aucs, covariance = brute_force(outcome, first, second)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    found = delong_difference(Sample(outcome, first), Sample(outcome, second))
    assert found.value == pytest.approx(aucs[0] - aucs[1], abs=1e-12)
    margin = 1.959963984540054 * math.sqrt(max(variance, 0))
    assert found.lower == pytest.approx(max(aucs[0] - aucs[1] - margin, -1), abs=1e-7)
    assert found.upper == pytest.approx(min(aucs[0] - aucs[1] + margin, 1), abs=1e-7)
    assume(variance > 1e-9)
    assert found.p_value == pytest.approx(math.erfc(abs(aucs[0] - aucs[1]) / math.sqrt(2 * variance)), abs=1e-9)


@given(paired_samples())
def test_the_interval_agrees_with_brute_force_on_the_logit_scale(sample: Paired) -> None:
    outcome, probability, _ = sample
    (auc, _), covariance = brute_force(outcome, probability, probability)
    assume(0 < auc < 1)
    margin = 1.959963984540054 * math.sqrt(covariance[0, 0]) / (auc * (1 - auc))
    odds = math.log(auc / (1 - auc))
    lower, upper = auc_interval(Sample(outcome, probability))
    assert lower == pytest.approx(1 / (1 + math.exp(margin - odds)), abs=1e-9)
    assert upper == pytest.approx(1 / (1 + math.exp(-margin - odds)), abs=1e-9)


def test_the_interval_has_the_value_worked_out_by_hand() -> None:
    # Defaults .4 and .9, payers .1, .2, .6. Shares of payers below: 2/3 and 1, variance 1/18, over 2 defaults 1/36.
    # Shares of defaults above: 1, 1, 1/2, variance 1/12, over 3 payers 1/36. A = 5/6, s = sqrt(1/18),
    # logit A = ln 5, s / (A (1 - A)) = sqrt(1/18) * 36/5 = 1.69706.
    lower, upper = auc_interval(Sample(np.array([0, 0, 0, 1, 1]), np.array([0.1, 0.2, 0.6, 0.4, 0.9])))
    margin = 1.959963984540054 * math.sqrt(1 / 18) * 36 / 5
    assert lower == pytest.approx(1 / (1 + math.exp(margin) / 5), rel=1e-12)
    assert upper == pytest.approx(1 / (1 + math.exp(-margin) / 5), rel=1e-12)


@given(paired_samples())
def test_swapping_the_models_turns_the_sign_and_nothing_else(sample: Paired) -> None:
    outcome, first, second = sample
    one, other = Sample(outcome, first), Sample(outcome, second)
    there, back = delong_difference(one, other), delong_difference(other, one)
    assert back.value == -there.value
    assert (back.lower, back.upper) == (-there.upper, -there.lower)
    assert back.p_value == there.p_value


@given(paired_samples())
def test_a_model_does_not_differ_from_a_monotone_image_of_itself(sample: Paired) -> None:
    outcome, probability, _ = sample
    same = delong_difference(Sample(outcome, probability), Sample(outcome, 0.1 + 0.4 * probability**2))
    assert (same.value, same.lower, same.upper, same.p_value) == (0, 0, 0, 1)


@given(paired_samples(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(sample: Paired, random: Random) -> None:
    outcome, first, second = sample
    order = np.array(random.sample(range(len(outcome)), len(outcome)))
    permuted = delong_difference(Sample(outcome[order], first[order]), Sample(outcome[order], second[order]))
    original = delong_difference(Sample(outcome, first), Sample(outcome, second))
    assert permuted.value == pytest.approx(original.value, abs=1e-12)
    assert permuted.lower == pytest.approx(original.lower, abs=1e-7)


@given(paired_samples())
def test_the_interval_holds_the_difference_of_the_aucs(sample: Paired) -> None:
    outcome, first, second = sample
    found = delong_difference(Sample(outcome, first), Sample(outcome, second))
    expected = roc_auc_score(outcome, first) - roc_auc_score(outcome, second)
    assert found.value == pytest.approx(expected, abs=1e-12)
    assert -1 <= found.lower <= found.value <= found.upper <= 1


def test_a_perfect_ranking_has_an_interval_without_width() -> None:
    assert auc_interval(Sample(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9]))) == (1.0, 1.0)


def test_a_difference_that_is_certain_has_the_p_value_zero() -> None:
    ranking = np.array([0.1, 0.2, 0.8, 0.9])
    certain = delong_difference(Sample(np.array([0, 0, 1, 1]), ranking), Sample(np.array([0, 0, 1, 1]), 1 - ranking))
    assert (certain.value, certain.p_value) == (1.0, 0.0)


def test_the_interval_covers_the_true_auc_about_95_times_in_100() -> None:
    # Scores of defaults and payers are normal with means 1 and 0: the true AUC is Phi(1 / sqrt 2) = 0.76025.
    generator = np.random.default_rng(0)
    outcome = np.repeat([0, 1], [160, 40])
    covered = 0
    for _ in range(1000):
        lower, upper = auc_interval(Sample(outcome, 1 / (1 + np.exp(-generator.normal(outcome)))))
        covered += lower <= 0.76025 <= upper
    # Three standard errors of 1,000 draws at 0.95: 0.021.
    assert covered / 1000 == pytest.approx(0.95, abs=0.021)


def test_the_p_value_of_equally_good_models_is_uniform() -> None:
    # Two models see the same truth with independent noise: a test at 5 % rejects 5 times in 100.
    generator = np.random.default_rng(0)
    outcome = np.repeat([0, 1], [150, 50])
    rejected = 0
    for _ in range(1000):
        first, second = (1 / (1 + np.exp(-generator.normal(outcome))) for _ in range(2))
        rejected += delong_difference(Sample(outcome, first), Sample(outcome, second)).p_value < 0.05
    assert rejected / 1000 == pytest.approx(0.05, abs=0.021)


@pytest.mark.parametrize("outcome", [[0, 0, 0, 1], [1, 1, 1, 0]])
def test_one_row_of_an_outcome_is_refused(outcome: list[int]) -> None:
    probability = np.array([0.1, 0.2, 0.3, 0.4])
    with pytest.raises(ValueError, match="an interval needs 2 defaults and 2 payers at least, got"):
        auc_interval(Sample(np.array(outcome), probability))


def test_a_missing_probability_of_either_model_is_refused() -> None:
    outcome, whole, holed = np.array([0, 0, 1, 1]), np.full(4, 0.5), np.array([0.1, 0.2, np.nan, 0.3])
    for models in [(whole, holed), (holed, whole)]:
        with pytest.raises(ValueError, match="probabilities are finite, 1 of 4 rows are not"):
            delong_difference(*(Sample(outcome, model) for model in models))


@pytest.mark.parametrize(
    "changed",
    [{"outcome": np.array([0, 1, 0, 1])}, {"scale": 2.0}, {"cluster": np.arange(4)}],
    ids=["outcome", "scale", "cluster"],
)
def test_models_of_different_rows_are_not_compared(changed: dict[str, object]) -> None:
    one = Sample(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9]))
    with pytest.raises(ValueError, match="the same rows: outcomes, scale or clusters differ"):
        delong_difference(one, replace(one, **changed))
    with pytest.raises(ValueError, match="the same rows"):
        delong_difference(replace(one, **changed), one)


def test_clusters_of_one_row_have_almost_delongs_interval() -> None:
    # DeLong divides by n1 - 1 and n0 - 1 where Obuchowski has C / (C - 1): 2,000 rows differ in the fourth digit.
    generator = np.random.default_rng(8)
    outcome = (np.arange(2000) % 4 == 0).astype(int)
    probability = 1 / (1 + np.exp(-generator.normal(outcome)))
    expected = auc_interval(Sample(outcome, probability))
    assert auc_interval(Sample(outcome, probability, cluster=np.arange(2000))) == pytest.approx(expected, abs=1e-4)


def test_rows_repeated_in_their_cluster_add_no_information_on_the_auc() -> None:
    outcome, probability = np.array([0, 0, 0, 1, 1, 0]), np.array([0.1, 0.2, 0.6, 0.4, 0.9, 0.3])
    once = auc_interval(Sample(outcome, probability, cluster=np.arange(6)))
    thrice = Sample(np.tile(outcome, 3), np.tile(probability, 3), cluster=np.tile(np.arange(6), 3))
    assert auc_interval(thrice) == pytest.approx(once)


@given(paired_samples(), st.integers(1, 4))
def test_a_difference_is_as_sure_however_often_a_row_is_repeated_in_its_cluster(sample: Paired, times: int) -> None:
    # The error of rows that are their own clusters by brute force: of n rows, n1 defaults and n0 payers,
    # n / (n - 1) times the sum of squares about the mean, over n1 squared of the defaults and n0 squared of the payers.
    outcome, first, second = sample
    aucs, _ = brute_force(outcome, first, second)
    squares = 0.0
    for kind, axis in ((1, 1), (0, 0)):
        placed = []
        for model in (first, second):
            defaults, payers = model[outcome == 1], model[outcome == 0]
            wins = (defaults[:, None] > payers) + 0.5 * (defaults[:, None] == payers)
            placed.append(wins.mean(axis=axis))
        squares += float(np.sum((placed[0] - placed[1] - aucs[0] + aucs[1]) ** 2)) / (outcome == kind).sum() ** 2
    margin = 1.959963984540054 * math.sqrt(squares * len(outcome) / (len(outcome) - 1))
    repeated = Sample(
        *(np.tile(part, times) for part in (outcome, first)), cluster=np.tile(np.arange(len(outcome)), times)
    )
    found = delong_difference(repeated, repeated.answered(np.tile(second, times)))
    assert found.value == pytest.approx(aucs[0] - aucs[1], abs=1e-12)
    assert found.lower == pytest.approx(max(aucs[0] - aucs[1] - margin, -1), abs=1e-7)
    assert found.upper == pytest.approx(min(aucs[0] - aucs[1] + margin, 1), abs=1e-7)


def test_clusters_of_one_row_differ_from_delong_by_a_known_factor() -> None:
    # m rows of each outcome: DeLong has the sums of squares over m (m - 1), Obuchowski over m^2 times 2m / (2m - 1).
    outcome = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    first = np.array([0.1, 0.2, 0.5, 0.6, 0.3, 0.4, 0.7, 0.8])
    second = np.array([0.2, 0.5, 0.1, 0.7, 0.6, 0.3, 0.4, 0.8])
    plain, single = (
        delong_difference(*(Sample(outcome, model, cluster=cluster) for model in (first, second)))
        for cluster in (None, np.arange(8))
    )
    factor = math.sqrt(2 * (4 - 1) / (2 * 4 - 1))
    assert single.upper - single.value == pytest.approx(factor * (plain.upper - plain.value), rel=1e-12)
    assert single.p_value < plain.p_value


@given(paired_samples(), st.integers(1, 5))
def test_swapping_the_models_turns_the_sign_of_clustered_rows_too(sample: Paired, clusters: int) -> None:
    outcome, first, second = sample
    one = Sample(outcome, first, cluster=np.arange(len(outcome)) % clusters)
    other = one.answered(second)
    there, back = delong_difference(one, other), delong_difference(other, one)
    assert back.value == -there.value
    assert (back.lower, back.upper) == pytest.approx((-there.upper, -there.lower), abs=1e-12)
    assert back.p_value == pytest.approx(there.p_value, abs=1e-12)


def test_one_cluster_gives_no_information_on_a_difference() -> None:
    outcome, ranking = np.array([0, 0, 1, 1]), np.array([0.1, 0.8, 0.2, 0.9])
    alone = Sample(outcome, ranking, cluster=np.zeros(4, dtype=np.intp))
    found = delong_difference(alone, alone.answered(np.array([0.1, 0.2, 0.8, 0.9])))
    assert (found.value, found.lower, found.upper, found.p_value) == (-0.25, -1.0, 1.0, 1.0)
