"""Models by YAML alone: an estimator's dotted path and a grid, searched, stored without pickle and read back."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from credit_pipeline.configuration import known_names
from credit_pipeline.datasets.trusted_types import dump_trusted, load_trusted
from credit_pipeline.modelling.features import columns as feature_columns
from credit_pipeline.modelling.features.recipes import build
from credit_pipeline.modelling.scoring.scoring_model import answers
from credit_pipeline.modelling.training.training import Assignment, Trained, train
from credit_pipeline.spec import DataSpec, FeaturesSpec, ModelSpec, RecipeSpec, TrainingSpec

MODELS = {
    "extra_trees": ("ordinal", "sklearn.ensemble.ExtraTreesClassifier", {"n_estimators": 20}, {"max_depth": [2, 4]}),
    "hist_gradient_boosting": (
        "ordinal",
        "sklearn.ensemble.HistGradientBoostingClassifier",
        {"max_iter": 20},
        {"max_leaf_nodes": [4, 8]},
    ),
    "lightgbm": (
        "ordinal",
        "lightgbm.LGBMClassifier",
        {"n_estimators": 50, "verbosity": -1, "early_stopping_rounds": 5},
        {"num_leaves": [4, 8]},
    ),
    "catboost": ("ordinal", "catboost.CatBoostClassifier", {"iterations": 20}, {"depth": [2, 3]}),
    "ebm": (
        "ordinal",
        "interpret.glassbox.ExplainableBoostingClassifier",
        {"interactions": 0, "max_rounds": 50, "outer_bags": 2},
        {"learning_rate": [0.05, 0.1]},
    ),
    "neural_network": (
        "one_hot",
        "credit_pipeline.modelling.estimators.NeuralNetworkClassifier",
        {"epochs": 20, "batch_size": 16, "learning_rate": 0.01},
        {"hidden": [4, 8]},
    ),
}
NEEDED = {"lightgbm": "lightgbm", "catboost": "catboost", "ebm": "interpret", "neural_network": "skorch"}
DATA = DataSpec.model_validate(
    {
        "columns": {
            "income": {"role": "numeric"},
            "age": {"role": "numeric"},
            "housing": {"role": "categorical", "type": "text", "categories": {"own": "", "rent": ""}},
            "defaulted": {"role": "target", "type": "integer", "categories": {0: "paid", 1: "default"}},
        }
    }
)
TRAINING = TrainingSpec.model_validate(
    {"jobs": 1, "folds": {"count": 2}, "metrics": ["roc_auc"], "challenger": {"metric": "roc_auc", "minimum": 0.5}}
)
every_model = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name == "neural_network" else ()) for name in MODELS]
)


def _applications(rows: int = 300) -> pd.DataFrame:
    generator = np.random.default_rng(6)
    income, housing = generator.lognormal(10, 0.5, rows), generator.choice(["own", "rent"], rows)
    risk = 1 / (1 + (income / 20_000) ** 2) * np.where(housing == "rent", 1.0, 0.6)
    known = {"income": income, "age": generator.integers(18, 80, rows).astype(float), "housing": housing}
    return pd.DataFrame({**known, "defaulted": (generator.random(rows) < risk).astype(int)})


APPLICATIONS = _applications()


def need(name: str) -> None:
    package = NEEDED.get(name)
    if package and importlib.util.find_spec(package) is None:
        pytest.skip(f"the package {package}, an optional extra, is not installed")


def spec_of(name: str) -> ModelSpec:
    recipe, estimator, fixed, space = MODELS[name]
    reported = {"recipe": recipe, "estimator": estimator, "fixed": fixed, "search": {"space": space}}
    return ModelSpec.model_validate(reported)


def trained(name: str) -> Trained:
    spec = spec_of(name)
    columns = feature_columns.roles(APPLICATIONS, DATA)
    recipe = build(spec.recipe, columns, {})
    made = recipe.fit_transform(APPLICATIONS[feature_columns.inputs(APPLICATIONS, DATA)], APPLICATIONS["defaulted"])
    assigned = Assignment(spec, RecipeSpec(function=spec.recipe), DATA, FeaturesSpec(), TRAINING)
    return train(assigned, APPLICATIONS, recipe, pd.concat([APPLICATIONS[["defaulted"]], made], axis="columns"))


@every_model
def test_a_model_by_yaml_alone_is_searched_and_answers_the_same_after_it_was_stored(name: str, tmp_path: Path) -> None:
    need(name)
    found = trained(name)
    assert found.result.trials["candidate"].nunique() == 2
    assert found.result.fold_scores["roc_auc"].mean() > 0.5
    dump_trusted(found.pipeline, tmp_path / "model.skops")
    again = answers(load_trusted(tmp_path / "model.skops"), APPLICATIONS)
    assert (again == answers(found.pipeline, APPLICATIONS)).all()


@every_model
def test_the_same_seed_gives_the_same_model(name: str) -> None:
    need(name)
    first, second = (answers(trained(name).pipeline, APPLICATIONS) for _ in range(2))
    assert (first == second).all()


@every_model
def test_its_yaml_has_no_fault(name: str) -> None:
    need(name)
    spec = spec_of(name)
    reported = {"models": {name: spec.model_dump()}, "recipes": {spec.recipe: {"function": spec.recipe}}}
    assert known_names.faults(reported) == []
