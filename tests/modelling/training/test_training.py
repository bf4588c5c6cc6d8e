import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from credit_pipeline.core.content_hash import document_hash
from credit_pipeline.modelling.estimators.calibration import Calibrated, cross_fit
from credit_pipeline.modelling.estimators.event_weighting import EventWeighted
from credit_pipeline.modelling.features import columns as feature_columns
from credit_pipeline.modelling.features.recipes import build
from credit_pipeline.modelling.features.row_features import RowFeatures
from credit_pipeline.modelling.metrics.metrics import score_all
from credit_pipeline.modelling.scoring import cut_off
from credit_pipeline.modelling.scoring.score_stability import ScoreBins
from credit_pipeline.modelling.selection.monotonicity import wrong_directions
from credit_pipeline.modelling.splitting import schemes
from credit_pipeline.modelling.training.training import Assignment, Trained, describe, train
from credit_pipeline.spec import DataSpec, FeaturesSpec, ModelSpec, RecipeSpec, SplitSpec, TrainingSpec

Outcome = NDArray[np.int_]

DATA = DataSpec.model_validate(
    {
        "event": "bad",
        "columns": {
            "number": {"role": "identifier", "type": "integer"},
            "income": {"role": "numeric"},
            "age": {"role": "numeric"},
            "housing": {"role": "categorical", "type": "text", "categories": {"own": "", "rent": ""}},
            "remark": {"role": "ignored", "type": "text"},
            "status": {"role": "target", "type": "text", "categories": {"bad": "", "good": ""}},
        },
    }
)
TRAINING = TrainingSpec.model_validate(
    {
        "seed": 7,
        "jobs": 1,
        "folds": {"count": 3, "seed": 5},
        "metrics": ["roc_auc", "log_loss"],
        "challenger": {"metric": "roc_auc", "minimum": 0.5},
    }
)
LOGISTIC = "sklearn.linear_model.LogisticRegression"
MODEL = ModelSpec.model_validate(
    {
        "recipe": "one_hot",
        "estimator": LOGISTIC,
        "fixed": {"max_iter": 500},
        "search": {"space": {"C": [0.001, 0.1, 10.0]}},
    }
)
ASSIGNMENT = Assignment(MODEL, RecipeSpec(function="one_hot"), DATA, FeaturesSpec(), TRAINING)
SCORECARD = replace(
    ASSIGNMENT,
    recipe=RecipeSpec(function="weight_of_evidence", settings={"max_bins": 4, "minimum_information_value": 0.0}),
    model=ModelSpec.model_validate(
        {
            "recipe": "weight_of_evidence",
            "estimator": LOGISTIC,
            "search": {"space": {"C": [1.0]}, "recipe_space": {"minimum_information_value": [0.01, 0.02]}},
        }
    ),
)


def _applications(rows: int = 240) -> pd.DataFrame:
    """Invented applications: who earns little or rents defaults more often."""
    generator = np.random.default_rng(2)
    income, housing = generator.lognormal(10, 0.5, rows), generator.choice(["own", "rent"], rows)
    risk = 1 / (1 + (income / 20_000) ** 2) * np.where(housing == "rent", 1.0, 0.6)
    return pd.DataFrame(
        {
            "number": np.arange(rows) + 1,
            "income": np.where(generator.random(rows) < 0.05, np.nan, income),
            "age": generator.integers(18, 80, rows).astype(float),
            "housing": housing,
            "remark": "none",
            "status": np.where(generator.random(rows) < risk, "bad", "good"),
        }
    )


APPLICATIONS = _applications()
OUTCOME = (APPLICATIONS["status"] == "bad").to_numpy().astype(int)
INPUTS = ["income", "age", "housing"]


def features_of(assignment: Assignment) -> pd.DataFrame:
    """What feature engineering makes of the applications."""
    derive = RowFeatures(assignment.features.function, DATA.inputs)
    return pd.concat([APPLICATIONS[["number", "status"]], derive.fit_transform(APPLICATIONS)], axis="columns")


