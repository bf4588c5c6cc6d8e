import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy.stats import binomtest, norm

from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.metrics import METRICS, score, score_all
from credit_pipeline.modelling.metrics.uncertainty import bootstrap
from credit_pipeline.modelling.metrics.uncertainty.delong import auc_interval
from credit_pipeline.modelling.metrics.uncertainty.intervals import estimate, wilson_interval

Rows = tuple[NDArray[np.int_], NDArray[np.float64]]

OF_PROBABILITIES = [name for name, metric in METRICS.items() if metric.task == "classification"]
RESAMPLED = [name for name, metric in METRICS.items() if metric.value_by_counts is not None and metric.interval is None]


def draw(rows: int, seed: int) -> Rows:
    """Probabilities that part the outcomes as credit scores do, rounded so that many are tied."""
    generator = np.random.default_rng(seed)
    outcome = (np.arange(rows) % 5 == 0).astype(int)
    return outcome, (1 / (1 + np.exp(1.5 - generator.normal(outcome)))).round(2)


@st.composite
def samples(draw: st.DrawFn) -> Rows:
    rows = draw(st.integers(4, 40))
    outcome = draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 1)))
    outcome[:4] = 0, 0, 1, 1
    return outcome, draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 12))) / 12


@given(samples(), st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_every_interval_holds_its_value(sample: Rows, seed: int) -> None:
    for name, found in estimate(OF_PROBABILITIES, Sample(*sample), resamples=50, seed=seed).items():
        assert found.lower <= found.value <= found.upper, name
        assert found.n == len(sample[0])


@given(samples())
@settings(max_examples=50)
def test_the_value_is_the_score(sample: Rows) -> None:
    values = {name: found.value for name, found in estimate(OF_PROBABILITIES, Sample(*sample), resamples=1).items()}
    assert values == score_all(OF_PROBABILITIES, *sample)


@given(samples())
@settings(max_examples=50)
def test_the_interval_of_gini_is_that_of_the_auc_on_another_scale(sample: Rows) -> None:
    found = estimate(["roc_auc", "gini"], Sample(*sample))
    auc, gini = found["roc_auc"], found["gini"]
    assert (auc.lower, auc.upper) == pytest.approx(auc_interval(Sample(*sample)), abs=1e-12)
    assert (gini.lower, gini.upper) == pytest.approx((2 * auc.lower - 1, 2 * auc.upper - 1), abs=1e-12)


def test_the_bootstrap_agrees_with_one_that_draws_rows_and_scores_each_sample() -> None:
    outcome, probability = draw(400, seed=3)
    found = estimate(RESAMPLED, Sample(outcome, probability), resamples=2000, seed=1)
    generator = np.random.default_rng(2)
    drawn = [generator.choice(len(outcome), len(outcome)) for _ in range(600)]
    for name in RESAMPLED:
        value = score(name, outcome, probability)
        values = np.array([score(name, outcome[rows], probability[rows]) for rows in drawn])
        bias = norm.ppf((values < value).mean() + (values == value).mean() / 2)
        expected = np.quantile(values, norm.cdf(2 * bias + np.array([-1.96, 1.96])))
        # Two independent sets of draws: their quantiles differ by a part of the interval's width.
        width = expected[1] - expected[0]
        assert (found[name].lower, found[name].upper) == pytest.approx(expected, abs=0.25 * width), name


def test_the_interval_of_the_brier_score_is_the_normal_one_in_a_large_sample() -> None:
    outcome, probability = draw(20_000, seed=5)
    losses = (outcome - probability) ** 2
    margin = 1.96 * losses.std() / np.sqrt(len(outcome))
    found = estimate(["brier"], Sample(outcome, probability), resamples=1000, seed=1)["brier"]
    assert found.lower == pytest.approx(losses.mean() - margin, abs=0.15 * margin)
    assert found.upper == pytest.approx(losses.mean() + margin, abs=0.15 * margin)


def test_the_interval_of_ks_covers_the_truth_more_often_than_plain_percentiles_would() -> None:
    # Normal scores with means 1 and 0: the true KS is Phi(0.5) - Phi(-0.5) = 0.38292.
    generator = np.random.default_rng(0)
    outcome = (np.arange(500) % 5 == 0).astype(int)
    covered = 0
    for seed in range(200):
        probability = 1 / (1 + np.exp(-generator.normal(outcome)))
        found = estimate(["ks"], Sample(outcome, probability), resamples=100, seed=seed)["ks"]
        covered += found.lower <= 0.38292 <= found.upper
    # Plain percentiles cover about 160 times in 200.
    assert covered >= 170


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    sample = draw(300, seed=1)
    first, again, other = (estimate(["ks"], Sample(*sample), resamples=200, seed=seed)["ks"] for seed in (7, 7, 8))
    assert first == again
    assert (first.lower, first.upper) != (other.lower, other.upper)


def test_an_interval_does_not_depend_on_which_other_metrics_are_asked_for() -> None:
    sample = draw(300, seed=1)
    together = estimate(OF_PROBABILITIES, Sample(*sample), resamples=100, seed=7)
    assert {
        name: estimate([name], Sample(*sample), resamples=100, seed=7)[name] for name in OF_PROBABILITIES
    } == together


def test_an_interval_does_not_depend_on_the_order_of_the_rows() -> None:
    outcome, probability = draw(300, seed=1)
    order = np.random.default_rng(0).permutation(300)
    permuted = estimate(RESAMPLED, Sample(outcome[order], probability[order]), resamples=100, seed=7)
    for name, found in estimate(RESAMPLED, Sample(outcome, probability), resamples=100, seed=7).items():
        assert (permuted[name].lower, permuted[name].upper) == pytest.approx((found.lower, found.upper), rel=1e-12)


def test_the_interval_of_a_rank_metric_ignores_a_monotone_transformation() -> None:
    outcome, probability = draw(300, seed=1)
    ranks = ("roc_auc", "gini", "ks", "average_precision")
    squashed = estimate(ranks, Sample(outcome, 0.1 + 0.5 * probability**2), resamples=100)
    assert squashed == estimate(ranks, Sample(outcome, probability), resamples=100)


def test_an_interval_narrows_with_the_root_of_the_rows() -> None:
    small, large = (estimate(OF_PROBABILITIES, Sample(*draw(rows, seed=1))) for rows in (1000, 16_000))
    for name in OF_PROBABILITIES:
        # Sixteen times the rows: a quarter of the width, give or take the noise of 500 resamples.
        ratio = (large[name].upper - large[name].lower) / (small[name].upper - small[name].lower)
        assert 0.18 < ratio < 0.34, name


def test_a_table_larger_than_a_block_is_resampled_one_sample_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = draw(300, seed=1)
    whole = estimate(["brier"], Sample(*sample), resamples=400)["brier"]
    monkeypatch.setattr(bootstrap, "_ROWS_AT_ONCE", 100)
    single = estimate(["brier"], Sample(*sample), resamples=400)["brier"]
    # Other draws of the same distribution.
    assert (single.lower, single.upper) == pytest.approx((whole.lower, whole.upper), rel=0.05)


def test_no_resample_and_too_few_defaults_are_refused() -> None:
    sample = draw(50, seed=1)
    with pytest.raises(ValueError, match="a bootstrap needs resamples, got 0"):
        estimate(["ks"], Sample(*sample), resamples=0)
    with pytest.raises(ValueError, match="2 defaults and 2 payers at least, got 1 and 3"):
        estimate(["ks"], Sample(np.array([0, 0, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4])))


@given(st.integers(1, 2000), st.data())
def test_wilson_agrees_with_scipy(rows: int, data: st.DataObject) -> None:
    events = data.draw(st.integers(0, rows))
    expected = binomtest(events, rows).proportion_ci(method="wilson")
    lower, upper = wilson_interval(np.array([events]), np.array([rows]))
    assert (lower[0], upper[0]) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_rows_that_are_all_alike_in_their_clusters_are_as_good_as_one_of_each() -> None:
    # Every row four times, one cluster each: copies add no information.
    outcome, probability = draw(400, seed=3)
    asked = ["roc_auc", "gini", "brier", "ks", "calibration_slope"]
    once = estimate(asked, Sample(outcome, probability), resamples=1000, seed=1)
    four, cluster = np.tile(outcome, 4), np.tile(np.arange(400), 4)
    fourfold = estimate(asked, Sample(four, np.tile(probability, 4), cluster=cluster), resamples=1000, seed=1)
    believed = estimate(asked, Sample(four, np.tile(probability, 4)), resamples=1000, seed=1)
    for name in asked:
        width = once[name].upper - once[name].lower
        # Two independent sets of draws, and Wald's interval beside a bootstrap: they differ by a part of the width.
        assert fourfold[name].upper - fourfold[name].lower == pytest.approx(width, rel=0.2), name
        assert believed[name].upper - believed[name].lower == pytest.approx(width / 2, rel=0.2), name


def test_clusters_of_one_row_or_one_of_all_change_nothing() -> None:
    outcome, probability = draw(60, seed=3)
    plain = estimate(["roc_auc", "brier", "calibration_slope"], Sample(outcome, probability), resamples=50)
    for cluster in (np.arange(60)[::-1], np.zeros(60, dtype=np.intp)):
        found = estimate(
            ["roc_auc", "brier", "calibration_slope"], Sample(outcome, probability, cluster=cluster), resamples=50
        )
        assert found == plain
