from collections.abc import Callable
from functools import cache
from inspect import getsourcefile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import yeojohnson
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.utils.validation import check_is_fitted

from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.features import recipes
from credit_pipeline.modelling.features.columns import Columns, columns_of
from credit_pipeline.modelling.features.recipe_tables import source, tables
from credit_pipeline.modelling.features.recipes import RECIPES, one_hot, ordinal, resolve
from credit_pipeline.modelling.features.weight_of_evidence import WeightOfEvidence
from credit_pipeline.spec import DataSpec

COLUMNS = Columns(numeric=("age", "income"), categorical=("housing",), special_codes={"age": (-1,)})
TABLE = pd.DataFrame(
    {
        "age": [20.0, 30.0, 40.0, 50.0, 60.0],
        "income": [1.0, 2.0, np.nan, 4.0, 5.0],
        "housing": ["rent", "own", "rent", "own", "free"],
    }
)
OUTCOME = np.array([1, 0, 1, 0, 0])


def _many(rows: int = 300) -> tuple[pd.DataFrame, NDArray[np.int_]]:
    """Invented applications: who earns little, is young or rents defaults more often."""
    generator = np.random.default_rng(11)
    income, age = generator.lognormal(10, 0.5, rows), generator.integers(18, 80, rows).astype(float)
    housing = generator.choice(["free", "own", "rent"], rows)
    risk = 1 / (1 + income / 20_000) + (age < 35) * 0.3 + (housing == "rent") * 0.2
    known = np.where(generator.random(rows) < 0.1, np.nan, income)
    outcome = (generator.random(rows) < risk - 0.2).astype(int)
    return pd.DataFrame({"age": age, "income": known, "housing": housing}), outcome


MANY, MANY_OUTCOMES = _many()

# `selected` takes no table whole: it asks for names.
WHOLE = {name: recipe for name, recipe in RECIPES.items() if name != "selected"}
every_recipe = pytest.mark.parametrize("recipe", WHOLE.values(), ids=WHOLE)

applications = st.lists(
    st.tuples(
        st.integers(18, 100).map(float),
        st.none() | st.integers(0, 100_000).map(float),
        st.sampled_from(["rent", "own", "free", "boat"]),
    ),
    min_size=1,
    max_size=8,
).map(lambda rows: pd.DataFrame(rows, columns=["age", "income", "housing"]).astype({"income": float}))


@cache
def made(recipe: recipes.Recipe) -> BaseEstimator:
    """A recipe fitted on many rows, which gives tables."""
    return recipe(COLUMNS).set_output(transform="pandas").fit(MANY, MANY_OUTCOMES)


def test_columns_have_the_roles_of_the_contract_and_derived_ones_are_numeric() -> None:
    spec = DataSpec.model_validate(
        {
            "columns": {
                "id": {"role": "identifier"},
                "delay": {"role": "numeric", "type": "integer", "special_codes": {-2: "none", 0: "revolving"}},
                "name": {"role": "ignored", "type": "text", "special_codes": {"x": "unknown"}},
                "housing": {"role": "categorical", "type": "text", "categories": {"own": "", "rent": ""}},
                "age": {"role": "numeric"},
                "default": {"role": "target", "type": "integer"},
            }
        }
    )
    found = columns_of(spec, ["utilisation"])
    assert found.numeric == ("delay", "age", "utilisation")
    assert found.categorical == ("housing",)
    assert found.special_codes["delay"] == (-2, 0)
    assert not set(found.special_codes) & {"age", "utilisation", "housing"}