def recipe_of(assignment: Assignment) -> tuple[BaseEstimator, pd.DataFrame]:
    """The recipe fitted on all rows, and what it makes of them with the target beside it."""
    features = features_of(assignment)
    columns = feature_columns.roles(features, DATA)
    recipe = build(assignment.recipe.function, columns, assignment.recipe.settings)
    made = recipe.fit_transform(features[feature_columns.inputs(features, DATA)], OUTCOME)
    return recipe, pd.concat([features[["status"]], made], axis="columns")


def trained(assignment: Assignment = ASSIGNMENT) -> Trained:
    return train(assignment, features_of(assignment), *recipe_of(assignment))


def with_training(**changed: object) -> Assignment:
    return replace(ASSIGNMENT, training=TrainingSpec.model_validate({**TRAINING.model_dump(), **changed}))


@pytest.fixture(scope="module")
def logistic() -> Trained:
    return trained()


@pytest.fixture(scope="module")
def scorecard() -> Trained:
    return trained(SCORECARD)


def test_the_model_is_the_one_that_scikit_learns_search_refits(logistic: Trained) -> None:
    features = features_of(ASSIGNMENT)[INPUTS]
    recipe = build("one_hot", feature_columns.roles(features_of(ASSIGNMENT), DATA), {})
    model = Pipeline([("recipe", recipe), ("estimator", LogisticRegression(max_iter=500, random_state=7))])
    folds = schemes.folds(schemes.Keys(OUTCOME, OUTCOME, None, None), TRAINING.folds, SplitSpec())
    theirs = GridSearchCV(model, {"estimator__C": [0.001, 0.1, 10.0]}, scoring="roc_auc", cv=folds)
    theirs.fit(features, OUTCOME)
    assert logistic.result.best.arguments == {"C": theirs.best_params_["estimator__C"]}
    means = logistic.result.trials.groupby("candidate")["roc_auc"].mean()
    assert means.to_numpy() == pytest.approx(theirs.cv_results_["mean_test_score"], rel=1e-9)
    probability = logistic.pipeline.predict_proba(APPLICATIONS)
    assert probability == pytest.approx(theirs.predict_proba(features), rel=1e-9)


def test_a_winner_that_keeps_the_recipes_settings_has_the_very_recipe_that_was_fitted_before() -> None:
    recipe, table = recipe_of(ASSIGNMENT)
    found = train(ASSIGNMENT, features_of(ASSIGNMENT), recipe, table)
    assert found.pipeline["recipe"] is recipe
    pd.testing.assert_frame_equal(recipe.transform(APPLICATIONS[INPUTS]), table.drop(columns="status"))
    by_table = found.pipeline["estimator"].predict_proba(table.drop(columns="status"))
    assert np.array_equal(found.pipeline.predict_proba(APPLICATIONS), by_table)


def test_a_winner_that_searched_the_recipes_settings_has_a_recipe_of_its_own() -> None:
    recipe, table = recipe_of(SCORECARD)
    before = recipe.table()
    found = train(SCORECARD, features_of(SCORECARD), recipe, table)
    own = found.pipeline["recipe"]
    assert own is not recipe
    pd.testing.assert_frame_equal(recipe.table(), before)
    # What was searched wins over what the recipe sets, which wins over what the function has.
    expected = {"max_bins": 4, **found.result.best.recipe_settings, "minimum_bin_share": 0.02}
    assert own.get_params().items() >= expected.items()
    assert found.result.best.recipe_settings["minimum_information_value"] in (0.01, 0.02)


def test_a_recipe_of_its_own_is_fitted_on_the_whole_training_part(scorecard: Trained) -> None:
    # Every characteristic's bins hold all 240 rows.
    counts = scorecard.pipeline["recipe"].table().groupby("characteristic")["count"].sum()
    assert set(counts) == {240}
    made = scorecard.pipeline["recipe"].transform(APPLICATIONS)
    assert np.array_equal(
        scorecard.pipeline.predict_proba(APPLICATIONS), scorecard.pipeline["estimator"].predict_proba(made)
    )


def test_who_defaulted_is_more_probable_to(logistic: Trained, scorecard: Trained) -> None:
    for found in (logistic, scorecard):
        for probability in (found.pipeline.predict_proba(APPLICATIONS)[:, 1], found.result.out_of_fold):
            assert probability.shape == (240,)
            assert probability[OUTCOME == 1].mean() > probability[OUTCOME == 0].mean()


