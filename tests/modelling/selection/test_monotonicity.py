"""A model whose risk runs the wrong way is found; one that is bound is not."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from xgboost import XGBClassifier

from credit_pipeline.modelling.estimators import building
from credit_pipeline.modelling.features import recipes
from credit_pipeline.modelling.features.columns import columns_of
from credit_pipeline.modelling.features.row_features import RowFeatures
from credit_pipeline.modelling.selection.monotonicity import wrong_directions
from credit_pipeline.spec import DataSpec

SPEC = DataSpec.model_validate(
    {
        "columns": {
            "utilisation": {"role": "numeric", "range": [0, 1], "special_codes": {-1: "no limit"}},
            "age": {"role": "numeric"},
            "default": {"role": "target"},
        }
    }
)
RISING, FALLING = {"utilisation": 1}, {"utilisation": -1}


@cache
def book() -> pd.DataFrame:
    """Accounts whose risk rises with utilisation, but for a dip that noise or overfitting finds."""
    generator = np.random.default_rng(3)
    utilisation, age = generator.random(3_000), generator.uniform(20, 70, 3_000)
    dip = np.where((utilisation > 0.5) & (utilisation < 0.6), -2.0, 0.0)
    risk = 1 / (1 + np.exp(2.5 - 3 * utilisation - dip))
    return pd.DataFrame(
        {"utilisation": utilisation, "age": age, "default": (generator.random(3_000) < risk).astype(int)}
    )


def fitted(estimator: BaseEstimator, direction: dict[str, int] | None = None) -> Pipeline:
    table, columns = book(), columns_of(SPEC, [], direction)
    features = RowFeatures(columns=["utilisation", "age"]).fit(table)
    recipe = recipes.ordinal(columns).fit(features.transform(table))
    made = recipe.transform(features.transform(table))
    bound = building.constrain(estimator, list(made.columns), direction or {})
    return building.assemble(features, recipe, bound.fit(made, table["default"]))


def test_a_linear_model_breaks_the_opposite_of_what_it_learnt() -> None:
    model = fitted(LogisticRegression())
    assert wrong_directions(model, book(), SPEC, RISING) == {}
    assert wrong_directions(model, book(), SPEC, FALLING)["utilisation"].startswith(
        "the risk rises with it for 100% of the app"
    )


@pytest.mark.parametrize(
    "estimator",
    [XGBClassifier(n_estimators=50, max_depth=3), HistGradientBoostingClassifier(max_iter=50)],
    ids=lambda estimator: type(estimator).__name__,
)
def test_boosted_trees_break_their_direction_unless_they_are_bound(estimator: BaseEstimator) -> None:
    assert set(wrong_directions(fitted(estimator), book(), SPEC, RISING)) == {"utilisation"}
    assert wrong_directions(fitted(estimator, RISING), book(), SPEC, RISING) == {}


def test_an_estimator_that_cannot_be_bound_is_left_as_it_is() -> None:
    forest = RandomForestClassifier()
    assert (
        building.constrain(forest, ["utilisation", "age"], RISING).get_params() == RandomForestClassifier().get_params()
    )


def test_constraints_stand_in_the_order_of_the_features_and_a_persons_own_are_kept() -> None:
    bound = building.constrain(XGBClassifier(), ["age", "utilisation"], RISING)
    assert bound.get_params()["monotone_constraints"] == (0, 1)
    own = building.constrain(XGBClassifier(monotone_constraints=(1, 0)), ["age", "utilisation"], RISING)
    assert own.get_params()["monotone_constraints"] == (1, 0)


def test_special_codes_are_no_amounts() -> None:
    # -1, no limit, is the riskiest of all: as an amount it would break the direction.
    table = book().copy()
    table.loc[::3, "utilisation"] = -1
    table.loc[::3, "default"] = 1
    woe = recipes.weight_of_evidence(columns_of(SPEC, [], RISING), max_bins=4)
    features = RowFeatures(columns=["utilisation", "age"]).fit(table)
    made = woe.fit_transform(features.transform(table), table["default"])
    model = building.assemble(features, woe, LogisticRegression().fit(made, table["default"]))
    assert wrong_directions(model, table, SPEC, RISING) == {}


def test_bins_of_weight_of_evidence_run_in_the_direction() -> None:
    columns = columns_of(SPEC, [], RISING)
    bins = recipes.weight_of_evidence(columns).fit(book()[["utilisation"]], book()["default"]).table()
    weights = bins.loc[bins["bin"].str.startswith("["), "weight_of_evidence"]
    assert len(weights) > 2
    assert (np.diff(weights) < 0).all()  # high is safe, and the risk rises
