"""What each column adds to each answer."""

from functools import cache
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier, XGBRegressor

from credit_pipeline.modelling.explanation.shap_values import Contributions, contributions
from credit_pipeline.modelling.features.row_features import RowFeatures
from credit_pipeline.modelling.scoring.scoring_model import answers
from explained_models import CLASSIFIERS, REGRESSORS, book, defaults, fitted, losses

EXPLAINED = (*CLASSIFIERS, *REGRESSORS)
UNITS = {
    **dict.fromkeys(CLASSIFIERS, "log odds"),
    "forest": "probability",
    "poisson": "logarithm of the value",
    "xgboost_count": "logarithm of the value",
}

applicants = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.none() | st.floats(1_000, 1_000_000),
        st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 9.0]),
        st.floats(-3, 3),
        st.sampled_from(["own", "rent", "free", "boat"]),
    ),
    min_size=1,
    max_size=6,
).map(lambda rows: pd.DataFrame(rows, columns=list(book().columns)).astype({"income": float}))


def explained(model: Pipeline, table: pd.DataFrame, background: pd.DataFrame | None = None) -> Contributions:
    found = contributions(model, table, background)
    assert found is not None
    return found


def steps(estimator: object, table: pd.DataFrame, outcome: object) -> Pipeline:
    parts = [("features", RowFeatures()), ("recipe", FunctionTransformer()), ("estimator", estimator)]
    return Pipeline(parts).fit(table, outcome)


@pytest.mark.parametrize("name", EXPLAINED)
@given(table=applicants)
@settings(max_examples=10)
def test_base_and_contributions_add_up_to_the_margin_of_every_applicant(name: str, table: pd.DataFrame) -> None:
    found, made = explained(fitted(name), table, book()), fitted(name)[:-1].transform(table)
    estimator = fitted(name)[-1]
    if "xgboost" in name:
        margin = estimator.predict(made, output_margin=True).astype(np.float64)
    elif "lightgbm" in name:
        margin = estimator.predict(made, raw_score=True)
    elif "forest" in name:
        margin = answers(fitted(name), table)
    elif "histogram" in name:
        margin = estimator.decision_function(made)
    else:
        margin = made.to_numpy() @ np.ravel(estimator.coef_) + np.ravel(estimator.intercept_)
    np.testing.assert_allclose(found.margin, margin, atol=1e-6, rtol=1e-6)
    assert found.table.index.equals(table.index)


@pytest.mark.parametrize("name", EXPLAINED)
def test_the_margin_is_the_answer_in_its_unit(name: str) -> None:
    found = explained(fitted(name), book())
    assert found.unit == UNITS.get(name, "value")
    answered = {"log odds": expit, "logarithm of the value": np.exp}.get(found.unit, np.asarray)(found.margin)
    np.testing.assert_allclose(answered, answers(fitted(name), book()), rtol=1e-5)


@pytest.mark.parametrize("name", EXPLAINED)
def test_contributions_stand_by_column_and_not_by_part(name: str) -> None:
    assert list(explained(fitted(name), book()).table) == list(book())


