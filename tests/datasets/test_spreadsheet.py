"""A table for a spreadsheet comes back as it was, and no cell of it runs."""

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.io import DatasetError

from credit_pipeline.datasets.spreadsheet import SpreadsheetTable

STARTS = "=+-@\t\r\n'\"\uff1d\uff0b\uff0d\uff20"
RUNS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
HOSTILE = (
    ANY
    | st.builds("".join, st.tuples(st.sampled_from(STARTS), ANY))
    | st.sampled_from(
        [
            "=1+1",
            "=cmd|' /C calc'!A0",
            '=HYPERLINK("https://x","y")',
            "'=1",
            "''",
            "-",
            "-5",
            "+1e3",
            "NA",
            "",
            "1",
            "a,b",
        ]
    )
)
CELLS = {"int64": st.integers(-(2**63), 2**63 - 1), "float64": st.floats(), "str": st.none() | HOSTILE}


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Up to 4 columns and 6 rows, each column with at least one value."""
    rows = draw(st.integers(1, 6))
    kinds = draw(st.dictionaries(HOSTILE, st.sampled_from(sorted(CELLS)), min_size=1, max_size=4))
    drawn = {
        name: pd.Series(draw(st.lists(CELLS[kind], min_size=rows, max_size=rows)), dtype=kind)
        for name, kind in kinds.items()
    }
    for name, column in drawn.items():
        if column.isna().all() and kinds[name] == "str":
            drawn[name] = column.fillna("=")
    return pd.DataFrame(drawn)


def file_of(table: pd.DataFrame, folder: str | Path) -> SpreadsheetTable:
    dataset = SpreadsheetTable(filepath=f"{folder}/table.csv")
    dataset.save(table)
    return dataset


@settings(max_examples=60)
@given(tables())
def test_a_table_of_hostile_texts_comes_back_as_it_was(table: pd.DataFrame) -> None:
    with TemporaryDirectory() as folder:
        loaded = file_of(table, folder).load()
        assert loaded is not None
        pd.testing.assert_frame_equal(loaded, table, check_exact=True)


@settings(max_examples=60)
@given(tables())
def test_no_text_begins_as_a_formula_for_any_reader(table: pd.DataFrame) -> None:
    with TemporaryDirectory() as folder:
        file_of(table, folder)
        # Another reader than ours: as a spreadsheet it sees cells without their quotes, and a lone gap as no row.
        with Path(folder, "table.csv").open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file, strict=True)
    assert not [name for name in header if name.startswith(RUNS)]
    texts = [place for place, kind in enumerate(table.dtypes) if kind == "str"]
    assert not [row[place] for row in filter(None, rows) for place in texts if row[place].startswith(RUNS)]


def test_numbers_stand_as_they_are_and_texts_that_would_run_behind_an_apostrophe(tmp_path: Path) -> None:
    file_of(pd.DataFrame({"-id": ["=1+1", "ok", None], "pd": [-0.5, 1.0, np.nan], "n": [-1, 2, 3]}), tmp_path)
    text = (tmp_path / "table.csv").read_bytes().decode("utf-8-sig")
    assert text == '"\'-id","pd","n"\n"\'=1+1",-0.5,-1\n"ok",1.0,2\n,,3\n'


def test_excel_can_see_that_it_is_utf8(tmp_path: Path) -> None:
    file_of(pd.DataFrame({"name": ["Zoë"]}), tmp_path)
    assert (tmp_path / "table.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_what_is_neither_number_nor_text_is_written_as_text(tmp_path: Path) -> None:
    table = pd.DataFrame({"kept": [True, False], "mixed": ["=1", 2], "day": pd.to_datetime(["2026-01-01", None])})
    loaded = file_of(table, tmp_path).load()
    assert loaded is not None
    assert loaded["kept"].tolist() == ["True", "False"]
    assert loaded["mixed"].tolist() == ["=1", "2"]
    assert loaded["day"].isna().tolist() == [False, True]


def test_a_table_without_rows_keeps_its_names(tmp_path: Path) -> None:
    loaded = file_of(pd.DataFrame({"=a": pd.Series([], dtype="str"), "b": pd.Series([], dtype=float)}), tmp_path).load()
    assert loaded is not None
    assert (loaded.columns.tolist(), len(loaded)) == (["=a", "b"], 0)


@pytest.mark.parametrize("changed", ["", '"a","b"\n1\n', '"a"\n"x\n', '"a"\n"x"y\n', '"a"\n1'])
def test_a_file_that_another_program_has_changed_is_refused(changed: str, tmp_path: Path) -> None:
    dataset = file_of(pd.DataFrame({"a": [1]}), tmp_path)
    (tmp_path / "table.csv").write_text(changed)
    with pytest.raises(DatasetError, match="was changed after it was written"):
        dataset.load()


def test_a_save_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    dataset = file_of(pd.DataFrame({"a": [1]}), tmp_path)
    with pytest.raises(DatasetError):
        dataset.save(pd.DataFrame({"a": pd.Series(["\ud800"], dtype=object)}))
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]
    loaded = dataset.load()
    assert loaded is not None
    assert loaded["a"].tolist() == [1]
