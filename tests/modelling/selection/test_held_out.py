import numpy as np
import pandas as pd
import pytest

from credit_pipeline.errors import SplitMismatchError
from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.selection.comparison import COLUMNS
from credit_pipeline.modelling.selection.held_out import answered_test_rows, comparison_table, cost_of_scorecard
from credit_pipeline.modelling.splitting.row_hashes import row_keys
from credit_pipeline.modelling.training.evaluation import Evaluation
from credit_pipeline.spec import DataSpec, TrainingSpec

COLUMNS_OF_TABLE = {"number": {"role": "identifier"}, "age": {"role": "numeric"}, "default": {"role": "target"}}
DATA = DataSpec.model_validate({"columns": COLUMNS_OF_TABLE})
DRAW = np.random.default_rng(4)
TEST = pd.DataFrame({"number": range(200), "age": 1.0, "default": (DRAW.uniform(size=200) < 0.3).astype(int)})
ANSWERS = {
    name: np.clip(0.3 + 0.2 * TEST["default"].to_numpy() + DRAW.normal(0, noise, 200), 0, 1)
    for name, noise in {"trees": 0.1, "logit": 0.2, "scorecard": 0.3}.items()
}
PREDICTIONS = {
    name: pd.DataFrame({"row_key": row_keys(TEST, "number"), "probability_of_default": answers})
    for name, answers in ANSWERS.items()
}
LOGISTIC = "sklearn.linear_model.LogisticRegression"
FUNCTIONS = {
    "logit": ("one_hot", LOGISTIC),
    "scorecard": ("weight_of_evidence", LOGISTIC),
    "trees": ("ordinal", "xgboost.XGBClassifier"),
}


def stored(name: str, *scores: float) -> Evaluation:
    return Evaluation(
        model=name,
        recipe="plain",
        estimator="a.B",
        arguments={},
        recipe_settings={},
        split_id="split",
        folds_id="folds",
        specification_sha256="specification",
        candidates=1,
        search_seconds=1.0,
        fit_seconds=1.0,
        naive_error=2.0,
        metrics={},
        fold_scores=[{"fold": fold, "roc_auc": score, "ks": score / 2} for fold, score in enumerate(scores)],
        test_rows=200,
    )


RESULTS = {"trees": stored("trees", 0.8, 0.9), "logit": stored("logit", 0.7, 0.9), "scorecard": stored("scorecard")}


def training(metric: str) -> TrainingSpec:
    return TrainingSpec.model_validate({"metrics": [metric], "challenger": {"metric": metric, "minimum": 0}})


def rows() -> dict[str, Sample]:
    return answered_test_rows(TEST, PREDICTIONS, RESULTS, DATA)


def test_the_answers_of_every_model_stand_beside_the_outcome() -> None:
    found = rows()
    assert {name: sample.answer.tolist() for name, sample in found.items()} == {
        name: answers.tolist() for name, answers in ANSWERS.items()
    }
    for sample in found.values():
        assert sample.outcome.tolist() == TEST["default"].tolist()
        assert sample.scale == 2.0


def test_answers_to_other_rows_are_refused() -> None:
    for other in (TEST[::-1], TEST[:100]):
        with pytest.raises(SplitMismatchError, match="'trees' do not belong to the rows"):
            answered_test_rows(other, PREDICTIONS, RESULTS, DATA)


def test_a_classification_is_compared_in_auc_and_in_the_challengers_metric() -> None:
    table = comparison_table(rows(), RESULTS, "logit", training("ks"), ratio=1.0)
    assert table[["metric", "model"]].to_numpy().tolist() == [
        [metric, model] for metric in ("roc_auc", "ks") for model in ("trees", "scorecard")
    ]
    # Folds of trees and logit differ by 0.1 and 0 in AUC, by half of it in KS; those of the scorecard are not known.
    assert table["fold_difference"].tolist() == pytest.approx([0.05, np.nan, 0.025, np.nan], nan_ok=True)
    assert set(comparison_table(rows(), RESULTS, "logit", training("roc_auc"), ratio=1.0)["metric"]) == {"roc_auc"}


def test_without_a_challenger_the_first_of_the_leaderboard_is_compared_with() -> None:
    assert set(comparison_table(rows(), RESULTS, None, training("roc_auc"), ratio=1.0)["against"]) == {"trees"}


def test_without_a_comparable_model_the_table_is_empty_and_nothing_costs_anything() -> None:
    nobody = answered_test_rows(TEST, {}, {}, DATA)
    table = comparison_table(nobody, {}, None, training("roc_auc"), ratio=1.0)
    assert (tuple(table), len(table)) == (COLUMNS, 0)
    assert cost_of_scorecard(nobody, {}, FUNCTIONS, training("roc_auc")) == {"sentence": None}


def test_the_scorecard_is_held_against_the_best_of_the_others() -> None:
    found = cost_of_scorecard(rows(), RESULTS, FUNCTIONS, training("roc_auc"))
    assert (found["model"], found["against"]) == ("scorecard", "trees")
    alone = {name: functions for name, functions in FUNCTIONS.items() if name == "trees"}
    assert cost_of_scorecard(rows(), RESULTS, alone, training("roc_auc")) == {"sentence": None}


def test_both_approve_what_the_best_approves_at_its_cut_off() -> None:
    median = float(np.median(ANSWERS["trees"]))
    results = {**RESULTS, "trees": RESULTS["trees"].model_copy(update={"metrics": {"cut_off": median}})}
    share = cost_of_scorecard(rows(), results, FUNCTIONS, training("roc_auc"))["swaps"]["approval_rate"]  # type: ignore[index]
    assert share == pytest.approx((ANSWERS["trees"] < median).mean())
    assert 0.3 < share < 0.7


def test_a_regression_has_no_scorecard() -> None:
    assert cost_of_scorecard(rows(), RESULTS, FUNCTIONS, training("mae")) == {"sentence": None}


def test_the_loans_of_one_borrower_are_known_to_comparison_and_cost() -> None:
    # Everybody has the same two loans: the interval is that of one of them, the root of 2 times as wide as without.
    columns = {**COLUMNS_OF_TABLE, "borrower": {"role": "group"}}
    grouped = DataSpec.model_validate({"columns": columns})
    table = pd.concat([TEST, TEST]).assign(number=range(400), borrower=[*range(200)] * 2)
    keys = row_keys(table, "number")
    predictions = {
        name: pd.DataFrame({"row_key": keys, "probability_of_default": np.tile(answers, 2)})
        for name, answers in ANSWERS.items()
    }
    known, unknown = (answered_test_rows(table, predictions, RESULTS, spec) for spec in (grouped, DATA))
    assert all(sample.cluster is None for sample in unknown.values())
    for widths in (
        [
            np.ptp(comparison_table(rows, RESULTS, "trees", training("roc_auc"), 1.0)[["lower", "upper"]].to_numpy()[0])
            for rows in (known, unknown)
        ],
        [
            found["upper"] - found["lower"]  # type: ignore[operator]
            for found in (cost_of_scorecard(rows, RESULTS, FUNCTIONS, training("roc_auc")) for rows in (known, unknown))
        ],
    ):
        assert widths[0] / widths[1] == pytest.approx(np.sqrt(2), abs=0.02)
