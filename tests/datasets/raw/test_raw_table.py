import csv
import hashlib
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.io import DataCatalog, DatasetError

from credit_pipeline.datasets.raw.raw_table import RawTableDataset
from credit_pipeline.errors import ConfigurationError, DataError

SHIPPED = Path(__file__).parents[3] / "data/01_raw/credit_card_clients.csv"
PRIVATE = "Smith"


def load(content: str | bytes, folder: Path, name: str = "raw.csv", **arguments: str) -> pd.DataFrame:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return RawTableDataset(filepath=str(path), **arguments).load()


def fault_of(content: str | bytes, folder: Path, name: str = "raw.csv", **arguments: str) -> DataError:
    with pytest.raises(DatasetError) as caught:
        load(content, folder, name, **arguments)
    fault = caught.value.__cause__
    assert isinstance(fault, DataError)
    # Kedro's own message carries the fault whole, and nobody's cells stand in either.
    assert str(fault) in str(caught.value)
    assert PRIVATE not in str(caught.value)
    assert fault.__suppress_context__
    return fault


def test_every_cell_is_text_and_only_the_empty_one_is_missing(tmp_path: Path) -> None:
    frame = load('age,name,code\n030,NA,""\n1e5,"nan", x\n,None,null\n', tmp_path)
    assert set(frame.dtypes.astype(str)) == {"str"}
    assert frame.fillna("<missing>").to_numpy().tolist() == [
        ["030", "NA", "<missing>"],
        ["1e5", "nan", " x"],
        ["<missing>", "None", "null"],
    ]


def test_the_shipped_table_loads_whole_with_its_origin() -> None:
    frame = RawTableDataset(filepath=str(SHIPPED)).load()
    assert frame.shape == (30_000, 25)
    assert set(frame.dtypes.astype(str)) == {"str"}
    assert frame.attrs == {
        "source": str(SHIPPED),
        "content_sha256": "4edce6da569b2c30788a85fd98a9bafb1a983e8ca1a7aac875dd7ff853cbd0bb",
        "decimal": ".",
    }


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_and_blank_lines_do_not_matter(line_end: str, tmp_path: Path) -> None:
    frame = load(line_end.join(["", "a,b", "1,2", "", "3,4", "", ""]), tmp_path)
    assert frame.to_dict("list") == {"a": ["1", "3"], "b": ["2", "4"]}


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert load("\ufeffa,b\n1,é\n", tmp_path).columns.tolist() == ["a", "b"]
    assert load("a,b\n1,é\n".encode("utf-16"), tmp_path, encoding="utf-16").to_numpy().tolist() == [["1", "é"]]


def test_separator_encoding_and_quotes_are_respected(tmp_path: Path) -> None:
    content = 'name;amount\n"Ca;fé ""x""";1,5\n"two\nlines";2\n'.encode("cp1252")
    frame = load(content, tmp_path, separator=";", encoding="cp1252", decimal=",")
    assert frame["name"].tolist() == ['Ca;fé "x"', "two\nlines"]
    assert frame["amount"].tolist() == ["1,5", "2"]
    assert frame.attrs["decimal"] == ","


@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff", "\ufeff\n"])
def test_an_empty_file_is_refused(content: str, tmp_path: Path) -> None:
    fault = fault_of(content, tmp_path)
    assert fault.what == f"The raw table '{tmp_path / 'raw.csv'}' is empty."
    assert (fault.expected, fault.fix) == ("a header and rows", "provide a file with content")
    assert fault.got.endswith(" bytes")


@pytest.mark.parametrize("content", ["a,b", "a,b\n", "a,b\n\n\n"])
def test_a_header_without_rows_is_refused(content: str, tmp_path: Path) -> None:
    fault = fault_of(content, tmp_path)
    assert fault.what.endswith("has no rows.")
    assert (fault.expected, fault.got) == ("rows", "2 columns, 0 rows")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(DatasetError) as caught:
            RawTableDataset(filepath=str(path)).load()
        assert isinstance(caught.value.__cause__, DataError)
        assert "cannot be read" in caught.value.__cause__.what
        assert "filepath" in caught.value.__cause__.fix


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_another_separator_is_named(mark: str, tmp_path: Path) -> None:
    fault = fault_of(f"id{mark}name{mark}age\n1{mark}{PRIVATE}{mark}30\n", tmp_path)
    assert fault.what.endswith("has another separator.")
    assert fault.expected == 'fields between ","'
    assert fault.got.endswith(" would make 3")
    # The hint is YAML that can be pasted.
    entry = fault.fix.removesuffix(" in its catalog entry")
    assert yaml.safe_load(entry) == {"separator": mark}


