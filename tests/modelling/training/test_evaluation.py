import json
import math
from collections.abc import Mapping
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from credit_pipeline.core.estimate import Estimate
from credit_pipeline.modelling.metrics.metrics import METRICS
from credit_pipeline.modelling.scoring.score_stability import ScoreBins
from credit_pipeline.modelling.training import evaluation
from credit_pipeline.modelling.training.evaluation import Evaluation, SearchSummary, evaluate, track_cross_validation

SUMMARY = SearchSummary(
    model="tree",
    recipe="plain",
    estimator="sklearn.tree.DecisionTreeClassifier",
    arguments={"max_depth": 3, "splitter": None},
    recipe_settings={"max_bins": 4},
    split_id="split",
    folds_id="folds",
    specification_sha256="ab" * 32,
    candidates=2,
    search_seconds=4.0,
    fit_seconds=1.5,
    metrics={"cv_ks_mean": 0.4, "cv_ks_std": 0.01},
    fold_scores=[{"fold": 0, "ks": 0.39}, {"fold": 1, "ks": 0.41}],
)
OUTCOME = np.array([0, 1, 0, 1, 1])
KS = Estimate(value=0.42, lower=0.38, upper=0.46, n=5)


def test_an_evaluation_is_all_that_was_known_and_what_test_adds() -> None:
    evaluated = evaluate(SUMMARY, {"ks": KS}, OUTCOME)
    before, after = SUMMARY.model_dump(), evaluated.model_dump()
    assert (evaluated.test_rows, evaluated.test_events) == (5, 3)
    assert {key for key in before if before[key] != after[key]} == {"metrics"}
    assert after["metrics"] == {
        **before["metrics"],
        "test_ks": 0.42,
        "test_ks_lower": 0.38,
        "test_ks_upper": 0.46,
    }


def test_the_summary_is_left_as_it_was() -> None:
    before = SUMMARY.model_dump()
    evaluate(SUMMARY, {"ks": KS}, OUTCOME)
    assert SUMMARY.model_dump() == before


ESTIMATES = st.dictionaries(
    st.sampled_from(sorted(METRICS)),
    st.builds(Estimate, value=st.floats(0, 1), lower=st.floats(0, 1), upper=st.floats(0, 1), n=st.just(5)),
)


@given(ESTIMATES)
def test_the_estimates_that_went_in_come_out(estimates: Mapping[str, Estimate]) -> None:
    assert evaluate(SUMMARY, estimates, OUTCOME).estimates == estimates


@given(ESTIMATES)
def test_an_evaluation_survives_its_json(estimates: Mapping[str, Estimate]) -> None:
    evaluated = evaluate(SUMMARY, estimates, OUTCOME)
    assert Evaluation.model_validate(json.loads(json.dumps(evaluated.model_dump()))) == evaluated


def test_a_summary_without_its_test_part_is_no_evaluation() -> None:
    with pytest.raises(ValidationError, match="test_rows"):
        Evaluation.model_validate(SUMMARY.model_dump())


def test_a_stored_document_of_another_shape_is_refused() -> None:
    with pytest.raises(ValidationError, match="accuracy"):
        SearchSummary.model_validate({**SUMMARY.model_dump(), "accuracy": 0.9})


def test_a_models_run_has_recipe_estimator_and_every_argument() -> None:
    assert evaluate(SUMMARY, {"ks": KS}, OUTCOME).tracked_parameters == {
        "recipe": "plain",
        "estimator": "sklearn.tree.DecisionTreeClassifier",
        "candidates": 2,
        "max_depth": 3,
        "splitter": None,
        "recipe.max_bins": 4,
    }


def test_an_argument_and_a_setting_of_one_name_are_both_tracked() -> None:
    both = SUMMARY.model_copy(update={"arguments": {"seed": 1}, "recipe_settings": {"seed": 2}})
    tracked = evaluate(both, {"ks": KS}, OUTCOME).tracked_parameters
    assert (tracked["seed"], tracked["recipe.seed"]) == (1, 2)


