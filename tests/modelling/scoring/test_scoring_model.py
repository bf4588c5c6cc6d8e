from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from xgboost import XGBClassifier

from credit_pipeline.datasets.trusted_types import dump_trusted, load_trusted
from credit_pipeline.errors import DataError
from credit_pipeline.modelling.estimators import building
from credit_pipeline.modelling.features.columns import Columns
from credit_pipeline.modelling.features.recipes import build
from credit_pipeline.modelling.features.row_features import RowFeatures
from credit_pipeline.modelling.scoring.scoring_model import PROBABILITY, ProbabilityModel, answers

Outcome = NDArray[np.int_]
COLUMNS = Columns(numeric=("income", "age"), categorical=("housing",), special_codes={})
NAMES = ["income", "age", "housing"]
MODELS = {
    "logistic_regression": ("one_hot", LogisticRegression()),
    "scorecard": ("weight_of_evidence", LogisticRegression()),
    "random_forest": ("ordinal", RandomForestClassifier(n_estimators=5, random_state=0)),
    "xgboost": ("ordinal", XGBClassifier(n_estimators=5, n_jobs=1)),
    "boosted": ("ordinal", HistGradientBoostingClassifier(max_iter=5)),
}


def _applications(rows: int = 300) -> tuple[pd.DataFrame, Outcome]:
    """Invented applications: who earns little defaults more often."""
    generator = np.random.default_rng(7)
    income = generator.lognormal(10, 0.5, rows)
    table = pd.DataFrame(
        {
            "income": np.where(generator.random(rows) < 0.1, np.nan, income),
            "age": generator.integers(18, 80, rows).astype(float),
            "housing": generator.choice(["rent", "own"], rows),
        },
        index=pd.RangeIndex(1000, 1000 + rows),
    )
    return table, (generator.random(rows) < 1 / (1 + income / 20_000)).astype(int)


TABLE, OUTCOME = _applications()


def fitted(recipe: str, estimator: BaseEstimator) -> Pipeline:
    """The model as training assembles it: raw columns, recipe, estimator."""
    made = build(recipe, COLUMNS, {}).fit(TABLE[NAMES], OUTCOME)
    last = clone(estimator).fit(made.transform(TABLE[NAMES]), OUTCOME)
    return building.assemble(RowFeatures(columns=NAMES).fit(TABLE), made, last)


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> ProbabilityModel:
    return ProbabilityModel(fitted(*MODELS[request.param]))


@pytest.fixture(scope="module")
def trees() -> Pipeline:
    return fitted(*MODELS["xgboost"])


@pytest.fixture(scope="module")
def logistic() -> ProbabilityModel:
    return ProbabilityModel(fitted(*MODELS["logistic_regression"]))


def test_the_answer_is_the_probability_of_default_by_name_with_the_index_of_the_rows(model: ProbabilityModel) -> None:
    answered = model.predict(TABLE)
    assert list(answered.columns) == [PROBABILITY] == ["probability_of_default"]
    assert answered.index.equals(TABLE.index)
    assert answered[PROBABILITY].between(0, 1).all()
    assert answered[PROBABILITY].dtype == np.float64


def test_who_defaulted_is_more_probable_to(model: ProbabilityModel) -> None:
    # The event is the second class: were it the first, the means would stand the other way round.
    answered = model.predict(TABLE)[PROBABILITY].to_numpy()
    assert model.classes_.tolist() == [0, 1]
    assert answered[OUTCOME == 1].mean() > answered[OUTCOME == 0].mean()


def test_both_probabilities_sum_to_one(model: ProbabilityModel) -> None:
    both = model.predict_proba(TABLE)
    assert both.shape == (300, 2)
    assert both.sum(axis=1) == pytest.approx(1.0, abs=1e-6)
    assert np.array_equal(both[:, 1], model.predict(TABLE)[PROBABILITY])
    assert np.array_equal(both[:, 1], answers(model.pipeline, TABLE))


def test_a_stored_model_answers_as_before(model: ProbabilityModel, tmp_path: Path) -> None:
    dump_trusted(model, tmp_path / "model.skops")
    loaded = load_trusted(tmp_path / "model.skops")
    assert type(loaded) is ProbabilityModel
    pd.testing.assert_frame_equal(loaded.predict(TABLE), model.predict(TABLE), check_exact=True)


def test_a_stored_model_still_refuses_wrong_columns(model: ProbabilityModel, tmp_path: Path) -> None:
    dump_trusted(model, tmp_path / "model.skops")
    with pytest.raises(DataError, match="lacks columns"):
        load_trusted(tmp_path / "model.skops").predict(TABLE.drop(columns="age"))


@pytest.mark.parametrize("missing", [["age"], ["income", "housing"]])
def test_missing_columns_are_named(missing: list[str], model: ProbabilityModel) -> None:
    with pytest.raises(DataError) as raised:
        model.predict(TABLE.drop(columns=missing))
    assert raised.value.got == f"no {', '.join(missing)}"
    assert raised.value.expected == "income, age, housing"


def test_a_renamed_column_is_a_missing_one(model: ProbabilityModel) -> None:
    with pytest.raises(DataError, match="no income"):
        model.predict(TABLE.rename(columns={"income": "Income"}))


def test_order_and_further_columns_do_not_matter(model: ProbabilityModel) -> None:
    other = TABLE[["housing", "age", "income"]].assign(name="nobody", default=1)
    pd.testing.assert_frame_equal(model.predict(other), model.predict(TABLE), check_exact=True)


def test_a_category_never_seen_and_missing_numbers_are_answered(model: ProbabilityModel) -> None:
    strange = TABLE.head(2).assign(income=np.nan, age=np.nan, housing="boat")
    assert model.predict(strange)[PROBABILITY].between(0, 1).all()


def test_scoring_leaves_the_applications_as_they_were(model: ProbabilityModel) -> None:
    before = TABLE.copy(deep=True)
    model.predict(TABLE)
    pd.testing.assert_frame_equal(TABLE, before)


@settings(max_examples=20)
@given(st.integers(1, 20), st.randoms(use_true_random=False))
def test_no_answer_depends_on_the_other_rows(trees: Pipeline, rows: int, random: Random) -> None:
    # XGBoost's trees give the very same number; the sums of a linear model round by the number of rows.
    chosen = random.sample(range(len(TABLE)), rows)
    alone = answers(trees, TABLE.iloc[chosen])
    assert np.array_equal(alone, answers(trees, TABLE)[chosen])


def test_scikit_learn_can_clone_it(logistic: ProbabilityModel) -> None:
    copied = clone(logistic)
    assert copied.pipeline is not logistic.pipeline
    assert not hasattr(copied.pipeline["estimator"], "coef_")
