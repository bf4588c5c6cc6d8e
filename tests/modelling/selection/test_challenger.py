import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.modelling.selection.challenger import Choice, choose
from credit_pipeline.modelling.selection.comparison import Folds
from credit_pipeline.modelling.selection.ranking import leaderboard
from credit_pipeline.spec import ChallengerSpec
from stored_results import NAMES, RESULTS, TODAY, Stored, result


def picked(results: Stored, rule: ChallengerSpec) -> Choice:
    return choose(leaderboard(results, TODAY, rule.metric), rule)


BEST = ChallengerSpec(metric="roc_auc", minimum=0.7)


def test_models_of_which_none_was_trained_make_a_leaderboard_without_a_challenger() -> None:
    table = leaderboard(dict.fromkeys(NAMES), TODAY, "roc_auc")
    assert table["status"].tolist() == ["not trained"] * 4
    assert choose(table, BEST).model is None


def test_the_best_cross_validated_mean_wins_whatever_test_says() -> None:
    results = {"alpha": result(roc_auc=0.78), "beta": result(roc_auc=0.76)}
    results["beta"].metrics["test_roc_auc"] = 0.99
    assert picked(results, BEST) == Choice("alpha", "best cross-validated roc_auc 0.7800")


@pytest.mark.parametrize(
    "stale",
    [{"split_id": "another"}, {"folds_id": "others"}, {"specification": "other"}],
    ids=lambda stale: next(iter(stale)),
)
def test_a_stale_row_cannot_win(stale: dict[str, str]) -> None:
    results = {"alpha": result(roc_auc=0.99, **stale), "beta": result(roc_auc=0.71)}  # type: ignore[arg-type]  # by name
    assert picked(results, BEST).model == "beta"
    alone = picked({"alpha": results["alpha"]}, BEST)
    assert alone.model is None
    assert alone.reason == "no model has a comparable cross-validated result; see the status of each model"


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss"])
@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_metric_that_is_not_finite_cannot_win(value: float, metric: str) -> None:
    rule = ChallengerSpec(metric=metric, minimum=0.0 if metric == "roc_auc" else 1.0, tie=math.inf)
    results = {"alpha": result(**{metric: value}), "beta": result(**{metric: 0.5})}
    assert picked(results, rule).model == "beta"
    assert picked({"alpha": results["alpha"]}, rule).model is None


def test_a_model_without_the_metric_cannot_win() -> None:
    assert picked({"alpha": result(ks=0.9), "beta": result(roc_auc=0.71)}, BEST).model == "beta"


def test_below_the_minimum_nobody_wins_and_the_rule_is_named() -> None:
    choice = picked({"alpha": result(roc_auc=0.6999)}, BEST)
    assert choice == Choice(None, "the best cross-validated roc_auc is 0.6999, the rule requires 0.7")
    assert picked({"alpha": result(roc_auc=0.7)}, BEST).model == "alpha"


def test_the_minimum_of_a_loss_is_the_most_that_it_may_be() -> None:
    rule = ChallengerSpec(metric="log_loss", minimum=0.45)
    assert picked({"alpha": result(log_loss=0.44)}, rule).model == "alpha"
    reason = "the best cross-validated log_loss is 0.4600, the rule requires 0.45"
    assert picked({"alpha": result(log_loss=0.46)}, rule) == Choice(None, reason)


def test_a_tie_is_broken_by_the_tie_breaks_in_their_order() -> None:
    rule = ChallengerSpec(metric="roc_auc", minimum=0.7, tie=0.001, tie_breaks=("log_loss", "ks"))
    results = {
        "alpha": result(roc_auc=0.7805, log_loss=0.44, ks=0.40),
        # Within 0.001 of the best, the same smallest loss, the greater KS.
        "beta": result(roc_auc=0.7800, log_loss=0.43, ks=0.42),
        "gamma": result(roc_auc=0.7803, log_loss=0.43, ks=0.41),
        # Better by every tie-break, but 0.0015 away.
        "delta": result(roc_auc=0.7790, log_loss=0.10, ks=0.90),
    }
    choice = picked(results, rule)
    assert choice.model == "beta"
    assert choice.reason == (
        "cross-validated roc_auc 0.7800, within 0.001 of the best, as alpha, gamma; the tie is broken by log_loss, ks"
    )


def test_a_tie_break_by_seconds_prefers_the_faster() -> None:
    rule = ChallengerSpec(minimum=0.7, tie=0.01, tie_breaks=("fit_seconds",))
    results = {"alpha": result(roc_auc=0.79, fit_seconds=60.0), "beta": result(roc_auc=0.785, fit_seconds=2.0)}
    assert picked(results, rule).model == "beta"


def test_a_tie_break_that_one_model_lacks_does_not_prefer_it() -> None:
    rule = ChallengerSpec(minimum=0.7, tie=0.01, tie_breaks=("ks",))
    results = {
        "alpha": result(roc_auc=0.79),
        "beta": result(roc_auc=0.785, ks=0.1),
        "gamma": result(roc_auc=0.79, ks=math.inf),
    }
    assert picked(results, rule).model == "beta"