def test_high_is_safe_so_what_raises_the_risk_has_a_negative_coefficient(scorecard: Trained) -> None:
    coefficients = dict(
        zip(scorecard.pipeline["recipe"].kept_, scorecard.pipeline["estimator"].coef_[0].tolist(), strict=True)
    )
    assert coefficients["income"] < 0
    assert coefficients["housing"] < 0


def test_the_model_sees_neither_target_nor_identifier_nor_what_is_ignored(logistic: Trained) -> None:
    assert logistic.pipeline["features"].feature_names_in_.tolist() == INPUTS
    assert set(logistic.pipeline["recipe"].feature_names_in_) == set(INPUTS)
    alone = logistic.pipeline.predict_proba(APPLICATIONS[INPUTS])
    assert np.array_equal(logistic.pipeline.predict_proba(APPLICATIONS), alone)


def test_an_identifier_that_predicts_the_target_is_of_no_use(logistic: Trained) -> None:
    numbered = features_of(ASSIGNMENT).assign(number=OUTCOME)
    found = train(ASSIGNMENT, numbered, *recipe_of(ASSIGNMENT))
    pd.testing.assert_frame_equal(
        found.result.trials.drop(columns="fit_seconds"), logistic.result.trials.drop(columns="fit_seconds")
    )


ESTIMATORS: list[tuple[str, dict[str, object], dict[str, list[float]]]] = [
    (LOGISTIC, {"max_iter": 300}, {"C": [0.5]}),
    ("sklearn.ensemble.RandomForestClassifier", {"n_estimators": 8, "max_features": "sqrt"}, {"min_samples_leaf": [9]}),
    ("xgboost.XGBClassifier", {"n_estimators": 8, "tree_method": "hist", "subsample": 0.8}, {"max_depth": [2]}),
]


@pytest.mark.parametrize(("estimator", "fixed", "space"), ESTIMATORS, ids=[entry[0] for entry in ESTIMATORS])
def test_fixed_and_chosen_arguments_and_the_seed_reach_the_estimator(
    estimator: str, fixed: dict[str, object], space: dict[str, list[float]]
) -> None:
    model = ModelSpec.model_validate(
        {"recipe": "one_hot", "estimator": estimator, "fixed": fixed, "search": {"space": space}}
    )
    assigned = replace(ASSIGNMENT, model=model)
    one, again = trained(assigned), trained(assigned)
    parameters = one.pipeline["estimator"].get_params()
    assert parameters.items() >= {**fixed, **{name: value for name, (value,) in space.items()}}.items()
    assert parameters["random_state"] == 7
    assert np.array_equal(one.pipeline.predict_proba(APPLICATIONS), again.pipeline.predict_proba(APPLICATIONS))
    assert np.array_equal(one.result.out_of_fold, again.result.out_of_fold)


def test_two_processes_train_the_same_model_as_one(logistic: Trained) -> None:
    found = trained(with_training(jobs=2))
    assert np.array_equal(found.pipeline.predict_proba(APPLICATIONS), logistic.pipeline.predict_proba(APPLICATIONS))
    assert np.array_equal(found.result.out_of_fold, logistic.result.out_of_fold)


def test_training_leaves_the_tables_as_they_were() -> None:
    features, (recipe, table) = features_of(ASSIGNMENT), recipe_of(ASSIGNMENT)
    before = features.copy(deep=True), table.copy(deep=True)
    train(ASSIGNMENT, features, recipe, table)
    pd.testing.assert_frame_equal(features, before[0])
    pd.testing.assert_frame_equal(table, before[1])


def test_progress_counts_every_fit_of_the_search() -> None:
    reported: list[tuple[int, int]] = []
    progress = lambda done, total: reported.append((done, total))  # noqa: E731  # as short as it is
    train(ASSIGNMENT, features_of(ASSIGNMENT), *recipe_of(ASSIGNMENT), progress=progress)
    assert reported == [(done, 9) for done in range(1, 10)]


