from pathlib import Path

import pandas as pd
import pytest

from credit_pipeline.datasets.raw.raw_table import RawTableDataset
from credit_pipeline.errors import DataError
from credit_pipeline.proposal.table_format import TableFormat, sniff


def written(folder: Path, content: bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("a,b\n1.5,2\n", "utf-8", TableFormat()),
        ("a;b\n1,5;2\n", "utf-8", TableFormat(";", "utf-8", ",")),
        ("a;b\n1.5;2\n", "utf-8", TableFormat(";")),
        ("a\tb\n1.5\t2\n", "utf-8", TableFormat("\t")),
        ("a|b\n1.5|2\n", "utf-8", TableFormat("|")),
        ("größe;b\n1,5;2\n", "latin-1", TableFormat(";", "cp1252", ",")),
        ("größe,b\n1.5,2\n", "utf-8-sig", TableFormat()),
        ("größe,b\n1.5,2\n", "utf-16", TableFormat(encoding="utf-16")),
        # A comma in a quoted name and in every cell is not the separator of semicolons.
        ('"a, net";b\n1,5;2,5\n3,5;4,5\n', "utf-8", TableFormat(";", "utf-8", ",")),
        ('"a;x","b;y","c"\n1,2,3\n', "utf-8", TableFormat()),
        ("day;b\n31.12.2024;1,5\n01.01.2025;2\n", "utf-8", TableFormat(";", "utf-8", ",")),
    ],
)
def test_the_format_of_a_file_is_found(text: str, encoding: str, expected: TableFormat, tmp_path: Path) -> None:
    path = written(tmp_path, text.encode(encoding))
    assert sniff(path) == expected
    read = RawTableDataset(
        filepath=str(path), separator=expected.separator, encoding=expected.encoding, decimal=expected.decimal
    )
    assert read.load().shape[1] == text.split("\n")[1].count(expected.separator) + 1


def test_bytes_that_windows_does_not_know_are_latin_1(tmp_path: Path) -> None:
    assert sniff(written(tmp_path, b"a,b\n\x81,\xe9\n")).encoding == "latin-1"


def test_a_parquet_file_needs_no_format(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pd.DataFrame({"a": [1], "b": [2]}).to_parquet(path)
    assert sniff(path) == TableFormat()
    path.rename(tmp_path / "table.pq")
    with pytest.raises(DataError, match="not a text file") as fault:
        sniff(tmp_path / "table.pq")
    assert fault.value.fix == "rename it to a name that ends in .parquet"


@pytest.mark.parametrize("beginning", [b"PK\x03\x04rest", b"\x1f\x8brest", b"SQLite format 3\x00"])
def test_what_is_not_a_table_is_reported_with_what_would_be(beginning: bytes, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        sniff(written(tmp_path, beginning))
    assert "CSV" in caught.value.expected