def test_one_hot_gives_each_category_a_column_of_its_own() -> None:
    made_of_it = one_hot(COLUMNS).fit_transform(TABLE)
    # Alphabetically: free, own, rent.
    housing = made_of_it[["housing_free", "housing_own", "housing_rent"]]
    assert housing.to_numpy().tolist() == [[0, 0, 1], [0, 1, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize("housing", ["boat", None])
def test_one_hot_makes_a_category_never_seen_all_zeros(housing: str | None) -> None:
    strange = one_hot(COLUMNS).fit(TABLE).transform(TABLE.head(2).assign(housing=housing))
    assert (strange.filter(like="housing_") == 0).all(axis=None)
    assert strange.notna().all(axis=None)


def test_one_hot_replaces_a_missing_number_by_the_median_and_marks_it() -> None:
    fitted = one_hot(COLUMNS).fit(TABLE)
    # The median of 1, 2, 4 and 5 is 3.
    missing, median = (fitted.transform(TABLE.head(1).assign(income=income)) for income in (np.nan, 3.0))
    assert missing["income"].tolist() == median["income"].tolist()
    assert missing["missingindicator_income"].item() > median["missingindicator_income"].item()


def test_one_hot_takes_a_number_that_was_never_missing_before() -> None:
    # No indicator for age, which was always known; its median is 40.
    fitted = one_hot(COLUMNS).fit(TABLE)
    missing, median = (fitted.transform(TABLE.head(1).assign(age=age)) for age in (np.nan, 40.0))
    pd.testing.assert_frame_equal(missing, median)
    assert "missingindicator_age" not in missing


def test_one_hot_makes_numbers_symmetric_with_mean_zero_and_variance_one() -> None:
    skewed = pd.DataFrame({"income": np.random.default_rng(3).lognormal(8, 1.5, 500)})
    amounts = one_hot(Columns(("income",), (), {})).fit_transform(skewed)["income"]
    assert amounts.mean() == pytest.approx(0, abs=1e-9)
    assert amounts.std(ddof=0) == pytest.approx(1)
    assert skewed["income"].skew() > 3
    assert abs(amounts.skew()) < 0.2
    # SciPy's transformation by maximum likelihood, standardised. Both search the power to a finite precision.
    by_scipy = yeojohnson(skewed["income"])[0]
    assert amounts.to_numpy() == pytest.approx((by_scipy - by_scipy.mean()) / by_scipy.std(), abs=1e-3)


def test_ordinal_leaves_numbers_as_they_are_missing_ones_included() -> None:
    made_of_it = ordinal(COLUMNS).fit_transform(TABLE)
    pd.testing.assert_frame_equal(made_of_it[["age", "income"]], TABLE[["age", "income"]])


def test_ordinal_counts_categories_from_zero_in_their_order() -> None:
    # free 0, own 1, rent 2
    assert ordinal(COLUMNS).fit_transform(TABLE)["housing"].tolist() == [2, 1, 2, 1, 0]


@pytest.mark.parametrize("housing", ["boat", None])
def test_ordinal_makes_a_category_never_seen_minus_one(housing: str | None) -> None:
    strange = ordinal(COLUMNS).fit(TABLE).transform(TABLE.head(2).assign(housing=housing))
    assert strange["housing"].tolist() == [-1, -1]


def test_categories_may_be_whole_numbers() -> None:
    codes = TABLE.assign(housing=[3, 1, 3, 1, 2])
    assert ordinal(COLUMNS).fit_transform(codes)["housing"].tolist() == [2, 0, 2, 0, 1]
    assert {"housing_1", "housing_2", "housing_3"} < set(one_hot(COLUMNS).fit_transform(codes))


@every_recipe
@pytest.mark.parametrize("columns", [Columns(("age",), (), {}), Columns((), ("housing",), {})])
def test_a_recipe_works_with_one_kind_of_columns_alone(recipe: recipes.Recipe, columns: Columns) -> None:
    used = MANY[[*columns.numeric, *columns.categorical]]
    assert len(recipe(columns).fit(used, MANY_OUTCOMES).transform(used)) == len(MANY)


@every_recipe
def test_a_recipe_gives_tables_with_the_index_of_the_rows(recipe: recipes.Recipe) -> None:
    table = made(recipe).transform(MANY.set_axis(MANY.index + 500))
    assert isinstance(table, pd.DataFrame)
    assert table.index.equals(MANY.index + 500)
    assert set(table.dtypes) == {np.dtype(np.float64)}


@every_recipe
def test_a_recipe_is_given_unfitted_and_can_be_cloned(recipe: recipes.Recipe) -> None:
    with pytest.raises(NotFittedError):
        check_is_fitted(recipe(COLUMNS))
    copied = clone(made(recipe)).fit(MANY, MANY_OUTCOMES)
    pd.testing.assert_frame_equal(copied.transform(MANY), made(recipe).transform(MANY))


@every_recipe
def test_fitting_leaves_the_table_as_it_was(recipe: recipes.Recipe) -> None:
    before = MANY.copy(deep=True)
    recipe(COLUMNS).fit(MANY, MANY_OUTCOMES).transform(MANY)
    pd.testing.assert_frame_equal(MANY, before)


@settings(max_examples=30)
@given(st.sampled_from(list(WHOLE)), applications)
def test_a_row_alone_becomes_what_it_becomes_among_others(name: str, table: pd.DataFrame) -> None:
    fitted = made(RECIPES[name])
    among = fitted.transform(table)
    for place in range(len(table)):
        alone = fitted.transform(table.iloc[[place]])
        # The last bit of a power differs between a vector of one and of many.
        pd.testing.assert_frame_equal(alone, among.iloc[[place]], rtol=1e-14, atol=1e-14)


def test_selected_gives_the_columns_named_in_their_order_and_no_others() -> None:
    made_of = recipes.selected(COLUMNS, ["income", "age"]).fit_transform(MANY)
    pd.testing.assert_frame_equal(made_of, MANY[["income", "age"]])


def test_selected_refuses_what_is_no_number() -> None:
    with pytest.raises(ConfigurationError, match="not numeric"):
        recipes.selected(COLUMNS, ["housing"])


def test_the_weight_of_evidence_recipe_hands_its_settings_on() -> None:
    recipe = recipes.weight_of_evidence(
        COLUMNS,
        max_bins=3,
        minimum_bin_share=0.1,
        minimum_information_value=0.05,
        maximum_correlation=0.8,
        monotonic_trend="descending",
        time_limit=7,
    )
    assert recipe.get_params() == {
        "columns": ("age", "income", "housing"),
        "categorical": ("housing",),
        "special_codes": {"age": (-1,)},
        "direction": None,
        "max_bins": 3,
        "minimum_bin_share": 0.1,
        "minimum_information_value": 0.05,
        "maximum_correlation": 0.8,
        "monotonic_trend": "descending",
        "time_limit": 7,
    }


def test_the_weight_of_evidence_recipe_has_the_settings_of_its_class() -> None:
    recipe, by_class = recipes.weight_of_evidence(Columns((), (), {})).get_params(), WeightOfEvidence().get_params()
    assert {**recipe, "columns": None, "special_codes": None} == by_class


@pytest.mark.parametrize("name", RECIPES)
def test_a_short_name_gives_its_recipe(name: str) -> None:
    assert resolve(name) is getattr(recipes, name)


def test_a_recipe_may_be_named_by_a_dotted_path() -> None:
    assert resolve("credit_pipeline.modelling.features.recipes.ordinal") is ordinal


@pytest.mark.parametrize(("name", "guess"), [("onehot", "one_hot"), ("ordinals", "ordinal"), ("weight", None)])
def test_a_name_that_no_recipe_has_is_reported_with_the_nearest_one(name: str, guess: str | None) -> None:
    with pytest.raises(ConfigurationError, match=f"There is no recipe '{name}'") as error:
        resolve(name)
    assert (f"Did you mean '{guess}'?" in error.value.what) == (guess is not None)
    assert "one_hot, ordinal, weight_of_evidence" in error.value.expected
    assert error.value.fix.endswith("recipes.yml")


def test_a_recipe_out_of_a_package_that_is_not_allowed_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="may not be imported"):
        resolve("bank_of_ada.recipes.own")


def test_the_source_of_a_recipe_is_its_code() -> None:
    found = source("one_hot")
    assert found.startswith("def one_hot(columns: Columns")
    assert found.rstrip().splitlines()[-1].startswith("    return ")
    assert found in Path(str(getsourcefile(one_hot))).read_text(encoding="utf-8")


def learned(fitted: BaseEstimator) -> dict[tuple[str, str], str]:
    """What a fitted recipe is described by: value by feature and statistic."""
    table = tables(fitted)
    assert list(table.columns) == ["feature", "statistic", "value"]
    return {(row.feature, row.statistic): row.value for row in table.itertuples()}


def test_one_hot_is_described_by_medians_powers_and_categories() -> None:
    found = learned(one_hot(COLUMNS).fit(TABLE))
    assert found["age", "imputed by"] == "40"
    assert found["income", "imputed by"] == "3"
    assert found["housing", "categories"] == "free, own, rent"
    assert {feature for feature, statistic in found if statistic == "power"} == {
        "age",
        "income",
        "missingindicator_income",
    }


def test_ordinal_is_described_by_its_categories() -> None:
    assert learned(ordinal(COLUMNS).fit(TABLE))["housing", "categories"] == "free, own, rent"


def test_numbers_that_pass_through_are_described_as_they_are() -> None:
    found = learned(ordinal(COLUMNS).fit(TABLE))
    assert [key for key in found if key[0] != "housing"] == [("age", "as it is"), ("income", "as it is")]


def test_weight_of_evidence_is_described_by_its_own_table() -> None:
    fitted = made(recipes.weight_of_evidence)
    pd.testing.assert_frame_equal(tables(fitted), fitted.table())


NUMBERS = TABLE[["age"]]
OF_NUMBERS: list[tuple[Callable[[], BaseEstimator], dict[str, str]]] = [
    # 20, 30, 40, 50, 60: the squared deviations 400, 100, 0, 100, 400 have the mean 200, of which the root is 14.1421.
    (StandardScaler, {"mean": "40", "scale": "14.1421"}),
    # A quarter lies below 30, three quarters below 50.
    (RobustScaler, {"centre": "40", "scale": "20"}),
    # One fortieth a year.
    (MinMaxScaler, {"minimum": "20", "maximum": "60", "scale": "0.025"}),
]


@pytest.mark.parametrize(("transformer", "described"), OF_NUMBERS)
def test_a_recipe_of_ones_own_is_described_by_what_scikit_learn_learned(
    transformer: Callable[[], BaseEstimator], described: dict[str, str]
) -> None:
    expected = {("age", statistic): value for statistic, value in described.items()}
    assert learned(transformer().fit(NUMBERS)) == expected
    assert learned(make_pipeline(transformer()).fit(NUMBERS)) == expected
    assert learned(ColumnTransformer([("numbers", transformer(), ["age"])]).fit(NUMBERS)) == expected


def test_a_transformer_that_shows_nothing_is_described_by_its_kind() -> None:
    class Doubled(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
        feature_names_in_ = ("age", "income")

    assert learned(Doubled()) == {("age", "Doubled"): "", ("income", "Doubled"): ""}


def test_a_column_that_is_dropped_is_not_described_as_a_text() -> None:
    fitted = ColumnTransformer([("numbers", StandardScaler(), ["age"])], remainder="drop").fit(TABLE)
    assert set(learned(fitted)) == {("age", "mean"), ("age", "scale")}


def test_columns_chosen_by_a_slice_are_described_by_name() -> None:
    fitted = ColumnTransformer([("numbers", StandardScaler(), slice(0, 1))]).fit(NUMBERS)
    assert set(learned(fitted)) == {("age", "mean"), ("age", "scale")}
