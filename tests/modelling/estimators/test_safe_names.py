import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from xgboost import XGBClassifier

from credit_pipeline.modelling.estimators import building, safe_names
from credit_pipeline.modelling.features.columns import Columns
from credit_pipeline.modelling.features.recipes import ordinal
from credit_pipeline.modelling.features.row_features import RowFeatures

NAMES = ["age [years]", "a<b", "a,b", 'he said "x"', "{set}: 1", "plain name"]


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(3).normal(size=(80, len(NAMES))), columns=NAMES)


@pytest.mark.parametrize("path", ["xgboost.XGBClassifier", "lightgbm.LGBMClassifier"])
def test_boosted_trees_take_any_name_and_give_the_same_answers(path: str, table: pd.DataFrame) -> None:
    pytest.importorskip(path.split(".", maxsplit=1)[0])
    outcome = (table["a<b"] > 0).to_numpy().astype(int)
    recipe = ordinal(Columns(tuple(NAMES), (), {})).fit(table)
    made = recipe.transform(table)
    arguments: dict[str, object] = {"n_estimators": 5}
    fitted = building.fit(building.build(path, arguments, seed=1), made, outcome, threads=1)
    model = building.assemble(RowFeatures(columns=NAMES).fit(table), recipe, fitted)
    numbered = made.set_axis([f"f{place}" for place in range(len(NAMES))], axis="columns")
    same = building.fit(building.build(path, arguments, seed=1), numbered, outcome, threads=1)
    np.testing.assert_array_equal(model.predict_proba(table), same.predict_proba(numbered))
    assert model[-2].get_feature_names_out().tolist() == NAMES


def test_other_estimators_keep_their_names(table: pd.DataFrame) -> None:
    assert not safe_names.refuses_names(LogisticRegression(), NAMES)
    assert not safe_names.refuses_names(XGBClassifier(), ["plain name", "größe (cm)", "50 %"])


def test_plain_names_are_as_many_as_the_names() -> None:
    made = safe_names.plain_names(NAMES)
    assert len(set(made)) == len(NAMES)
    assert not safe_names.refuses_names(XGBClassifier(), made)