def test_a_models_run_shows_metrics_counts_and_seconds_as_numbers() -> None:
    tracked = evaluate(SUMMARY, {"ks": KS}, OUTCOME).tracked_metrics
    counted = {"test_rows": 5.0, "test_events": 3.0, "fit_seconds": 1.5, "search_seconds": 4.0}
    assert {name: value for name, value in tracked.items() if name in counted} == counted
    assert set(tracked) - set(counted) == {"cv_ks_mean", "cv_ks_std", "test_ks", "test_ks_lower", "test_ks_upper"}
    assert {type(value) for value in tracked.values()} == {float}


def test_the_spread_of_the_folds_is_the_samples() -> None:
    # Deviations of -0.2, 0 and 0.2 from the mean 0.5: the variance is 0.08 / (3 - 1) = 0.04.
    scores = pd.DataFrame({"fold": [0, 1, 2], "ks": [0.3, 0.5, 0.7], "gini": [0.1, 0.1, 0.1]})
    assert track_cross_validation(scores, ["ks"]) == pytest.approx({"cv_ks_mean": 0.5, "cv_ks_std": 0.2}, rel=1e-12)
    assert track_cross_validation(scores, ["gini"])["cv_gini_std"] == pytest.approx(0.0, abs=1e-16)
    assert list(track_cross_validation(scores, ["gini", "ks"])) == [
        "cv_gini_mean",
        "cv_ks_mean",
        "cv_gini_std",
        "cv_ks_std",
    ]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_the_folds_does_not_matter(scores: list[float], random: Random) -> None:
    shuffled = list(scores)
    random.shuffle(shuffled)
    one, other = (track_cross_validation(pd.DataFrame({"ks": values}), ["ks"]) for values in (scores, shuffled))
    assert one == pytest.approx(other, rel=1e-9, abs=1e-9)
    assert min(scores) - 1e-12 <= one["cv_ks_mean"] <= max(scores) + 1e-12


def test_numpys_numbers_become_pythons() -> None:
    named = evaluation.track_on_test(
        {"ks": Estimate(value=np.float64(0.4), lower=np.float64(0.3), upper=np.float64(0.5), n=9)}
    )
    assert named == {"test_ks": 0.4, "test_ks_lower": 0.3, "test_ks_upper": 0.5}
    assert {type(value) for value in named.values()} == {float}


def test_one_fold_has_no_spread() -> None:
    # The variance of a sample of one divides by 0.
    assert math.isnan(track_cross_validation(pd.DataFrame({"ks": [0.4]}), ["ks"])["cv_ks_std"])


def test_weight_and_calibration_are_tracked_where_they_are_asked_for() -> None:
    asked = SUMMARY.model_copy(update={"event_weight": "balanced", "calibration": "beta"})
    tracked = evaluate(asked, {"ks": KS}, OUTCOME).tracked_parameters
    assert (tracked["event_weight"], tracked["calibration"]) == ("balanced", "beta")


def test_what_a_cut_off_brings_is_tracked_and_no_estimate_of_a_metric() -> None:
    decided = SUMMARY.model_copy(update={"metrics": {**SUMMARY.metrics, "cut_off": 0.2}})
    evaluated = evaluate(decided, {"ks": KS, "approval_rate": Estimate(0.8, 0.7, 0.9, 5)}, OUTCOME)
    brought = {"cut_off": 0.2, "test_approval_rate": 0.8, "test_approval_rate_upper": 0.9}
    assert evaluated.tracked_metrics.items() >= brought.items()
    assert set(evaluated.estimates) == {"ks"}


def test_a_summary_of_an_earlier_version_has_no_score_bins_and_stands() -> None:
    earlier = {key: value for key, value in SUMMARY.model_dump().items() if key != "score_bins"}
    assert SearchSummary.model_validate(earlier) == SUMMARY
    bins = ScoreBins(cuts=[0.2], counts=[3, 4])
    stored = json.loads(json.dumps(SUMMARY.model_copy(update={"score_bins": bins}).model_dump()))
    assert evaluate(SearchSummary.model_validate(stored), {"ks": KS}, OUTCOME).score_bins == bins
