import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.uncertainty.delong import delong_difference
from credit_pipeline.modelling.selection.scorecard_cost import cost, simple_model, swap_set

DRAW = np.random.default_rng(8)
OUTCOME = (DRAW.uniform(size=1000) < 0.3).astype(int)
BEST, SIMPLE = (np.clip(0.3 + 0.2 * OUTCOME + DRAW.normal(0, noise, 1000), 0, 1) for noise in (0.1, 0.25))
MODELS = {"trees": Sample(OUTCOME, BEST), "scorecard": Sample(OUTCOME, SIMPLE)}
SCORECARD = ("weight_of_evidence", "credit_pipeline.modelling.estimators.ScorecardRegression")
LOGISTIC = ("one_hot", "sklearn.linear_model.LogisticRegression")
DEFAULTED = np.array([0, 0, 0, 1, 0, 0, 1, 0, 1, 1])
ONE = np.linspace(0.05, 0.5, 10)


def test_a_cost_is_the_paired_difference_of_auc_and_the_swap_set() -> None:
    found = cost(MODELS, "scorecard", "trees")
    expected = delong_difference(Sample(OUTCOME, BEST), Sample(OUTCOME, SIMPLE))
    assert (found.auc, found.lower, found.upper) == (expected.value, expected.lower, expected.upper)
    assert found.auc > 0
    by_scorecard, by_trees = (values <= np.sort(values)[799] for values in (SIMPLE, BEST))
    assert found.swaps.only_one == (by_scorecard & ~by_trees).sum()
    assert found.swaps.only_one_default_rate == pytest.approx(OUTCOME[by_scorecard & ~by_trees].mean())
    assert found.swaps.only_one_default_rate > found.swaps.only_other_default_rate


def test_the_sentence_names_both_models_and_the_document_can_be_stored() -> None:
    found = cost(MODELS, "scorecard", "trees")
    assert found.sentence.startswith(f"scorecard costs {found.auc:.3f} AUC (")
    assert f"with 80% of 1,000 approved, scorecard alone approves {found.swaps.only_one} (" in found.sentence
    assert json.loads(json.dumps(found.document()))["sentence"] == found.sentence


def test_models_that_rank_alike_cost_nothing_and_nobody_defaults_alone() -> None:
    found = cost({"trees": MODELS["trees"], "scorecard": MODELS["trees"]}, "scorecard", "trees")
    assert found.sentence.endswith("scorecard alone approves 0, trees alone approves 0")


def test_the_simple_model_is_the_scorecard_else_a_logistic_regression_else_none() -> None:
    assert simple_model({"logit": LOGISTIC, "scorecard": SCORECARD}) == "scorecard"
    assert simple_model({"trees": ("ordinal", "xgboost.XGBClassifier"), "logit": LOGISTIC}) == "logit"
    assert simple_model({"trees": ("ordinal", "xgboost.XGBClassifier")}) is None


def test_the_loans_of_one_borrower_make_a_cost_less_sure() -> None:
    borrower = np.arange(1000) // 5
    found = cost({name: replace(sample, cluster=borrower) for name, sample in MODELS.items()}, "scorecard", "trees")
    expected = delong_difference(Sample(OUTCOME, BEST, cluster=borrower), Sample(OUTCOME, SIMPLE, cluster=borrower))
    assert (found.lower, found.upper, found.p_value) == (expected.lower, expected.upper, expected.p_value)
    assert found.lower != delong_difference(Sample(OUTCOME, BEST), Sample(OUTCOME, SIMPLE)).lower


def test_applicants_on_whom_two_models_disagree_are_counted_with_their_default_rates() -> None:
    # Eight of ten are approved. One refuses the last two. The other thinks the 9th and 10th (defaults) safer than the
    # 4th (a default) and the 5th (a payer), and refuses these.
    other = ONE.copy()
    other[[3, 4]], other[[8, 9]] = ONE[[8, 9]], ONE[[3, 4]]
    found = swap_set(DEFAULTED, ONE, other)
    assert (found.approval_rate, found.applicants) == (0.8, 10)
    assert (found.only_one, found.only_one_default_rate) == (2, 0.5)
    assert (found.only_other, found.only_other_default_rate) == (2, 1.0)


def test_models_that_rank_alike_swap_nobody_and_nobody_has_no_default_rate() -> None:
    found = swap_set(DEFAULTED, ONE, ONE**2)
    assert (found.only_one, found.only_other) == (0, 0)
    assert found.only_one_default_rate is None
    assert found.only_other_default_rate is None


def test_applicants_at_the_cut_off_are_approved_together() -> None:
    coarse = np.repeat([0.1, 0.5], 5)  # eight of ten end within the second half, so all are approved
    found = swap_set(DEFAULTED, ONE, coarse)
    assert (found.only_one, found.only_other) == (0, 2)


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1])
def test_an_approval_rate_is_a_share(rate: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        swap_set(DEFAULTED, ONE, ONE, rate)


@given(st.permutations(range(10)), st.floats(0.05, 0.95))
def test_turned_round_the_swap_set_is_the_same_and_without_ties_as_many_go_as_come(
    order: list[int], rate: float
) -> None:
    found, turned = (swap_set(DEFAULTED, *pair, rate) for pair in ((ONE, ONE[order]), (ONE[order], ONE)))
    assert found.only_one == found.only_other
    assert (found.only_one, found.only_one_default_rate) == (turned.only_other, turned.only_other_default_rate)