@pytest.fixture
def own_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A user's package: a row-wise feature, and a recipe that counts its fits."""
    (tmp_path / "bank_of_cleo.py").write_text(
        "import pandas as pd\n"
        "from sklearn.base import BaseEstimator, TransformerMixin\n\n\n"
        "def features(applications):\n"
        "    return pd.DataFrame({'income_a_year_of_age': applications['income'] / applications['age']})\n\n\n"
        "fits = []\n\n\n"
        "class Counted(TransformerMixin, BaseEstimator):\n"
        "    def __init__(self, numeric, times=1): self.numeric, self.times = numeric, times\n"
        "    def fit(self, X, y):\n"
        "        fits.append((self.times, len(X)))\n"
        "        return self\n"
        "    def transform(self, X): return X[list(self.numeric)].fillna(0) / 1000 * self.times\n"
        "    def get_feature_names_out(self, names=None): return list(self.numeric)\n\n\n"
        "def recipe(columns, times=1): return Counted(columns.numeric, times)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("CREDIT_PIPELINE_PACKAGES", "bank_of_cleo")
    yield "bank_of_cleo"
    del sys.modules["bank_of_cleo"]


def counted(package: str, times: list[int]) -> Counter[tuple[object, int]]:
    """Train with the recipe that counts; give the number of fits by setting and number of rows."""
    search = {"space": {"C": [0.1, 1.0]}, "recipe_space": {"times": times} if times else {}}
    model = ModelSpec.model_validate({"recipe": "own", "estimator": LOGISTIC, "search": search})
    assigned = replace(
        ASSIGNMENT,
        recipe=RecipeSpec(function=f"{package}.recipe"),
        features=FeaturesSpec(function=f"{package}.features"),
        model=model,
    )
    features, (recipe, table) = features_of(assigned), recipe_of(assigned)
    fits = sys.modules[package].fits
    fits.clear()
    train(assigned, features, recipe, table)
    return Counter(fits)


def test_a_recipe_is_fitted_once_a_fold_and_not_again_on_the_whole(own_package: str) -> None:
    # Two of three folds of 240 rows; two candidates share each fit.
    assert counted(own_package, []) == {(1, 160): 3}


def test_each_searched_setting_is_fitted_once_a_fold_and_the_winner_once_on_the_whole(own_package: str) -> None:
    fits = counted(own_package, [1, 2])
    assert {setting: number for setting, number in fits.items() if setting[1] == 160} == {(1, 160): 3, (2, 160): 3}
    assert sum(number for (_, rows), number in fits.items() if rows == 240) == 1


def test_derived_columns_are_made_by_the_model_itself(own_package: str) -> None:
    assigned = replace(ASSIGNMENT, features=FeaturesSpec(function=f"{own_package}.features"))
    found = trained(assigned)
    assert "income_a_year_of_age" in found.pipeline["recipe"].feature_names_in_
    table = recipe_of(assigned)[1].drop(columns="status")
    by_table = found.pipeline["estimator"].predict_proba(table)
    assert np.array_equal(found.pipeline.predict_proba(APPLICATIONS[INPUTS]), by_table)


def test_a_summary_describes_the_search(logistic: Trained) -> None:
    summary = describe("logistic_regression", ASSIGNMENT, logistic, "a1b2")
    best = logistic.result.trials[logistic.result.trials["rank"] == 1]
    assert summary.model == "logistic_regression"
    assert (summary.recipe, summary.estimator, summary.candidates) == ("one_hot", LOGISTIC, 3)
    assert summary.arguments == {"max_iter": 500, "C": logistic.result.best.arguments["C"]}
    assert summary.recipe_settings == {}
    assert (summary.split_id, summary.folds_id) == ("a1b2", schemes.folds_id("a1b2", TRAINING.folds, SplitSpec()))
    assert summary.specification_sha256 == ASSIGNMENT.specification_sha256
    assert summary.metrics == {
        "cv_roc_auc_mean": pytest.approx(best["roc_auc"].mean()),
        "cv_roc_auc_std": pytest.approx(best["roc_auc"].std(ddof=1)),
        "cv_log_loss_mean": pytest.approx(best["log_loss"].mean()),
        "cv_log_loss_std": pytest.approx(best["log_loss"].std(ddof=1)),
    }
    assert [row["fold"] for row in summary.fold_scores] == [0, 1, 2]
    assert [row["roc_auc"] for row in summary.fold_scores] == best["roc_auc"].tolist()
    assert summary.search_seconds == round(logistic.search_seconds, 3)
    assert summary.fit_seconds == round(logistic.fit_seconds, 3)
    assert summary.score_bins == ScoreBins.of(logistic.out_of_fold)


def test_a_summary_has_set_and_searched_settings_of_the_recipe(scorecard: Trained) -> None:
    summary = describe("scorecard", SCORECARD, scorecard, "a1b2")
    assert summary.recipe_settings == {"max_bins": 4, **scorecard.result.best.recipe_settings}
    assert summary.candidates == 2


OTHERS = {
    "a weight": replace(ASSIGNMENT, model=MODEL.model_copy(update={"event_weight": 2.0})),
    "a calibration": replace(ASSIGNMENT, model=MODEL.model_copy(update={"calibration": "beta"})),
    "an argument": replace(ASSIGNMENT, model=MODEL.model_copy(update={"fixed": {"max_iter": 501}})),
    "an estimator": replace(ASSIGNMENT, model=MODEL.model_copy(update={"estimator": "xgboost.XGBClassifier"})),
    "a recipe's setting": replace(ASSIGNMENT, recipe=RecipeSpec(function="one_hot", settings={"a": 1})),
    "the columns that a recipe leaves out": replace(
        ASSIGNMENT, recipe=RecipeSpec(function="one_hot", leave_out=("income",))
    ),
    "a recipe's function": replace(ASSIGNMENT, recipe=RecipeSpec(function="ordinal")),
    "the event": replace(ASSIGNMENT, data=DATA.model_copy(update={"event": "good"})),
    "the features": replace(ASSIGNMENT, features=FeaturesSpec(function="credit_pipeline.x")),
    "the seed": with_training(seed=8),
    "the number of folds": with_training(folds={"count": 4, "seed": 5}),
    "the seed of the folds": with_training(folds={"count": 3, "seed": 6}),
    "the metric that ranks": with_training(challenger={"metric": "log_loss", "minimum": 0.5}),
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_can_change_the_model_changes_the_hash_of_its_specification(what: str) -> None:
    assert OTHERS[what].specification_sha256 != ASSIGNMENT.specification_sha256


@pytest.mark.parametrize(
    "changed",
    [
        {"jobs": 2},
        {"bootstrap": 99},
        {"cut_off": {"approval_rate": 0.8}},
        {"metrics": ["roc_auc", "log_loss", "brier"]},
        {"challenger": {"metric": "roc_auc", "minimum": 0.9, "tie": 0.1, "tie_breaks": ["log_loss"]}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_cannot_change_the_model_does_not(changed: dict[str, object]) -> None:
    assert with_training(**changed).specification_sha256 == ASSIGNMENT.specification_sha256


def test_the_hash_of_a_specification_is_that_of_a_document() -> None:
    assert ASSIGNMENT.specification_sha256 == document_hash(
        {
            "model": MODEL.model_dump(),
            "recipe": {"function": "one_hot", "settings": {}, "leave_out": []},
            "data": DATA.model_dump(),
            "features": {"function": None, "direction": {}},
            "seed": 7,
            "folds": {"count": 3, "seed": 5},
            "ranked_by": "roc_auc",
        }
    )


CALIBRATED = replace(
    with_training(cut_off={"default_rate": 0.3}),
    model=MODEL.model_copy(update={"event_weight": "balanced", "calibration": "sigmoid"}),
)


@pytest.fixture(scope="module")
def calibrated() -> Trained:
    return trained(CALIBRATED)


def test_a_weighted_and_calibrated_model_is_wrapped_around_the_estimator(calibrated: Trained) -> None:
    estimator = calibrated.pipeline["estimator"]
    assert isinstance(estimator, Calibrated)
    assert isinstance(estimator.estimator_, EventWeighted)
    assert estimator.estimator_.weight_ == pytest.approx((OUTCOME == 0).sum() / OUTCOME.sum())
    # A regression with an intercept has the mean of what it is fitted on; weighted and corrected nearly so.
    assert calibrated.pipeline.predict_proba(APPLICATIONS)[:, 1].mean() == pytest.approx(OUTCOME.mean(), abs=0.03)


def test_scores_of_a_calibrated_model_are_of_answers_that_the_other_folds_mapped(calibrated: Trained) -> None:
    keys = schemes.Keys(OUTCOME, OUTCOME, None, None)
    folds = schemes.folds(keys, TRAINING.folds, SplitSpec())
    mapped = cross_fit("sigmoid", OUTCOME, calibrated.result.out_of_fold, folds)
    assert np.array_equal(calibrated.out_of_fold, mapped)
    for (_, scored), row in zip(folds, calibrated.fold_scores.to_dict("records"), strict=True):
        expected = score_all(TRAINING.metrics, OUTCOME[scored], mapped[scored])
        assert {name: row[name] for name in expected} == pytest.approx(expected)
    # The trials keep what the search saw.
    raw = calibrated.result.fold_scores
    assert not np.allclose(raw["log_loss"], calibrated.fold_scores["log_loss"])
    # A sigmoid that rises changes no order within a fold.
    assert raw["roc_auc"].to_numpy() == pytest.approx(calibrated.fold_scores["roc_auc"].to_numpy())


def test_the_cut_off_is_chosen_on_mapped_answers_out_of_fold(calibrated: Trained) -> None:
    rule = CALIBRATED.training.cut_off
    assert rule is not None
    assert calibrated.cut_off == cut_off.choose_cut_off(rule, OUTCOME, calibrated.out_of_fold)
    summary = describe("logistic_regression", CALIBRATED, calibrated, "a1b2")
    assert summary.metrics["cut_off"] == calibrated.cut_off
    assert (summary.event_weight, summary.calibration) == ("balanced", "sigmoid")
    assert summary.score_bins == ScoreBins.of(calibrated.out_of_fold) != ScoreBins.of(calibrated.result.out_of_fold)
    assert summary.metrics["cv_log_loss_mean"] == calibrated.fold_scores["log_loss"].mean()


def test_a_calibrated_model_has_the_directions_of_the_estimator_in_it(calibrated: Trained) -> None:
    assert wrong_directions(calibrated.pipeline, APPLICATIONS, DATA, {"income": -1}) == {}
    assert set(wrong_directions(calibrated.pipeline, APPLICATIONS, DATA, {"income": 1})) == {"income"}


def test_rows_without_an_answer_out_of_fold_take_no_part_in_map_cut_off_and_bins() -> None:
    dated = {"role": "date", "type": "date"}
    data = DataSpec.model_validate({**DATA.model_dump(), "columns": {**DATA.model_dump()["columns"], "applied": dated}})
    assigned = replace(CALIBRATED, data=data, split=SplitSpec(scheme="out_of_time"))
    applied = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(240), "D")
    found = train(assigned, features_of(CALIBRATED).assign(applied=applied), *recipe_of(CALIBRATED))
    # Three expanding folds of four blocks: the first block is never validated.
    assert np.isnan(found.out_of_fold).sum() == 60
    assert found.cut_off is not None
    assert found.score_bins is not None
    assert sum(found.score_bins.counts) == 180
    assert isinstance(found.pipeline["estimator"], Calibrated)


BOOSTED = {"n_estimators": 300, "learning_rate": 0.3, "max_depth": 2, "early_stopping_rounds": 5}


def test_early_stopping_is_decided_in_each_fold_and_its_mean_is_fitted_and_recorded() -> None:
    model = ModelSpec.model_validate({"recipe": "ordinal", "estimator": "xgboost.XGBClassifier", "fixed": BOOSTED})
    assigned = replace(ASSIGNMENT, model=model, recipe=RecipeSpec(function="ordinal"))
    found = trained(assigned)
    trees = round(float(found.result.trials["n_estimators"].mean()))
    assert 1 <= trees < 300
    assert found.pipeline[-1].get_booster().num_boosted_rounds() == trees
    arguments = describe("boosted", assigned, found, "split").arguments
    assert arguments == {**BOOSTED, "n_estimators": trees, "early_stopping_rounds": None}
