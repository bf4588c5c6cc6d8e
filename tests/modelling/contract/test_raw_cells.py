import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.modelling.contract.raw_cells import read_numbers, read_text, whole_numbers


def cells(*values: object, dtype: str = "str") -> pd.Series:
    return pd.Series(list(values), dtype=dtype)


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("+5", 5), ("-5", -5), ("5.", 5), (".5", 0.5), ("1e3", 1000), ("1E-2", 0.01), ("  7 ", 7), ("007", 7)],
)
def test_plain_spellings_are_numbers(text: str, number: float) -> None:
    assert read_numbers(cells(text)).parsed.tolist() == [number]


@pytest.mark.parametrize(
    "text",
    [
        "0x10",
        "1_000",
        "1,000",
        "1 000",
        "True",
        "NA",
        "nan",
        "nan(1)",
        "None",
        "-",
        ".",
        "e5",
        "1e",
        "--1",
        " ",
        "\u0661",
        "1\n",
    ],
)
def test_what_would_have_to_be_guessed_is_not_a_number(text: str) -> None:
    read = read_numbers(cells(text))
    assert read.unreadable.tolist() == [True]
    assert not read.missing.any()
    assert not read.infinite.any()
    assert math.isnan(read.parsed[0])


@pytest.mark.parametrize("text", ["inf", "-inf", "+Inf", "Infinity", "-INFINITY", "1e400", "-1e400"])
def test_infinity_is_distinguished_from_text(text: str) -> None:
    read = read_numbers(cells(text))
    assert read.infinite.tolist() == [True]
    assert read.unreadable.tolist() == [False]


def test_only_the_empty_cell_is_missing() -> None:
    assert read_numbers(cells("", None, "NA", "1")).missing.tolist() == [True, True, False, False]


def test_a_decimal_comma_is_read_when_it_is_declared() -> None:
    read = read_numbers(cells("1,5", "-,5", "2", "1.5", "1.234,5"), decimal=",")
    assert read.parsed[:3].tolist() == [1.5, -0.5, 2.0]
    # `1.5` could be one and a half or fifteen in a file with decimal commas.
    assert read.unreadable.tolist() == [False, False, False, True, True]


@pytest.mark.parametrize("dtype", ["int64", "float64", "Int64", "Float64", "uint8", "int64[pyarrow]"])
def test_typed_numbers_are_taken_as_they_are(dtype: str) -> None:
    assert read_numbers(cells(1, 2, dtype=dtype)).parsed.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "float64", "object"])
def test_a_missing_typed_number_is_missing(dtype: str) -> None:
    assert read_numbers(cells(1, None, dtype=dtype)).missing.tolist() == [False, True]


def test_booleans_are_not_numbers_and_mixed_objects_are_read_cell_by_cell() -> None:
    assert read_numbers(pd.Series([True, False])).unreadable.all()
    mixed = read_numbers(pd.Series([1, "2", 2.5, True, math.inf, "x"], dtype="object"))
    assert mixed.parsed[:3].tolist() == [1.0, 2.0, 2.5]
    assert mixed.unreadable.tolist() == [False, False, False, True, False, True]
    assert mixed.infinite.tolist() == [False, False, False, False, True, False]


def test_a_column_in_several_chunks_reads_like_one() -> None:
    chunks = pd.concat([cells("1", "inf"), cells("x", None)], ignore_index=True)
    whole = cells("1", "inf", "x", None)
    for field in ("parsed", "missing", "unreadable", "infinite"):
        np.testing.assert_array_equal(getattr(read_numbers(chunks), field), getattr(read_numbers(whole), field))


def test_an_empty_column_reads_as_nothing() -> None:
    assert read_numbers(cells()).parsed.shape == (0,)


def test_text_means_itself() -> None:
    assert read_text(cells("NA", "nan", " a ", "None")).tolist() == ["NA", "nan", " a ", "None"]


@given(st.lists(st.integers(min_value=-(2**63) + 1024, max_value=2**63 - 1024), min_size=1))
def test_whole_numbers_keep_every_digit(numbers: list[int]) -> None:
    for column in (cells(*map(str, numbers)), cells(*numbers, dtype="int64")):
        assert whole_numbers(column, read_numbers(column).parsed).tolist() == numbers


def test_long_whole_numbers_with_a_decimal_comma_keep_every_digit() -> None:
    column = cells("9007199254740993,0", "9,007199254740993E15")
    parsed = read_numbers(column, decimal=",").parsed
    assert whole_numbers(column, parsed, decimal=",").tolist() == [9007199254740993] * 2


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_shortest_spelling_of_a_float_is_read_back_exactly(number: float) -> None:
    assert read_numbers(cells(repr(number))).parsed.tolist() == [number]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
def test_amounts_are_read_as_the_nearest_float(amount: Decimal) -> None:
    assert read_numbers(cells(str(amount))).parsed.tolist() == [float(amount)]


@given(st.text())
def test_any_text_has_one_fate(text: str) -> None:
    read = read_numbers(cells(text))
    fates = [np.isfinite(read.parsed[0]), read.missing[0], read.unreadable[0], read.infinite[0]]
    assert sum(map(bool, fates)) == 1
