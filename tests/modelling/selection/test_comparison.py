from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.uncertainty.delong import delong_difference
from credit_pipeline.modelling.selection.comparison import (
    COLUMNS,
    Folds,
    compare,
    fold_difference,
    fold_scores_of,
)

DRAW = np.random.default_rng(3)
OUTCOME = (DRAW.uniform(size=400) < 0.3).astype(int)
GOOD, WORSE = (np.clip(0.3 + 0.2 * OUTCOME + DRAW.normal(0, noise, 400), 0, 1) for noise in (0.1, 0.3))
SAMPLES = {name: Sample(OUTCOME, answer) for name, answer in {"good": GOOD, "worse": WORSE, "twin": GOOD}.items()}


def test_the_correction_adds_the_ratio_of_held_out_rows_to_the_variance() -> None:
    # Differences 1, 2, 3: mean 2, variance 1, s = sqrt(1/3 + 1/2) = 0.912871, t = 2 / s = 2.190890. With two degrees of
    # freedom 1 - p = t / sqrt(2 + t^2) = sqrt(4.8 / 6.8) = 0.840168, and the 97.5 % point is 4.302653.
    found = fold_difference([2.0, 4.0, 6.0], [1.0, 2.0, 3.0], 0.5)
    assert found.corrected_standard_error == pytest.approx(0.912871, abs=1e-6)
    assert found.p_value == pytest.approx(0.159832, abs=1e-6)
    assert (found.lower, found.upper) == pytest.approx((2 - 3.927767, 2 + 3.927767), abs=1e-5)


def test_without_the_correction_it_is_the_paired_t_test() -> None:
    one, other = [0.78, 0.79, 0.77, 0.80, 0.76], [0.77, 0.77, 0.77, 0.78, 0.77]
    assert fold_difference(one, other, 0.0).p_value == pytest.approx(ttest_rel(one, other).pvalue)


@pytest.mark.parametrize(("gap", "p_value"), [(0.0, 1.0), (0.25, 0.0)])
def test_models_that_differ_by_the_same_on_every_fold_have_no_error(gap: float, p_value: float) -> None:
    found = fold_difference(np.array([0.75, 1.0]), np.array([0.75, 1.0]) - gap, 0.25)
    assert (found.corrected_standard_error, found.p_value) == (0.0, p_value)


@pytest.mark.parametrize(("one", "other"), [([0.7], [0.6]), ([0.7, 0.8], [0.7, 0.8, 0.9])])
def test_scores_that_are_not_of_the_same_folds_are_refused(one: list[float], other: list[float]) -> None:
    with pytest.raises(ValueError, match="two models need scores on at least two shared folds"):
        fold_difference(one, other, 0.25)
    assert Folds({"one": np.array(one), "other": np.array(other)}, 0.25).difference("one", "other") is None


SCORES = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=10)


@given(SCORES, st.floats(0, 1))
def test_a_difference_turned_round_is_its_opposite(scores: list[tuple[float, float]], ratio: float) -> None:
    one, other = zip(*scores, strict=True)
    found, turned = fold_difference(one, other, ratio), fold_difference(other, one, ratio)
    assert (found.lower, found.upper) == pytest.approx((-turned.upper, -turned.lower))
    assert found.p_value == pytest.approx(turned.p_value)


def test_every_other_model_is_set_against_one_by_delong_and_over_the_folds() -> None:
    folds = Folds({"good": np.array([0.9, 0.8, 0.85]), "worse": np.array([0.7, 0.7, 0.7])}, 0.5)
    table = compare(SAMPLES, {"roc_auc": folds}, "good")
    assert tuple(table) == COLUMNS
    assert table[["model", "against", "metric"]].to_numpy().tolist() == [
        ["worse", "good", "roc_auc"],
        ["twin", "good", "roc_auc"],
    ]
    expected = delong_difference(Sample(OUTCOME, WORSE), Sample(OUTCOME, GOOD))
    worse, twin = table.to_dict("records")
    assert (worse["difference"], worse["lower"], worse["upper"], worse["p_value"]) == (
        expected.value,
        expected.lower,
        expected.upper,
        expected.p_value,
    )
    assert worse["fold_difference"] == pytest.approx(-0.15)
    assert (twin["difference"], twin["p_value"]) == (0.0, 1.0)
    assert np.isnan(twin["fold_difference"])


def test_gini_differs_by_twice_the_auc() -> None:
    table = compare(SAMPLES, {"roc_auc": Folds({}, 1), "gini": Folds({}, 1)}, "good")
    auc, gini = (table[(table["metric"] == name) & (table["model"] == "worse")] for name in ("roc_auc", "gini"))
    for name in ("difference", "lower", "upper"):
        assert gini[name].item() == pytest.approx(2 * auc[name].item())
    assert gini["p_value"].item() == auc["p_value"].item()


def test_another_metric_of_a_classification_is_drawn_again_for_both() -> None:
    table = compare(SAMPLES, {"ks": Folds({}, 1)}, "good").set_index("model")
    assert table.loc["worse", "upper"] < 0
    assert table.loc["worse", "p_value"] < 0.05
    assert table.loc["twin", ["difference", "lower", "upper", "p_value"]].tolist() == [0, 0, 0, 1]


def test_a_scaled_error_of_a_regression_is_given_in_multiples_of_the_naive_forecasts() -> None:
    observed = DRAW.normal(size=60)
    good = Sample(observed, observed + 0.1, scale=4.0)
    samples = {"good": good, "worse": good.answered(observed + DRAW.normal(size=60))}
    folds = {"mae": Folds({}, 1), "mase": Folds({}, 1)}
    plain, scaled = compare(samples, folds, "good").to_dict("records")
    for name in ("difference", "lower", "upper"):
        assert scaled[name] == pytest.approx(plain[name] / 4)


def test_alone_a_model_is_compared_with_nobody() -> None:
    table = compare({"good": SAMPLES["good"]}, {"roc_auc": Folds({}, 1)}, "good")
    assert (len(table), tuple(table)) == (0, COLUMNS)


def test_scores_are_read_in_the_order_of_the_folds() -> None:
    rows = [{"fold": 1, "ks": 0.4}, {"fold": 0, "ks": 0.3}]
    assert fold_scores_of(rows, "ks").tolist() == [0.3, 0.4]
    assert len(fold_scores_of(rows, "roc_auc")) == len(fold_scores_of([], "ks")) == 0


@pytest.mark.parametrize("metric", ["roc_auc", "gini", "ks", "brier"])
def test_rows_that_err_together_make_a_difference_less_sure(metric: str) -> None:
    three = {model: sample.rows(np.tile(np.arange(400), 3)) for model, sample in SAMPLES.items()}
    clustered = {model: replace(sample, cluster=np.tile(np.arange(400), 3)) for model, sample in three.items()}
    apart, together = (
        compare(samples, {metric: Folds({}, 1)}, "good").set_index("model").loc["worse"]
        for samples in (three, clustered)
    )
    # Three copies of a row are one row: the width is that of a third of the rows, the root of 3 = 1.73 times as great.
    assert together["difference"] == apart["difference"]
    ratio = (together["upper"] - together["lower"]) / (apart["upper"] - apart["lower"])
    assert ratio == pytest.approx(1.73, abs=0.01 if metric in ("roc_auc", "gini") else 0.25)
