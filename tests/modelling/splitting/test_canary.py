import numpy as np
import pandas as pd
import pytest

from credit_pipeline.errors import UnsupportedRunError
from credit_pipeline.modelling.splitting import canary
from credit_pipeline.modelling.splitting.canary import PLANTED, Parts
from credit_pipeline.spec import CanarySpec, DataSpec, ModelSpec, RecipeSpec, TrainingSpec

DATA = DataSpec.model_validate(
    {
        "columns": {
            "number": {"role": "identifier"},
            "day": {"role": "date", "type": "date"},
            "age": {"role": "numeric"},
            "default": {"role": "target"},
        }
    }
)


def part(rows: int, seed: int, first: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    made = pd.DataFrame(
        {
            "number": np.arange(first, first + rows),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.permutation(rows), unit="D"),
            "age": draw.normal(size=rows),
            "default": (draw.uniform(size=rows) < 0.3).astype(int),
        }
    )
    made.attrs = {"split_id": "a1"}
    return made


PARTS = Parts(part(400, 1, 0), part(200, 2, 1000))


def test_the_planted_target_is_the_outcome_on_train_and_noise_on_test() -> None:
    planted = canary.target_on_train(PARTS, DATA, seed=3)
    assert planted.train[PLANTED].tolist() == PARTS.train["default"].tolist()
    # Of 200 rows with a share of .3 on both sides 58 % agree by chance: 116 +- 7 (sd).
    assert 90 < (planted.test[PLANTED] == planted.test["default"]).sum() < 142


def test_the_column_of_the_future_is_the_outcome_or_that_of_the_next_application() -> None:
    planted = canary.column_of_the_future(PARTS, DATA, seed=3).train.sort_values("day")
    own, following = planted["default"].to_numpy(), np.roll(planted["default"].to_numpy(), -1)
    found = planted[PLANTED].to_numpy()
    assert ((found == own) | (found == following)).all()
    # A tenth is taken from the next one, which differs in 42 % of the rows: 17 +- 4 (sd) of 400.
    assert 4 <= (found != own).sum() <= 32


def test_shuffled_outcomes_are_as_many_on_either_part() -> None:
    shuffled = canary.shuffled_target(PARTS, DATA, seed=3)
    for made, before in ((shuffled.train, PARTS.train), (shuffled.test, PARTS.test)):
        assert made["default"].sum() == before["default"].sum()
        assert made["default"].tolist() != before["default"].tolist()


def test_copies_are_counted_beyond_the_natural_duplicates() -> None:
    natural = Parts(PARTS.train, PARTS.test.assign(age=PARTS.test["age"].where(PARTS.test.index > 0, 0.5)))
    train = natural.train.assign(age=natural.train["age"].where(natural.train.index > 0, 0.5))
    natural = Parts(train.assign(default=1), natural.test.assign(default=1))
    assert canary.duplicates(natural, DATA) == 1  # another number and another day, but an equal applicant
    planted, copied = canary.copied_rows(natural, CanarySpec(copies=0.1))
    assert (copied, len(planted.test)) == (20, 220)
    assert canary.duplicates(planted, DATA) == 21


def test_what_is_planted_changes_no_part_and_keeps_its_split() -> None:
    before = PARTS.train.copy(deep=True), PARTS.test.copy(deep=True)
    made = [
        canary.target_on_train(PARTS, DATA, 1),
        canary.column_of_the_future(PARTS, DATA, 1),
        canary.shuffled_target(PARTS, DATA, 1),
        canary.copied_rows(PARTS, CanarySpec())[0],
        canary.sample_parts(PARTS, CanarySpec(rows=150)),
    ]
    pd.testing.assert_frame_equal(PARTS.train, before[0])
    pd.testing.assert_frame_equal(PARTS.test, before[1])
    assert {part.attrs["split_id"] for parts in made for part in (parts.train, parts.test)} == {"a1"}
    assert (len(made[-1].train), len(made[-1].test)) == (150, 150)


def test_the_planted_column_is_a_number_of_the_contract() -> None:
    planted = canary.with_planted_column(DATA)
    assert planted.inputs == ("age", PLANTED)
    assert planted == DataSpec.model_validate(planted.model_dump())
    assert DATA.inputs == ("age",)


RECIPES = {name: RecipeSpec(function=name) for name in ("ordinal", "weight_of_evidence")}
BOOSTED = {"n_estimators": 300, "learning_rate": 0.1}
MODELS = {
    "scorecard": ModelSpec(recipe="weight_of_evidence", estimator="sklearn.linear_model.LogisticRegression"),
    "forest": ModelSpec(recipe="ordinal", estimator="sklearn.ensemble.RandomForestClassifier"),
    "boosted": ModelSpec.model_validate(
        {
            "recipe": "ordinal",
            "estimator": "xgboost.XGBClassifier",
            "fixed": BOOSTED,
            "search": {"space": {"max_depth": [2, 3]}},
        }
    ),
}


def test_the_first_boosted_or_logistic_model_is_run_with_one_candidate_and_few_trees() -> None:
    name, model, recipe = canary.quick_model(MODELS, RECIPES, CanarySpec())
    assert (name, recipe.function) == ("boosted", "ordinal")
    assert model.fixed == {"n_estimators": 50, "learning_rate": 0.1, "max_depth": 2}
    assert model.search.space == {}


def test_a_model_is_run_that_is_asked_for_and_one_of_its_own_where_none_fits() -> None:
    assert canary.quick_model(MODELS, RECIPES, CanarySpec(model="forest"))[0] == "forest"
    alone = {"scorecard": MODELS["scorecard"]}
    name, model, recipe = canary.quick_model(alone, RECIPES, CanarySpec())
    assert (name, model.recipe, recipe.function) == ("logistic regression", "one_hot", "one_hot")


def test_the_quick_training_measures_auc_on_three_folds_at_most() -> None:
    rule = {"metric": "ks", "minimum": 0.3}
    training = TrainingSpec.model_validate({"metrics": ["ks"], "challenger": rule, "folds": {"count": 5, "seed": 7}})
    quick = canary.quick_training(training)
    assert (quick.metrics, quick.folds.count, quick.folds.seed) == (("roc_auc",), 3, 7)
    assert (quick.challenger.metric, quick.challenger.minimum) == ("roc_auc", 0.0)
    assert quick == TrainingSpec.model_validate(quick.model_dump())


def test_a_regression_is_refused() -> None:
    columns = {"age": {"role": "numeric"}, "charges": {"role": "target"}}
    with pytest.raises(UnsupportedRunError, match="needs a classification"):
        canary.require_classification(DataSpec.model_validate({"task": "regression", "columns": columns}))
    canary.require_classification(DATA)