def test_without_tie_breaks_the_best_of_the_tied_wins() -> None:
    results = {"alpha": result(roc_auc=0.785), "beta": result(roc_auc=0.79)}
    assert picked(results, ChallengerSpec(minimum=0.7, tie=0.01)).model == "beta"


def test_without_tie_breaks_the_reason_names_the_metric_itself() -> None:
    results = {"alpha": result(roc_auc=0.785), "beta": result(roc_auc=0.79)}
    assert picked(results, ChallengerSpec(minimum=0.7, tie=0.01)).reason.endswith("the tie is broken by roc_auc")


def test_models_that_are_equal_in_everything_are_taken_in_the_order_of_the_configuration() -> None:
    same = result(roc_auc=0.79, log_loss=0.4)
    rule = ChallengerSpec(minimum=0.7, tie_breaks=("log_loss",))
    assert picked({"beta": same, "alpha": same}, rule).model == "beta"
    assert picked({"alpha": same, "beta": same}, rule).model == "alpha"


# Differences of -0.02, 0, -0.01 to the best: mean -0.01, variance 1e-4, error sqrt((1/3 + 1/2) 1e-4) = 0.0091.
# Differences of -0.01, 0, -0.01: mean -0.0067, variance 3.3e-5, error 0.0053. Of -0.03, 0, 0: mean -0.01, error 0.0158.
FOLDS = Folds(
    {
        "alpha": np.array([0.78, 0.78, 0.78]),
        "beta": np.array([0.75, 0.78, 0.78]),
        "gamma": np.array([0.77, 0.78, 0.77]),
        "delta": np.array([0.76, 0.78, 0.77]),
    },
    held_out_ratio=0.5,
)


OF_FOLDS = {name: result(roc_auc=float(scores.mean())) for name, scores in FOLDS.scores.items()}


def simplest(*names: str, stored: Stored = OF_FOLDS, folds: Folds | None = FOLDS, **rule: object) -> Choice:
    spec = ChallengerSpec.model_validate({"minimum": 0.7, "simplest_first": names, **rule})
    return choose(leaderboard(stored, TODAY, "roc_auc"), spec, folds)


def test_the_first_of_the_simplest_within_one_corrected_standard_error_wins() -> None:
    choice = simplest("delta", "gamma", "beta")
    assert choice.model == "beta"
    assert choice.reason == (
        "cross-validated roc_auc 0.7700, within one corrected standard error (0.0158) of the best, alpha with 0.7800; "
        "the first such model of simplest_first"
    )


def test_where_no_simpler_model_is_near_enough_the_best_wins() -> None:
    assert simplest("delta", "gamma").model == "alpha"
    assert simplest("gamma", "alpha", "beta") == Choice(
        "alpha", "best cross-validated roc_auc 0.7800; no simpler model is within one corrected standard error"
    )


def test_a_simple_model_that_is_below_the_minimum_stale_or_without_folds_does_not_win() -> None:
    assert simplest("beta", minimum=0.775).model == "alpha"
    assert simplest("beta", stored={**OF_FOLDS, "beta": result(roc_auc=0.77, folds_id="others")}).model == "alpha"
    assert simplest("beta", folds=Folds({"alpha": FOLDS.scores["alpha"]}, 0.5)).model == "alpha"
    assert simplest("beta", folds=None).model == "alpha"


def test_a_simple_model_must_beat_the_baseline_too() -> None:
    stored = {**OF_FOLDS, "gamma": result(roc_auc=0.775)}
    assert simplest("beta", stored=stored, baseline="gamma").model == "alpha"
    assert simplest("gamma", "beta", stored=OF_FOLDS, baseline="delta").model == "alpha"


@given(RESULTS, st.floats(0.5, 1.0), st.floats(0, 0.2))
def test_the_challenger_is_comparable_above_the_minimum_and_within_the_tie(
    results: Stored, minimum: float, tie: float
) -> None:
    rule = ChallengerSpec(minimum=minimum, tie=tie, tie_breaks=("log_loss",))
    comparable = {
        name: stored.metrics for name, stored in results.items() if stored is not None and stored.split_id == "split"
    }
    best = max((metrics["cv_roc_auc_mean"] for metrics in comparable.values()), default=0.0)
    choice = picked(results, rule)
    assert (choice.model is None) == (best < minimum)
    if choice.model is not None:
        tied = {name: m for name, m in comparable.items() if m["cv_roc_auc_mean"] >= best - tie}
        assert choice.model in tied
        assert tied[choice.model]["cv_log_loss_mean"] == min(m["cv_log_loss_mean"] for m in tied.values())


def test_choosing_leaves_the_leaderboard_as_it_was() -> None:
    table = leaderboard({"alpha": result(roc_auc=0.8), "beta": None}, TODAY, "roc_auc")
    before = table.copy(deep=True)
    choose(table, BEST)
    pd.testing.assert_frame_equal(table, before)
