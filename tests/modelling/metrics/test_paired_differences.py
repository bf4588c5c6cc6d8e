import numpy as np
import pytest
from scipy.stats import ttest_rel

from credit_pipeline.modelling.metrics.metrics import METRICS
from credit_pipeline.modelling.metrics.paired_differences import (
    PairedDifference,
    bootstrap_difference,
    value_difference,
)

DRAW = np.random.default_rng(5)
OBSERVED = DRAW.normal(size=80)
ONE, OTHER = OBSERVED + DRAW.normal(0, 0.4, 80), OBSERVED + DRAW.normal(0, 0.5, 80)
OUTCOME = (DRAW.uniform(size=2000) < 0.25).astype(int)
SHARP, BLUNT = np.clip(0.25 + 0.3 * (OUTCOME - 0.25) + DRAW.normal(0, 0.1, 2000), 0, 1), np.full(2000, 0.25)


def test_the_difference_of_mean_absolute_errors_is_the_paired_t_test_of_the_errors() -> None:
    # Each row adds its own error, so the interval is that of the mean of paired differences.
    found = value_difference(METRICS["mae"], OBSERVED, ONE, OTHER)
    test = ttest_rel(np.abs(OBSERVED - ONE), np.abs(OBSERVED - OTHER))
    assert found.p_value == pytest.approx(test.pvalue)
    assert (found.lower, found.upper) == pytest.approx(tuple(test.confidence_interval()))


@pytest.mark.parametrize("metric", ["r2", "rmse"])
def test_an_interval_of_a_difference_holds_as_often_as_it_says(metric: str) -> None:
    # Both models err alike in the population, so the true difference is 0; 95 % of 400 samples are 380 +- 4 (sd).
    draw, held = np.random.default_rng(11), 0
    for _ in range(400):
        observed = draw.normal(size=60)
        found = value_difference(METRICS[metric], observed, *(observed + draw.normal(0, 0.5, 60) for _ in range(2)))
        held += found.lower <= 0 <= found.upper
    assert 365 <= held <= 395


def test_rows_that_err_together_widen_the_interval() -> None:
    twice = [np.repeat(values, 2) for values in (OBSERVED, ONE, OTHER)]
    single = value_difference(METRICS["mae"], OBSERVED, ONE, OTHER)
    together = value_difference(METRICS["mae"], *twice, np.repeat(np.arange(80), 2))
    assert (together.lower, together.upper) == pytest.approx((single.lower, single.upper))
    assert value_difference(METRICS["mae"], *twice).lower > single.lower


def test_one_cluster_says_nothing_and_equal_predictions_differ_by_nothing() -> None:
    alone = value_difference(METRICS["mae"], OBSERVED, ONE, OTHER, np.zeros(80, dtype=np.intp))
    assert (alone.lower, alone.upper, alone.p_value) == (-np.inf, np.inf, 1.0)
    assert value_difference(METRICS["mae"], OBSERVED, ONE, ONE) == PairedDifference(0.0, 0.0, 0.0, 1.0)


def test_the_bootstrap_of_a_mean_of_rows_has_the_normal_interval() -> None:
    # The Brier score is a mean over rows, so the difference has the standard error of the paired differences.
    gaps = (SHARP - OUTCOME) ** 2 - (BLUNT - OUTCOME) ** 2
    margin = 1.96 * gaps.std(ddof=1) / np.sqrt(len(gaps))
    found = bootstrap_difference(METRICS["brier"], OUTCOME, {"sharp": SHARP}, BLUNT, resamples=1000, seed=1)["sharp"]
    assert found.difference == pytest.approx(gaps.mean())
    assert (found.upper - found.lower) / 2 == pytest.approx(margin, rel=0.08)
    assert found.p_value == pytest.approx(2 / 1001)


def test_the_same_seed_draws_the_same_whichever_other_models_are_compared() -> None:
    alone = bootstrap_difference(METRICS["ks"], OUTCOME, {"sharp": SHARP}, BLUNT, resamples=50, seed=1)
    both = {"blunt": BLUNT, "sharp": SHARP}
    together = bootstrap_difference(METRICS["ks"], OUTCOME, both, BLUNT, resamples=50, seed=1)
    assert together["sharp"] == alone["sharp"]
    assert together["blunt"] == PairedDifference(0.0, 0.0, 0.0, 1.0)


def test_a_metric_without_what_is_needed_is_refused() -> None:
    with pytest.raises(ValueError, match="'roc_auc' cannot be resampled"):
        bootstrap_difference(METRICS["roc_auc"], OUTCOME, {}, BLUNT, resamples=50, seed=1)
    with pytest.raises(ValueError, match="what a row adds to 'ks'"):
        value_difference(METRICS["ks"], OBSERVED, ONE, OTHER)


def test_rows_repeated_in_their_cluster_have_the_bootstrap_of_the_single_rows() -> None:
    # A sample draws the clusters by their numbers, so each row is drawn as often as it is without its copies.
    answers, rows = {"sharp": SHARP[:200]}, np.arange(200)
    once = bootstrap_difference(
        METRICS["brier"], OUTCOME[:200], answers, BLUNT[:200], resamples=99, seed=1, cluster=rows
    )
    twice = (np.repeat(values[:200], 2) for values in (OUTCOME, SHARP, BLUNT))
    outcome, sharp, blunt = twice
    together = bootstrap_difference(
        METRICS["brier"], outcome, {"sharp": sharp}, blunt, resamples=99, seed=1, cluster=np.repeat(rows, 2)
    )
    for name in ("difference", "lower", "upper", "p_value"):
        assert getattr(together["sharp"], name) == pytest.approx(getattr(once["sharp"], name))
    apart = bootstrap_difference(METRICS["brier"], outcome, {"sharp": sharp}, blunt, resamples=99, seed=1)["sharp"]
    # Twice the rows, taken for independent, have the width over the root of 2: 0.71, and 99 draws vary by a fifth.
    assert (apart.upper - apart.lower) / (once["sharp"].upper - once["sharp"].lower) < 0.85


def test_the_bootstrap_of_clusters_has_the_clustered_normal_interval() -> None:
    # The Brier score is a mean over rows: four rows of one borrower add the sum of their paired differences.
    cluster = np.arange(2000) // 4
    gaps = (SHARP - OUTCOME) ** 2 - (BLUNT - OUTCOME) ** 2
    sums = (gaps - gaps.mean()).reshape(500, 4).sum(axis=1)
    margin = 1.96 * np.sqrt(500 / 499 * (sums**2).sum()) / 2000
    of_clusters = bootstrap_difference(
        METRICS["brier"], OUTCOME, {"sharp": SHARP}, BLUNT, resamples=1000, seed=1, cluster=cluster
    )["sharp"]
    assert (of_clusters.upper - of_clusters.lower) / 2 == pytest.approx(margin, rel=0.08)


def test_one_cluster_of_a_bootstrap_says_nothing() -> None:
    found = bootstrap_difference(
        METRICS["ks"], OUTCOME, {"sharp": SHARP}, BLUNT, resamples=5, seed=1, cluster=np.zeros(2000, dtype=np.intp)
    )["sharp"]
    assert (found.lower, found.upper, found.p_value) == (-np.inf, np.inf, 1.0)
