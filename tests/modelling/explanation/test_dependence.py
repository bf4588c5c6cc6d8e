"""How a model's answer runs with one column."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from credit_pipeline.modelling.explanation.dependence import partial_dependence
from credit_pipeline.modelling.features.columns import Columns
from credit_pipeline.modelling.features.row_features import RowFeatures
from credit_pipeline.modelling.scoring.scoring_model import answers
from explained_models import CLASSIFIERS, COLUMNS, REGRESSORS, book, fitted


class Sum(BaseEstimator):
    """Answers the sum of its inputs, a missing one as 100."""

    def fit(self, table: pd.DataFrame, outcome: object = None) -> "Sum":  # noqa: ARG002  # scikit-learn's signature
        self.fitted_ = True
        return self

    def predict(self, table: pd.DataFrame) -> NDArray[np.float64]:
        return table.fillna(100).sum(axis=1).to_numpy(np.float64)


def summing(table: pd.DataFrame) -> Pipeline:
    steps = [("features", RowFeatures()), ("recipe", FunctionTransformer()), ("estimator", Sum())]
    return Pipeline(steps).fit(table, np.zeros(len(table)))


def numeric(*names: str, codes: tuple[int, ...] = ()) -> Columns:
    return Columns(names, (), {names[0]: codes})


def test_the_answer_at_a_value_is_the_mean_and_the_band_the_middle_eighty_per_cent() -> None:
    # b runs from 0 to 100, so at a = v the answers run evenly from v to v + 100.
    table = pd.DataFrame({"a": [1.0, 2.0] * 50 + [1.0], "b": np.arange(101.0)})
    found = partial_dependence(summing(table), table, ["a"], numeric("a", "b"))
    assert found[["value", "mean", "lower", "upper"]].to_numpy().tolist() == [[1, 51, 11, 91], [2, 52, 12, 92]]
    assert found["share"].tolist() == [51 / 101, 50 / 101]
    assert found["label"].tolist() == ["1", "2"]


def test_special_codes_and_missing_values_are_kept_apart_from_the_range() -> None:
    table = pd.DataFrame({"a": [-2.0, -2.0, 5.0, 7.0, np.nan]})
    found = partial_dependence(summing(table), table, ["a"], numeric("a", codes=(-2, -1)))
    expected = {"5": "number", "7": "number", "-2": "special code", "missing": "missing"}
    assert dict(zip(found["label"], found["kind"], strict=True)) == expected
    assert found["mean"].tolist() == [5, 7, -2, 100]
    assert found["share"].tolist() == [0.2, 0.2, 0.4, 0.2]
    assert found["value"].isna().tolist() == [False, False, False, True]


def test_a_long_range_is_asked_about_at_quantiles_that_occur() -> None:
    table = pd.DataFrame({"a": np.arange(1, 106)})
    found = partial_dependence(summing(table), table, ["a"], numeric("a"), points=10)
    # The middles of ten equal shares of 105 rows: the 5.25th row, so the 6th, the 15.75th, so the 16th, ...
    assert found["value"].tolist() == [6, 16, 27, 37, 48, 58, 69, 79, 90, 100]
    # A point's rows are those nearest to it: of 16 those from 11 to 21, half way to 6 and to 27.
    assert found["share"][1] == pytest.approx(11 / 105)
    assert found["share"].sum() == pytest.approx(1)


def test_categories_are_asked_about_by_name() -> None:
    found = partial_dependence(fitted("logistic"), book(), ["housing"], COLUMNS)
    assert found["label"].tolist() == ["free", "own", "rent"]
    assert set(found["kind"]) == {"category"}
    assert found["value"].isna().all()
    assert found.set_index("label")["mean"].idxmax() == "rent"


def test_a_column_named_twice_is_asked_about_once() -> None:
    once, twice = (partial_dependence(fitted("logistic"), book(), ["delay"] * times, COLUMNS) for times in (1, 2))
    pd.testing.assert_frame_equal(once, twice)


def test_the_most_frequent_of_many_categories_are_asked_about() -> None:
    table = pd.DataFrame({"town": np.repeat(np.arange(30), np.arange(1, 31))})
    found = partial_dependence(summing(table), table, ["town"], Columns((), ("town",), {}))
    assert found["value"].tolist() == list(range(10, 30))
    assert found["share"].sum() == pytest.approx(sum(range(11, 31)) / sum(range(1, 31)))


@pytest.mark.parametrize("name", [*CLASSIFIERS, *REGRESSORS])
def test_every_model_is_asked_about_every_column(name: str) -> None:
    found = partial_dependence(fitted(name), book(), list(book()), COLUMNS, rows=100, points=4)
    assert found["feature"].unique().tolist() == list(book())
    assert (found["lower"] <= found["upper"]).all()
    assert found.groupby("feature")["share"].sum().tolist() == pytest.approx([1] * 5)
    risk = found.query("feature == 'utilisation'")["mean"]
    assert risk.iloc[-1] > risk.iloc[0]


def test_the_partial_dependence_is_what_the_model_answers_when_every_row_has_the_value() -> None:
    found = partial_dependence(fitted("xgboost"), book(), ["delay"], COLUMNS, rows=10_000)
    for value, mean in found[["value", "mean"]].itertuples(index=False):
        assert answers(fitted("xgboost"), book().assign(delay=value)).mean() == pytest.approx(mean)


@given(st.permutations(range(40)))
@settings(max_examples=20)
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    table = book().iloc[:40]
    found = partial_dependence(fitted("scorecard"), table, ["income", "housing"], COLUMNS, rows=25)
    again = partial_dependence(fitted("scorecard"), table.iloc[order], ["income", "housing"], COLUMNS, rows=25)
    pd.testing.assert_frame_equal(found, again)


@pytest.mark.parametrize("kind", ["int64", "Int64", "float32", "string", "category", "object"])
def test_columns_keep_their_type(kind: str) -> None:
    seen = []

    def look(table: pd.DataFrame) -> pd.DataFrame:
        seen.append(str(table["a"].dtype))
        return pd.DataFrame({"a": pd.to_numeric(table["a"].astype("object")).astype(float)})

    table = pd.DataFrame({"a": pd.Series([1, 2, 3] if kind != "string" else ["1", "2", "3"]).astype(kind)})
    steps = [("features", RowFeatures()), ("recipe", FunctionTransformer(look)), ("estimator", Sum())]
    roles = numeric("a") if kind in {"int64", "Int64", "float32"} else Columns((), ("a",), {})
    found = partial_dependence(Pipeline(steps).fit(table, [0, 0, 0]), table, ["a"], roles)
    assert found["mean"].tolist() == [1, 2, 3]
    assert len(set(seen)) == 1