def test_one_hot_parts_and_indicators_are_added_to_their_column() -> None:
    model = fitted("logistic")
    made = model[:-1].transform(book())
    by_part = model[-1].coef_[0] * (made - made.mean())
    found = explained(model, book()).table
    homes = [name for name in made if name.startswith("housing_")]
    assert len(homes) == 3
    np.testing.assert_allclose(found["housing"], by_part[homes].sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(found["income"], by_part["income"] + by_part["missingindicator_income"], atol=1e-12)


def test_a_scorecards_contribution_is_its_coefficient_times_weight_of_evidence_from_the_mean() -> None:
    model = fitted("scorecard")
    weights, everyone = model[:-1].transform(book().iloc[:5]), model[:-1].transform(book())
    expected = model[-1].coef_[0] * (weights - everyone.mean())
    pd.testing.assert_frame_equal(explained(model, book().iloc[:5], book()).table, expected)


def test_a_linear_models_contributions_are_zero_on_average_over_their_background() -> None:
    found = explained(fitted("ridge"), book())
    np.testing.assert_allclose(found.table.mean(), 0, atol=1e-9)
    assert found.base == pytest.approx(answers(fitted("ridge"), book()).mean())


@cache
def trees() -> tuple[pd.DataFrame, Pipeline]:
    table = book()[["utilisation", "delay", "noise"]]
    return table, steps(XGBRegressor(n_estimators=3, max_depth=3, n_jobs=1), table, losses())


def test_trees_have_the_shapley_values_of_what_they_expect_by_their_branches() -> None:
    # Shapley's formula over all subsets of three columns, expectations taken down the trees by the rows in each branch.
    table, model = trees()
    table, count = table.iloc[:8], 3
    booster = model[-1].get_booster()
    nodes = {row["ID"]: row for row in booster.trees_to_dataframe().to_dict("records")}
    whole = set(table)

    def expected(known: set[str], row: pd.Series, tree: int, node: str) -> float:
        at = nodes[node]
        if at["Feature"] == "Leaf":
            return float(at["Gain"])
        if at["Feature"] in known:
            return expected(known, row, tree, at["Yes"] if np.float32(row[at["Feature"]]) < at["Split"] else at["No"])
        branches = [nodes[at["Yes"]], nodes[at["No"]]]
        shares = np.array([branch["Cover"] for branch in branches]) / at["Cover"]
        return float(sum(s * expected(known, row, tree, b["ID"]) for s, b in zip(shares, branches, strict=True)))

    def worth(known: set[str], row: pd.Series) -> float:
        return sum(expected(known, row, tree, f"{tree}-0") for tree in range(3))

    found = explained(model, table).table
    for position, row in table.iterrows():
        for column in table:
            others = whole - {column}
            shapley = sum(
                factorial(size)
                * factorial(count - size - 1)
                / factorial(count)
                * (worth({*part, column}, row) - worth(set(part), row))
                for size in range(count)
                for part in combinations(sorted(others), size)
            )
            assert found.loc[position, column] == pytest.approx(shapley, abs=1e-5)


def test_trees_that_stopped_early_are_explained_as_they_answer() -> None:
    table = book()[["utilisation", "delay"]]
    estimator = XGBClassifier(n_estimators=60, learning_rate=0.5, early_stopping_rounds=3, n_jobs=1)
    made, labels = table.iloc[:600], defaults()
    estimator.fit(made, labels[:600], eval_set=[(table.iloc[600:], labels[600:])], verbose=False)
    assert estimator.best_iteration < estimator.get_booster().num_boosted_rounds() - 1
    model = Pipeline(
        [("features", RowFeatures().fit(table)), ("recipe", FunctionTransformer().fit(table)), ("estimator", estimator)]
    )
    np.testing.assert_allclose(expit(explained(model, table).margin), answers(model, table), rtol=1e-5)


def test_large_amounts_that_nearly_cancel_are_explained() -> None:
    # Of contributions of some 100,000, single precision leaves hundredths where they cancel.
    table = book()[["utilisation", "income"]]
    model = steps(XGBRegressor(n_estimators=200, max_depth=4, n_jobs=1), table, 1e5 * (table["utilisation"] - 0.5))
    found = explained(model, table)
    np.testing.assert_allclose(found.margin, answers(model, table), rtol=1e-6, atol=1e-6)
    assert np.abs(found.margin).min() < 0.01 * found.table.abs().sum(axis=1).max()


def test_the_unit_of_a_single_applicant_is_that_of_the_estimator() -> None:
    # 0.659046 is its own logistic function: of an answer there alone the margin could be log odds as well.
    table, share = pd.DataFrame({"one": np.zeros(10_000)}), 0.659046
    labels = np.arange(10_000) < round(share * 10_000)
    model = steps(DecisionTreeClassifier(), table, labels)
    assert explained(model, table.iloc[:1]).unit == "probability"


def test_a_neural_network_has_no_exact_way_and_says_so() -> None:
    table = book()[["utilisation", "noise"]]
    assert contributions(steps(MLPClassifier((2,), tol=1), table, defaults()), table) is None


def test_what_is_no_function_of_one_margin_is_not_explained() -> None:
    table = book()[["utilisation", "noise"]]
    several = steps(LogisticRegression(), table, np.arange(1_200) % 3)
    assert contributions(several, table) is None
    # Its margin is a score, its answer a label.
    assert contributions(steps(RidgeClassifier(), table, defaults()), table) is None
    of_three = clone(trees()[1][-1]).set_params(objective="multi:softprob", num_class=3)
    assert contributions(steps(of_three, table, np.arange(1_200) % 3), table) is None
    assert contributions(steps(RandomForestClassifier(3), table, np.arange(1_200) % 3), table) is None


def test_no_applicant_has_no_explanation() -> None:
    assert contributions(fitted("xgboost"), book().iloc[:0]) is None


def test_a_recipe_that_mixes_columns_is_explained_by_feature() -> None:
    table = book()[["utilisation", "delay"]]
    both = FunctionTransformer(lambda frame: pd.DataFrame({"product": frame["utilisation"] * frame["delay"]}))
    model = Pipeline([("features", RowFeatures()), ("recipe", both), ("estimator", LinearRegression())])
    assert list(explained(model.fit(table, losses()), table).table) == ["product"]
