"""The format of a text file, found from its content: separator, encoding, decimal mark."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NoReturn

from credit_pipeline.datasets.raw.delimited_text import SAMPLE, SEPARATORS
from credit_pipeline.errors import DataError

_LINES = 200
_WITH_POINT = re.compile(r"\s*[+-]?[0-9]*\.[0-9]+\s*")
_WITH_COMMA = re.compile(r"\s*[+-]?[0-9]*,[0-9]+\s*")
_KINDS = {
    b"PAR1": ("a Parquet file under another name", "rename it to a name that ends in .parquet"),
    b"PK\x03\x04": ("an archive or a spreadsheet", "export the sheet as CSV"),
    b"\x1f\x8b": ("a compressed file", "uncompress it"),
    b"SQLite format 3": ("an SQLite database", "--data sqlite:///<path>#<table>"),
}
SUPPORTED = "CSV with one of the separators , ; tab |, or Parquet (its name ends in .parquet)"


@dataclass(frozen=True)
class TableFormat:
    """What ``RawTableDataset`` needs to know to read a file; the defaults are the same."""

    separator: str = ","
    encoding: str = "utf-8"
    decimal: str = "."


def sniff(path: Path) -> TableFormat:
    r"""Find the format of a file.

    Parameters
    ----------
    path
        A text file, or a Parquet file, which needs no format.

    Raises
    ------
    DataError
        The file cannot be read, or its kind is not supported.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "loans.csv"
    ...     _ = path.write_bytes("größe;rate\n1,5;2,5\n".encode("cp1252"))
    ...     sniff(path)
    TableFormat(separator=';', encoding='cp1252', decimal=',')
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        _refuse(f"'{path}' cannot be read.", str(error.strerror), "the path after --data")
    return sniff_content(content, str(path))


def sniff_content(content: bytes, name: str) -> TableFormat:
    """Find the format of a file from its content, as ``sniff`` does.

    Parameters
    ----------
    content
        The whole file.
    name
        The file's name, without secrets.
    """
    if name.endswith(".parquet"):
        return TableFormat()
    for beginning, (found, fix) in _KINDS.items():
        if content.startswith(beginning):
            _refuse(f"'{name}' is not a text file.", found, fix)
    return _text_format(content)


def _text_format(content: bytes) -> TableFormat:
    encoding = _encoding(content)
    sample = content.decode(encoding).removeprefix("\ufeff")[:SAMPLE]
    separator = _separator(sample)
    rows = _rows(sample, separator)[1:]
    return TableFormat(separator, encoding, _decimal(rows, separator))


def _encoding(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in ("utf-8", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _separator(sample: str) -> str:
    """Choose the separator that gives most fields in the header, and the same number in most rows."""
    return max(SEPARATORS, key=lambda mark: _agreement(_rows(sample, mark)))


def _agreement(rows: list[list[str]]) -> tuple[bool, float, int]:
    width = len(rows[0]) if rows else 0
    agreeing = Counter(map(len, rows))[width] / max(len(rows), 1)
    return width > 1, round(agreeing, 1), width


def _rows(sample: str, separator: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    try:
        return [row for row in islice(reader, _LINES) if row]
    except csv.Error:
        return []


def _decimal(rows: list[list[str]], separator: str) -> str:
    cells = [cell for row in rows for cell in row]
    commas = sum(map(bool, map(_WITH_COMMA.fullmatch, cells)))
    return "," if separator != "," and commas > sum(map(bool, map(_WITH_POINT.fullmatch, cells))) else "."


def _refuse(what: str, got: str, fix: str) -> NoReturn:
    raise DataError(what, expected=SUPPORTED, got=got, fix=fix) from None