def test_a_separator_that_splits_the_header_less_than_another_is_refused(tmp_path: Path) -> None:
    assert fault_of(f"id;age, years;name\n1;30;{PRIVATE}\n", tmp_path).got == '2 fields; ";" would make 3'


def test_a_quoted_name_may_hold_other_separators(tmp_path: Path) -> None:
    assert load('"a,b,c,d";e\n1;2\n', tmp_path, separator=";").columns.tolist() == ["a,b,c,d", "e"]


def test_one_column_is_no_table(tmp_path: Path) -> None:
    fault = fault_of(f"name\n{PRIVATE}\n", tmp_path)
    assert (fault.expected, fault.got) == ("several columns", 'no "," in the header')


def test_a_row_in_place_of_the_header_is_refused_untold(tmp_path: Path) -> None:
    fault = fault_of(f"1,20000,{PRIVATE},24\n2,30000,{PRIVATE},25\n", tmp_path)
    assert fault.what.endswith("has no header.")
    assert (fault.expected, fault.got) == ("names in the first line", "mostly numbers")


def test_duplicated_and_empty_names_are_refused(tmp_path: Path) -> None:
    assert fault_of("age,name,age\n1,2,3\n", tmp_path).got == "more than once 'age'"
    assert fault_of(",name\n1,2\n", tmp_path).got == "no name for field 1"


def test_rows_of_another_length_are_numbered_below_the_header_without_blank_lines(tmp_path: Path) -> None:
    fault = fault_of(f"a,b\n1,2\n\n{PRIVATE}\n1,2,{PRIVATE}\n", tmp_path)
    assert fault.what.endswith("has rows that are longer or shorter than its header.")
    assert (fault.expected, fault.got) == ("2 fields in every row", "row 2 has 1, row 3 has 3")
    assert "quotes" in fault.fix


def test_one_field_too_many_in_every_row_shifts_nothing_silently(tmp_path: Path) -> None:
    assert "and 990 more" in fault_of("a,b\n" + "1,2,3\n" * 1000, tmp_path).got


