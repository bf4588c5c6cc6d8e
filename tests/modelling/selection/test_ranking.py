import math
from collections.abc import Mapping
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.modelling.figures.many_models import figure_rows
from credit_pipeline.modelling.metrics.metrics import METRICS
from credit_pipeline.modelling.selection.challenger import Choice, choose
from credit_pipeline.modelling.selection.comparison import Folds
from credit_pipeline.modelling.selection.ranking import CURRENT, RunIdentity, leaderboard, status
from credit_pipeline.modelling.training.evaluation import Evaluation
from credit_pipeline.spec import ChallengerSpec

NAMES = ("alpha", "beta", "gamma", "delta")
TODAY = RunIdentity("split", "folds", dict.fromkeys(NAMES, "specification"))
Stored = Mapping[str, Evaluation | None]


def result(
    *,
    split_id: str = "split",
    folds_id: str = "folds",
    specification: str = "specification",
    fit_seconds: float = 1.0,
    **means: float,
) -> Evaluation:
    """A stored evaluation whose cross-validated means are given by metric; on test each is 0.1 less, ± 0.05."""
    cross_validated = {
        f"cv_{name}_{suffix}": value
        for name, mean in means.items()
        for suffix, value in (("mean", mean), ("std", 0.01))
    }
    test = {
        f"test_{name}{suffix}": mean - 0.1 + gap
        for name, mean in means.items()
        for suffix, gap in (("", 0.0), ("_lower", -0.05), ("_upper", 0.05))
    }
    return Evaluation(
        model="any",
        recipe="plain",
        estimator="a.B",
        arguments={"C": 1},
        recipe_settings={},
        split_id=split_id,
        folds_id=folds_id,
        specification_sha256=specification,
        candidates=4,
        search_seconds=2.0,
        fit_seconds=fit_seconds,
        metrics={**cross_validated, **test},
        fold_scores=[],
        test_rows=100,
        test_events=20,
    )


def picked(results: Stored, rule: ChallengerSpec) -> Choice:
    return choose(leaderboard(results, TODAY, rule.metric), rule)


BEST = ChallengerSpec(metric="roc_auc", minimum=0.7)


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (None, "not trained"),
        (result(roc_auc=0.8), CURRENT),
        (result(roc_auc=0.8, split_id="another"), "stale: another split"),
        (result(roc_auc=0.8, folds_id="others"), "stale: other folds"),
        (result(roc_auc=0.8, specification="other"), "stale: other settings"),
        # Another split has other folds as well: the first cause is named.
        (result(roc_auc=0.8, split_id="another", folds_id="others"), "stale: another split"),
    ],
)
def test_a_result_is_comparable_if_split_folds_and_settings_are_todays(
    stored: Evaluation | None, expected: str
) -> None:
    assert status("alpha", stored, TODAY) == expected


def test_settings_are_compared_by_model() -> None:
    run = RunIdentity("split", "folds", {"alpha": "old", "beta": "new"})
    stored = result(roc_auc=0.8, specification="new")
    assert status("alpha", stored, run) == "stale: other settings"
    assert status("beta", stored, run) == CURRENT


def test_comparable_rows_stand_first_by_the_metric_and_every_model_has_its_row() -> None:
    results = {
        "alpha": result(roc_auc=0.7),
        "beta": result(roc_auc=0.9, split_id="another"),
        "gamma": None,
        "delta": result(roc_auc=0.8),
    }
    table = leaderboard(results, TODAY, "roc_auc")
    assert table["model"].tolist() == ["delta", "alpha", "beta", "gamma"]
    assert table["status"].tolist() == [CURRENT, CURRENT, "stale: another split", "not trained"]
    assert table["cv_roc_auc_mean"].tolist()[:3] == [0.8, 0.7, 0.9]
    assert {"recipe", "candidates", "fit_seconds", "test_rows", "test_events", "test_roc_auc_lower"} < set(table)
    assert not any(name.startswith("_") for name in table)


def test_a_loss_ranks_the_smallest_first() -> None:
    results = {name: result(log_loss=loss) for name, loss in zip(NAMES, (0.5, 0.3, 0.4, 0.45), strict=True)}
    assert leaderboard(results, TODAY, "log_loss")["model"].tolist() == ["beta", "gamma", "delta", "alpha"]


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


MEANS = st.floats(0.5, 1.0)
RESULTS = st.dictionaries(
    st.sampled_from(NAMES),
    st.none() | st.builds(result, split_id=st.sampled_from(["split", "another"]), roc_auc=MEANS, log_loss=MEANS),
    min_size=1,
)


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


@given(RESULTS, st.randoms(use_true_random=False))
def test_the_order_of_the_models_moves_no_rank(results: Stored, random: Random) -> None:
    names = list(results)
    random.shuffle(names)
    table, other = (
        leaderboard({name: results[name] for name in order}, TODAY, "log_loss") for order in (results, names)
    )
    current, other_current = (each[each["status"] == CURRENT] for each in (table, other))
    if current.empty:
        assert other_current.empty
    else:
        assert current["cv_log_loss_mean"].tolist() == other_current["cv_log_loss_mean"].tolist()
        assert current["cv_log_loss_mean"].is_monotonic_increasing


def test_choosing_leaves_the_leaderboard_as_it_was() -> None:
    table = leaderboard({"alpha": result(roc_auc=0.8), "beta": None}, TODAY, "roc_auc")
    before = table.copy(deep=True)
    choose(table, BEST)
    pd.testing.assert_frame_equal(table, before)


def test_the_figure_shows_comparable_rows_with_interval_and_challenger() -> None:
    results = {"alpha": result(roc_auc=0.8), "beta": result(roc_auc=0.9, split_id="another"), "gamma": None}
    table = leaderboard(results, TODAY, "roc_auc").assign(challenger=lambda rows: rows["model"] == "alpha")
    (row,) = figure_rows(table, "roc_auc")
    assert (row.model, row.is_challenger, row.n, row.metric_label) == ("alpha", True, 100, METRICS["roc_auc"].label)
    assert (row.cv_mean, row.cv_std) == (0.8, 0.01)
    assert (row.test_value, row.lower, row.upper) == pytest.approx((0.7, 0.65, 0.75))
