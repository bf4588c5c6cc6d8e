from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.modelling.contract import table as contract
from credit_pipeline.modelling.contract.example_rows import example_applications
from credit_pipeline.spec import DataSpec

ROOT = Path(__file__).parents[3]
SHIPPED = DataSpec.model_validate(
    yaml.safe_load((ROOT / "conf/base/parameters/data.yml").read_text(encoding="utf-8"))["data"]
)


def spec(**columns: Mapping[str, Any]) -> DataSpec:
    return DataSpec.model_validate({"columns": {**columns, "default": {"role": "target"}}})


def test_there_are_as_many_rows_as_asked_for_of_the_columns_that_a_model_sees() -> None:
    table = example_applications(SHIPPED, rows=7)
    assert table.shape == (7, 23)
    assert tuple(table.columns) == SHIPPED.inputs
    assert not {"ID", "default.payment.next.month"} & set(table.columns)
    assert set(table.dtypes.astype(str)) == {"float64"}


def test_what_is_drawn_keeps_the_shipped_contract() -> None:
    drawn = example_applications(SHIPPED, rows=200)
    outcome = {SHIPPED.target: np.tile([0, 1], 100), SHIPPED.identifier: np.arange(1, 201)}
    table = drawn.assign(**outcome)[list(SHIPPED.columns)]
    contract.validate_accepted(contract_types(table), SHIPPED)


def contract_types(table: pd.DataFrame) -> pd.DataFrame:
    """Whole numbers where the contract has them, as the quarantine hands them on."""
    whole = [name for name, column in SHIPPED.columns.items() if column.type == "integer"]
    return table.astype(dict.fromkeys(whole, "Int64"))


def test_the_same_seed_draws_the_same_rows_and_another_seed_others() -> None:
    one, same, other = (example_applications(SHIPPED, rows=20, seed=seed) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(one, same, check_exact=True)
    assert not one.equals(other)


def test_special_codes_of_a_category_are_drawn_too() -> None:
    column = {
        "role": "categorical",
        "type": "integer",
        "categories": {1: "own"},
        "special_codes": {0: "not documented"},
    }
    assert set(example_applications(spec(housing=column), rows=50)["housing"]) == {0.0, 1.0}


LIMIT = st.integers(-1_000_000, 1_000_000)


@given(LIMIT, LIMIT, st.sampled_from(["integer", "number"]), st.integers(0, 2**32 - 1))
def test_numbers_lie_in_their_range(one: int, other: int, kind: str, seed: int) -> None:
    lower, upper = sorted((one, other))
    drawn = example_applications(spec(x={"role": "numeric", "type": kind, "range": [lower, upper]}), seed=seed)["x"]
    assert drawn.between(lower, upper).all()
    assert kind == "number" or (drawn % 1 == 0).all()


@pytest.mark.parametrize(
    ("limits", "lower", "upper"),
    [
        ([5, None], 5, 100_005),
        ([None, 5], 0, 5),
        ([None, None], 0, 100_000),
        (None, 0, 100_000),
    ],
)
def test_an_open_side_of_a_range_is_closed_somewhere(limits: list[int | None] | None, lower: int, upper: int) -> None:
    drawn = example_applications(spec(x={"role": "numeric", "range": limits}), rows=300)["x"]
    assert drawn.between(lower, upper).all()
    assert drawn.min() < drawn.max()


def test_a_range_below_zero_with_an_open_lower_side_is_kept() -> None:
    drawn = example_applications(spec(x={"role": "numeric", "range": [None, -5]}))["x"]
    assert (drawn <= -5).all()


def test_numbers_lie_in_a_range_finer_than_cents() -> None:
    drawn = example_applications(spec(x={"role": "numeric", "range": [0.001, 0.004]}))["x"]
    assert drawn.between(0.001, 0.004).all()


def test_whole_numbers_lie_in_a_range_between_halves() -> None:
    column = {"role": "numeric", "type": "integer", "range": [0.4, 1.4]}
    assert (example_applications(spec(x=column), rows=50)["x"] == 1).all()


def test_categories_are_drawn_by_their_codes() -> None:
    whole = {"role": "categorical", "type": "integer", "categories": {1: "male", 2: "female"}}
    text = {"role": "categorical", "type": "text", "categories": {"own": "", "rent": ""}}
    table = example_applications(spec(sex=whole, housing=text), rows=50)
    assert set(table["sex"]) == {1.0, 2.0}
    assert table["sex"].dtype == np.float64
    assert set(table["housing"]) == {"own", "rent"}
    assert pd.api.types.is_string_dtype(table["housing"])


def test_a_text_without_categories_says_that_it_is_an_example() -> None:
    assert set(example_applications(spec(note={"role": "numeric", "type": "text"}))["note"]) == {"example"}


def test_a_column_more_leaves_those_before_it_as_they_were() -> None:
    age = {"role": "numeric", "range": [18, 80]}
    one, two = example_applications(spec(age=age)), example_applications(spec(age=age, income={"role": "numeric"}))
    pd.testing.assert_series_equal(one["age"], two["age"])
