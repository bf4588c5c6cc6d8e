import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.modelling.splitting.row_hashes import frame_hash, row_keys

TABLE = pd.DataFrame({"id": ["a", "b", "c"], "age": [30, 40, 50], "income": [1.5, np.nan, 3.0]})
IN_ANOTHER_PROCESS = """
import numpy as np, pandas as pd
from credit_pipeline.modelling.splitting.row_hashes import frame_hash, row_keys
table = pd.DataFrame({"id": ["a", "b", "c"], "age": [30, 40, 50], "income": [1.5, np.nan, 3.0]})
print(frame_hash(table), *row_keys(table, "id"), *row_keys(table, None))
"""

identifiers = st.lists(st.text(max_size=4), min_size=1, max_size=20)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Up to 20 rows of a number that may be missing, a whole number and a text."""
    cell = st.tuples(
        st.floats(allow_nan=True, width=32), st.integers(-(2**40), 2**40), st.text("abé\0 ", min_size=0, max_size=3)
    )
    return pd.DataFrame(draw(st.lists(cell, min_size=1, max_size=20)), columns=["amount", "count", "name"])


@given(tables(), st.integers(-5, 5))
def test_index_attributes_and_memory_layout_do_not_change_a_frames_hash(table: pd.DataFrame, start: int) -> None:
    other = table[table.columns[::-1]].iloc[::-1].iloc[::-1][table.columns]
    other.index = pd.Index(range(start, start + len(table)), name="row")
    other.attrs = {"split_id": "x"}
    assert frame_hash(other) == frame_hash(table)


@given(tables(), st.data())
def test_some_of_the_rows_have_the_hash_of_their_own_table(table: pd.DataFrame, data: st.DataObject) -> None:
    # A slice of texts or truth values lies somewhere within the memory of the whole.
    first, last = sorted(data.draw(st.tuples(st.integers(0, len(table)), st.integers(0, len(table)))))
    table = table.assign(named=table["name"] != "")
    alone = pd.DataFrame({name: table[name].tolist()[first:last] for name in table}).astype(table.dtypes)
    assert frame_hash(table.iloc[first:last]) == frame_hash(alone)


@given(tables(), st.data())
def test_one_other_value_gives_another_hash(table: pd.DataFrame, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(table) - 1))
    other = table.assign(count=table["count"] + (np.arange(len(table)) == row))
    assert frame_hash(other) != frame_hash(table)


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("row order", TABLE.iloc[[1, 0, 2]]),
        ("column order", TABLE[["age", "id", "income"]]),
        ("a name", TABLE.rename(columns={"age": "years"})),
        ("a type", TABLE.astype({"age": "float64"})),
        ("a missing value", TABLE.fillna({"income": 0.0})),
        ("a row less", TABLE.head(2)),
        ("a row more", TABLE.iloc[[0, 1, 2, 2]]),
        ("no row", TABLE.head(0)),
        ("a column less", TABLE.drop(columns="income")),
        ("the last bit", TABLE.assign(income=np.nextafter(TABLE["income"], np.inf))),
    ],
)
def test_another_table_has_another_hash(what: str, other: pd.DataFrame) -> None:
    assert frame_hash(other) != frame_hash(TABLE), what


def test_where_a_row_ends_matters() -> None:
    # Texts glued together would be "abc" in both.
    one, other = pd.DataFrame({"name": ["ab", "c"]}), pd.DataFrame({"name": ["a", "bc"]})
    assert frame_hash(one) != frame_hash(other)


def test_a_table_put_together_from_pieces_hashes_like_one_made_at_once() -> None:
    pieces = pd.concat([TABLE.head(1), TABLE.tail(2)])
    assert frame_hash(pieces) == frame_hash(TABLE)


def test_a_change_beyond_the_first_ten_thousand_rows_is_seen() -> None:
    # MLflow's own digest of a table reads the first 10,000 rows.
    table = pd.DataFrame({"amount": np.arange(20_001)})
    assert frame_hash(table.assign(amount=table["amount"].replace(20_000, 0))) != frame_hash(table)


def test_what_lies_under_a_missing_value_does_not_change_the_hash() -> None:
    # A processor's 0/0 is a NaN with the sign set, a parser's has it clear: both are missing.
    one, other = pd.DataFrame({"amount": [1.0, np.nan]}), pd.DataFrame({"amount": [1.0, -np.nan]})
    assert frame_hash(one) == frame_hash(other)


def test_hashing_leaves_the_frame_as_it_was() -> None:
    table, before = TABLE.copy(), TABLE.copy()
    frame_hash(table)
    row_keys(table, "id")
    pd.testing.assert_frame_equal(table, before)


@given(identifiers)
def test_rows_have_equal_keys_where_their_identifiers_are_equal_and_nowhere_else(names: list[str]) -> None:
    keys = row_keys(pd.DataFrame({"id": names, "age": range(len(names))}), "id")
    assert keys.dtype == np.uint64
    assert [[one == other for other in names] for one in names] == (keys[:, None] == keys).tolist()


def test_without_an_identifier_the_whole_row_is_the_key() -> None:
    table = pd.DataFrame({"age": [30, 30, 30], "income": [1.0, 2.0, 1.0]})
    first, second, third = row_keys(table, None)
    assert first == third != second


def test_a_key_does_not_depend_on_the_other_rows_nor_on_the_index() -> None:
    assert row_keys(TABLE.iloc[[2]], "id")[0] == row_keys(TABLE, "id")[2]
    assert row_keys(TABLE.iloc[[2]], None)[0] == row_keys(TABLE, None)[2]


@pytest.mark.parametrize("hash_seed", ["0", "7"])
def test_hashes_are_the_same_in_another_process(hash_seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    printed = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS], capture_output=True, text=True, check=True, env=environment
    ).stdout.split()
    keys = [*row_keys(TABLE, "id"), *row_keys(TABLE, None)]
    assert printed == [frame_hash(TABLE), *map(str, keys)]
