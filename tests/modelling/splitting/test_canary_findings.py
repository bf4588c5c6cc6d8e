import pytest

from credit_pipeline.core.estimate import Estimate
from credit_pipeline.modelling.splitting.canary import PLANTED
from credit_pipeline.modelling.splitting.canary_findings import (
    NO_DATE,
    judge_copies,
    judge_future,
    judge_shuffled,
    judge_target,
)
from credit_pipeline.spec import CanarySpec

SUSPECTED = {PLANTED: "predicts the outcome by itself: AUC 1.000"}


def auc(value: float, lower: float, upper: float) -> Estimate:
    return Estimate(value, lower, upper, 100)


@pytest.mark.parametrize(
    ("test", "suspects", "exposed"), [(0.5, SUSPECTED, True), (0.5, {}, False), (0.95, SUSPECTED, False)]
)
def test_the_target_on_train_is_exposed_by_its_gap_and_by_suspicion(
    test: float, suspects: dict[str, str], *, exposed: bool
) -> None:
    assert judge_target(1.0, auc(test, 0.4, 0.96), suspects, CanarySpec(gap=0.1)).exposed is exposed


@pytest.mark.parametrize(
    ("suspects", "planted", "exposed"),
    [(SUSPECTED, 0.0, True), ({}, 0.2, True), ({}, 0.19, False), ({"age": "suspected"}, 0.0, False)],
)
def test_the_column_of_the_future_is_exposed_by_suspicion_or_by_importance(
    suspects: dict[str, str], planted: float, *, exposed: bool
) -> None:
    # Twice as important as the next one is enough. A recipe may have put words before its name.
    found = judge_future(suspects, {"age": 0.1, f"numeric__{PLANTED}": planted, "income": 0.05})
    assert found.exposed is exposed


def test_a_column_that_matters_alone_is_exposed_and_one_that_the_model_dropped_is_not() -> None:
    assert judge_future({}, {"age": 0.0, PLANTED: 0.3}).exposed
    assert not judge_future({}, {"age": 0.3}).exposed


def test_a_shuffled_target_is_exposed_by_an_interval_that_holds_one_half() -> None:
    good, bad = auc(0.51, 0.48, 0.54), auc(0.56, 0.53, 0.59)
    assert judge_shuffled([good]).exposed
    assert judge_shuffled([bad, good]).found == "0.510 (0.480 to 0.540), shuffle 2"
    assert not judge_shuffled([bad, bad, bad]).exposed


@pytest.mark.parametrize(("found", "exposed"), [(12, True), (11, False)])
def test_natural_duplicates_do_not_stand_for_copies(found: int, *, exposed: bool) -> None:
    assert judge_copies(natural=7, found=found, copied=5).exposed is exposed


def test_without_dates_nothing_is_planted_and_nothing_fails() -> None:
    assert NO_DATE.exposed is None
