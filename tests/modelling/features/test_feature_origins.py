"""Which column each feature of a recipe comes from."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.impute import KNNImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, OneHotEncoder, StandardScaler

from credit_pipeline.modelling.features import recipes
from credit_pipeline.modelling.features.feature_origins import sources
from credit_pipeline.modelling.features.recipes import build
from explained_models import COLUMNS, book, defaults

NUMBERS = ["utilisation", "delay"]


def test_one_hot_parts_and_the_indicator_of_missing_come_from_their_columns() -> None:
    assert sources(build("one_hot", COLUMNS, {}).fit(book())) == {
        **{name: name for name in ("utilisation", "income", "delay", "noise")},
        "missingindicator_income": "income",
        **{f"housing_{home}": "housing" for home in ("free", "own", "rent")},
    }


def test_ordinal_features_are_the_columns() -> None:
    recipe = build("ordinal", COLUMNS, {}).fit(book())
    assert sources(recipe) == {name: name for name in (*COLUMNS.numeric, "housing")}


def test_weights_of_evidence_are_those_that_are_kept() -> None:
    settings = {"minimum_information_value": 0.02}
    recipe = build("weight_of_evidence", COLUMNS, settings).fit(book(), defaults())
    assert "noise" not in recipe.kept_
    assert sources(recipe) == {name: name for name in recipe.kept_}


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_every_feature_moves_with_its_column_and_with_no_other(name: str) -> None:
    settings = {"names": list(COLUMNS.numeric)} if name == "selected" else {}
    recipe = build(name, COLUMNS, settings).fit(book(), defaults())
    known, before = sources(recipe), recipe.transform(book())
    assert known is not None
    assert list(known) == list(before.columns)
    for column in book():
        after = recipe.transform(book().assign(**{column: book()[column].to_numpy()[::-1]}))
        moved = {feature for feature in before if not before[feature].equals(after[feature])}
        assert moved == {feature for feature, source in known.items() if source == column}


def test_names_with_the_roles_before_them_are_understood() -> None:
    parts = [("numbers", StandardScaler(), NUMBERS), ("homes", OneHotEncoder(sparse_output=False), ["housing"])]
    recipe = ColumnTransformer(parts).set_output(transform="pandas").fit(book())
    known = sources(recipe)
    assert known == dict(zip(recipe.get_feature_names_out(), [*NUMBERS, *["housing"] * 3], strict=True))


@pytest.mark.parametrize("asked", [[0, 2], slice(0, 3, 2), np.array([True, False, True, False, False])], ids=str)
def test_columns_given_by_position_are_understood(asked: object) -> None:
    recipe = ColumnTransformer([("numbers", StandardScaler(), asked)], verbose_feature_names_out=False).fit(book())
    assert sources(recipe) == {name: name for name in NUMBERS}


def test_dropped_columns_have_no_features_and_passed_ones_are_themselves() -> None:
    recipe = ColumnTransformer([("away", "drop", ["income"])], remainder="passthrough", verbose_feature_names_out=False)
    assert sources(recipe.fit(book())) == {name: name for name in book() if name != "income"}


@pytest.mark.parametrize(
    "recipe",
    [
        make_pipeline(StandardScaler(), PCA(2)).set_output(transform="pandas"),
        KNNImputer().set_output(transform="pandas"),
        Normalizer().set_output(transform="pandas"),
        FunctionTransformer(np.abs),
        ColumnTransformer([("near", KNNImputer(), NUMBERS)], verbose_feature_names_out=False),
    ],
    ids=lambda recipe: type(recipe).__name__,
)
def test_a_step_that_may_mix_columns_has_no_sources(recipe: BaseEstimator) -> None:
    assert sources(recipe.fit(book()[NUMBERS])) is None


def test_parts_of_two_columns_that_could_be_taken_for_one_another_have_no_sources() -> None:
    # a_b of c and a of b_c are both written a_b_c.
    table = pd.DataFrame({"a_b": ["c", "d"], "a": ["b_c", "e"]})
    recipe = Pipeline([("homes", OneHotEncoder(sparse_output=False))]).fit(table)
    assert sources(recipe) is None