def test_a_table_cut_off_in_its_last_row_is_refused(tmp_path: Path) -> None:
    content = SHIPPED.read_bytes()
    fault = fault_of(content[: len(content) // 2], tmp_path)
    assert fault.expected == "25 fields in every row"


@pytest.mark.parametrize(
    "row", [f'1,"{PRIVATE}\n2,3\n', f'1,"{PRIVATE}"x\n', f'1,"{PRIVATE}' + "x" * 200_000 + '"\n'], ids=str.__len__
)
def test_a_quote_without_its_pair_swallows_no_rows(row: str, tmp_path: Path) -> None:
    fault = fault_of("a,b\n0,0\n" + row, tmp_path)
    assert fault.expected == "quotes in pairs around a field"
    assert fault.got == "in row 2 a quote that is not closed, or a field that is too long"


def test_bytes_of_another_encoding_are_reported_by_line(tmp_path: Path) -> None:
    fault = fault_of(f"a,b\n1,2\n{PRIVATE},é\n".encode("cp1252"), tmp_path)
    assert fault.what.endswith("cannot be decoded.")
    assert (fault.expected, fault.got) == ("text in utf-8", "other bytes on line 3")
    assert "'encoding'" in fault.fix


def test_zero_bytes_are_no_text(tmp_path: Path) -> None:
    assert fault_of("a,b\n1,2\n".encode("utf-16-le"), tmp_path).got == "zero bytes"


def test_a_very_wide_table_is_read(tmp_path: Path) -> None:
    header = [f"column_{number}" for number in range(20_000)]
    frame = load(",".join(header) + "\n" + ",".join(["1"] * len(header)), tmp_path)
    assert frame.shape == (1, 20_000)


@pytest.mark.parametrize("identifiers", [[7, 8], [8, 3]])  # the first is stored as a range, outside the columns
def test_parquet_keeps_its_types_and_a_named_index_becomes_a_column(identifiers: list[int], tmp_path: Path) -> None:
    path = tmp_path / "raw.parquet"
    pd.DataFrame({"id": identifiers, "age": [30.5, None], "name": ["NA", ""]}).set_index("id").to_parquet(path)
    frame = RawTableDataset(filepath=str(path)).load()
    assert frame.dtypes.astype(str).to_dict() == {"id": "int64", "age": "float64", "name": "str"}
    assert frame["id"].tolist() == identifiers
    assert frame["name"].tolist() == ["NA", ""]
    assert frame.attrs["content_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_positions_left_by_a_filter_are_no_column_of_a_parquet_file(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1, 2, 3], "b": [4, 5, 6]}).loc[[0, 2]].to_parquet(tmp_path / "raw.parquet")
    frame = RawTableDataset(filepath=str(tmp_path / "raw.parquet")).load()
    assert frame.to_dict("list") == {"a": [1, 3], "b": [4, 6]}


def test_damaged_and_empty_parquet_are_refused(tmp_path: Path) -> None:
    assert fault_of(f"PAR1{PRIVATE}", tmp_path, "raw.parquet").expected == "a Parquet file"
    pd.DataFrame({"a": [], "b": []}).to_parquet(tmp_path / "none.parquet")
    assert fault_of((tmp_path / "none.parquet").read_bytes(), tmp_path, "raw.parquet").what.endswith("has no rows.")


def test_the_dataset_is_read_only_and_knows_whether_its_file_exists(tmp_path: Path) -> None:
    dataset = RawTableDataset(filepath=str(tmp_path / "raw.csv"))
    assert not dataset.exists()
    with pytest.raises(DatasetError, match="cannot be written"):
        dataset.save(pd.DataFrame({"a": [1]}))
    assert not dataset.exists()
    (tmp_path / "raw.csv").write_text("a,b\n1,2\n")
    assert dataset.exists()


def test_a_file_address_is_a_local_path(tmp_path: Path) -> None:
    path = tmp_path / "raw table.csv"
    path.write_text("a,b\n1,2\n")
    frame = RawTableDataset(filepath=path.as_uri()).load()
    assert frame.to_dict("list") == {"a": ["1"], "b": ["2"]}
    assert frame.attrs["source"] == path.as_uri()


def test_a_catalog_entry_makes_the_dataset(tmp_path: Path) -> None:
    (tmp_path / "raw.csv").write_text("a;b\n1;2\n")
    entry = {
        "type": "credit_pipeline.datasets.RawTableDataset",
        "filepath": str(tmp_path / "raw.csv"),
        "separator": ";",
        "metadata": {"kedro-viz": {"layer": "raw"}},
    }
    catalog = DataCatalog.from_config({"applications": entry})
    assert catalog.load("applications").to_dict("list") == {"a": ["1"], "b": ["2"]}
    assert "separator=';'" in repr(catalog["applications"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filepath": "postgresql://ada:love@db/loans"}, "SqlTableDataset reads databases"),
        ({"separator": "::"}, "one ASCII character"),
        ({"separator": ""}, "one ASCII character"),
        ({"separator": '"'}, "one ASCII character"),
        ({"separator": "x"}, "one ASCII character"),
        ({"encoding": "utf-9"}, "an encoding that Python knows"),
        ({"encoding": "base64"}, "an encoding that Python knows"),
        ({"decimal": "x"}, "decimal '.' or ','"),
        ({"decimal": ","}, "another separator"),
    ],
)
def test_arguments_that_are_not_allowed_are_refused(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        RawTableDataset(**{"filepath": "raw.csv", **arguments})


FIELD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)


@settings(max_examples=60)
@given(st.lists(st.tuples(FIELD, FIELD, st.just("end")), min_size=1), st.sampled_from(",;\t|"))
def test_what_python_wrote_is_read_back_cell_by_cell(rows: list[tuple[str, str, str]], separator: str) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=separator)
    writer.writerows([("first", "second", "third"), *rows])
    with TemporaryDirectory() as folder:
        frame = load(written.getvalue(), Path(folder), separator=separator, decimal=".")
    assert [tuple(row) for row in frame.fillna("").itertuples(index=False)] == rows
