from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import ttest_rel

from credit_pipeline.core import Difference
from credit_pipeline.modelling.metrics import METRICS, Sample
from credit_pipeline.modelling.metrics.uncertainty.paired_differences import (
    bootstrap_difference,
    value_difference,
)

DRAW = np.random.default_rng(5)
OBSERVED = DRAW.normal(size=80)
ONE, OTHER = (Sample(OBSERVED, OBSERVED + DRAW.normal(0, noise, 80)) for noise in (0.4, 0.5))
OUTCOME = (DRAW.uniform(size=2000) < 0.25).astype(int)
SHARP = Sample(OUTCOME, np.clip(0.25 + 0.3 * (OUTCOME - 0.25) + DRAW.normal(0, 0.1, 2000), 0, 1))
BLUNT = SHARP.answered(np.full(2000, 0.25))


def clustered(sample: Sample, cluster: NDArray[np.intp]) -> Sample:
    return replace(sample, cluster=cluster)


def test_the_difference_of_mean_absolute_errors_is_the_paired_t_test_of_the_errors() -> None:
    # Each row adds its own error, so the interval is that of the mean of paired differences.
    found = value_difference(METRICS["mae"], ONE, OTHER)
    test = ttest_rel(np.abs(OBSERVED - ONE.answer), np.abs(OBSERVED - OTHER.answer))
    assert found.p_value == pytest.approx(test.pvalue)
    assert (found.lower, found.upper) == pytest.approx(tuple(test.confidence_interval()))


@pytest.mark.parametrize("metric", ["r2", "rmse"])
def test_an_interval_of_a_difference_holds_as_often_as_it_says(metric: str) -> None:
    # Both models err alike in the population, so the true difference is 0; 95 % of 400 samples are 380 +- 4 (sd).
    draw, held = np.random.default_rng(11), 0
    for _ in range(400):
        observed = draw.normal(size=60)
        found = value_difference(
            METRICS[metric], *(Sample(observed, observed + draw.normal(0, 0.5, 60)) for _ in range(2))
        )
        held += found.lower <= 0 <= found.upper
    assert 365 <= held <= 395


def test_rows_that_err_together_widen_the_interval() -> None:
    twice = [model.rows(np.repeat(np.arange(80), 2)) for model in (ONE, OTHER)]
    single = value_difference(METRICS["mae"], ONE, OTHER)
    together = value_difference(METRICS["mae"], *(clustered(model, np.repeat(np.arange(80), 2)) for model in twice))
    assert (together.lower, together.upper) == pytest.approx((single.lower, single.upper))
    assert value_difference(METRICS["mae"], *twice).lower > single.lower


def test_one_cluster_says_nothing_and_equal_predictions_differ_by_nothing() -> None:
    cluster = np.zeros(80, dtype=np.intp)
    alone = value_difference(METRICS["mae"], *(clustered(model, cluster) for model in (ONE, OTHER)))
    assert (alone.lower, alone.upper, alone.p_value) == (-np.inf, np.inf, 1.0)
    assert value_difference(METRICS["mae"], ONE, ONE) == Difference(0.0, 0.0, 0.0, 1.0)


def test_the_bootstrap_of_a_mean_of_rows_has_the_normal_interval() -> None:
    # The Brier score is a mean over rows, so the difference has the standard error of the paired differences.
    gaps = (SHARP.answer - OUTCOME) ** 2 - (BLUNT.answer - OUTCOME) ** 2
    margin = 1.96 * gaps.std(ddof=1) / np.sqrt(len(gaps))
    found = bootstrap_difference(METRICS["brier"], {"sharp": SHARP}, BLUNT, resamples=1000, seed=1)["sharp"]
    assert found.value == pytest.approx(gaps.mean())
    assert (found.upper - found.lower) / 2 == pytest.approx(margin, rel=0.08)
    assert found.p_value == pytest.approx(2 / 1001)


def test_the_same_seed_draws_the_same_whichever_other_models_are_compared() -> None:
    alone = bootstrap_difference(METRICS["ks"], {"sharp": SHARP}, BLUNT, resamples=50, seed=1)
    both = {"blunt": BLUNT, "sharp": SHARP}
    together = bootstrap_difference(METRICS["ks"], both, BLUNT, resamples=50, seed=1)
    assert together["sharp"] == alone["sharp"]
    assert together["blunt"] == Difference(0.0, 0.0, 0.0, 1.0)


def test_a_metric_without_what_is_needed_is_refused() -> None:
    with pytest.raises(ValueError, match="'roc_auc' cannot be resampled"):
        bootstrap_difference(METRICS["roc_auc"], {}, BLUNT, resamples=50, seed=1)
    with pytest.raises(ValueError, match="'ks' has no influence function"):
        value_difference(METRICS["ks"], ONE, OTHER)


def test_rows_repeated_in_their_cluster_have_the_bootstrap_of_the_single_rows() -> None:
    # A sample draws the clusters by their numbers, so each row is drawn as often as it is without its copies.
    rows = np.arange(200)

    def sharp_against_blunt(positions: NDArray[np.intp], cluster: NDArray[np.intp] | None) -> Difference:
        sharp, blunt = (replace(model.rows(positions), cluster=cluster) for model in (SHARP, BLUNT))
        return bootstrap_difference(METRICS["brier"], {"sharp": sharp}, blunt, resamples=99, seed=1)["sharp"]

    once, together = sharp_against_blunt(rows, rows), sharp_against_blunt(np.repeat(rows, 2), np.repeat(rows, 2))
    for name in ("value", "lower", "upper", "p_value"):
        assert getattr(together, name) == pytest.approx(getattr(once, name))
    apart = sharp_against_blunt(np.repeat(rows, 2), None)
    # Twice the rows, taken for independent, have the width over the root of 2: 0.71, and 99 draws vary by a fifth.
    assert (apart.upper - apart.lower) / (once.upper - once.lower) < 0.85


def test_the_bootstrap_of_clusters_has_the_clustered_normal_interval() -> None:
    # The Brier score is a mean over rows: four rows of one borrower add the sum of their paired differences.
    cluster = np.arange(2000) // 4
    gaps = (SHARP.answer - OUTCOME) ** 2 - (BLUNT.answer - OUTCOME) ** 2
    sums = (gaps - gaps.mean()).reshape(500, 4).sum(axis=1)
    margin = 1.96 * np.sqrt(500 / 499 * (sums**2).sum()) / 2000
    of_clusters = bootstrap_difference(
        METRICS["brier"], {"sharp": clustered(SHARP, cluster)}, clustered(BLUNT, cluster), resamples=1000, seed=1
    )["sharp"]
    assert (of_clusters.upper - of_clusters.lower) / 2 == pytest.approx(margin, rel=0.08)


def test_one_cluster_of_a_bootstrap_says_nothing() -> None:
    sharp, blunt = (clustered(model, np.zeros(2000, dtype=np.intp)) for model in (SHARP, BLUNT))
    found = bootstrap_difference(METRICS["ks"], {"sharp": sharp}, blunt, resamples=5, seed=1)["sharp"]
    assert (found.lower, found.upper, found.p_value) == (-np.inf, np.inf, 1.0)
