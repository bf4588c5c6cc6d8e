"""Delimited text, read strictly: every cell is a text and every row has the length of the header, or it is refused."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NoReturn

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from credit_pipeline.core import list_names
from credit_pipeline.errors import DataError

SEPARATORS = (",", ";", "\t", "|")
"""The separators that are tried."""
_LISTED = 10
_NAME_LENGTH = 60
SAMPLE = 100_000
"""Number of characters from which the format of a text is found; `csv` refuses a field of more than 131,072."""
_BLOCK_BYTES = 1 << 26  # one row, header included, must fit in a block
_FIX_ENCODING = "set 'encoding' in its catalog entry, such as cp1252, or export the table as text in UTF-8"
_NUMBER = re.compile(r"\s*[+-]?[0-9]+([.,][0-9]*)?\s*")


@dataclass(frozen=True)
class DelimitedText:
    """A format of delimited text, and the name of the file in error messages."""

    source: str
    separator: str
    encoding: str

    def parse(self, content: bytes) -> pd.DataFrame:
        r"""Parse the bytes of a file.

        Returns
        -------
        pandas.DataFrame
            Shape (rows, columns), dtype ``str``; only the empty cell is missing.

        Raises
        ------
        DataError
            Not text in this encoding; empty; another separator; no header; a column without a name, or two with
            the same name; rows that are longer or shorter than the header; a quote that is not closed.

        Examples
        --------
        >>> DelimitedText("applications.csv", ";", "utf-8").parse(b"age;status\n30;NA\n;B").to_dict("list")
        {'age': ['30', nan], 'status': ['NA', 'B']}
        """
        utf8 = self._decoded(content).encode() + b"\n"  # without it Arrow sees no header in a file of one line
        header = next(self._records(utf8), [])
        self._require_separator(utf8, header)
        require_names(self.source, header)
        self._require_equal_rows(utf8, len(header))
        try:
            return _all_text(utf8, header, self.separator)
        except pa.ArrowException:  # its message quotes the row
            self._refuse("cannot be parsed", "rows of less than 64 MiB", "a longer row", "export the table again")

    def _decoded(self, content: bytes) -> str:
        try:
            text = content.decode(self.encoding).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            self._refuse("cannot be decoded", f"text in {self.encoding}", f"other bytes on line {line}", _FIX_ENCODING)
        if not text.strip():
            self._refuse("is empty", "a header and rows", f"{len(content)} bytes", "provide a file with content")
        if "\0" in text:
            self._refuse("is not text", f"text in {self.encoding}", "zero bytes", _FIX_ENCODING)
        return text

    def _records(self, utf8: bytes) -> Iterator[list[str]]:
        row = 0
        try:
            for fields in csv.reader(_lines(utf8), delimiter=self.separator, strict=True):
                if fields:
                    yield fields
                    row += 1
        except csv.Error:
            got = f"in row {row} a quote that is not closed, or a field that is too long"
            self._refuse(
                "cannot be parsed", "quotes in pairs around a field", got, "fix the row or export the table again"
            )

    def _require_separator(self, utf8: bytes, header: Sequence[str]) -> None:
        line = next((line for line in _lines(utf8) if line.strip()), "")
        widths = {mark: len(next(csv.reader([line[:SAMPLE]], delimiter=mark))) for mark in SEPARATORS}
        better = max(widths, key=widths.__getitem__)
        if widths[better] > len(header):
            expected, mark = f"fields between {_yaml(self.separator)}", _yaml(better)
            got = f"{_fields(len(header))}; {mark} would make {widths[better]}"
            self._refuse("has another separator", expected, got, f"separator: {mark} in its catalog entry")
        if len(header) == 1:
            got, fix = f"no {_yaml(self.separator)} in the header", "set 'separator' in its catalog entry"
            self._refuse("has one column", "several columns", got, fix)
        if sum(map(bool, map(_NUMBER.fullmatch, header))) > len(header) / 2:
            self._refuse("has no header", "names in the first line", "mostly numbers", "add a line with the names")

    def _require_equal_rows(self, utf8: bytes, width: int) -> None:
        rows = enumerate(self._records(utf8))
        wrong = (f"row {row} has {len(fields)}" for row, fields in rows if len(fields) != width)
        if first := list(islice(wrong, _LISTED)):
            got = list_names(first, _LISTED, count=len(first) + sum(1 for _ in wrong))
            fix = "fix these rows: a value that contains the separator must be in quotes"
            self._refuse(
                "has rows that are longer or shorter than its header", f"{_fields(width)} in every row", got, fix
            )

    def _refuse(self, what: str, expected: str, got: str, fix: str) -> NoReturn:
        refuse(self.source, what, expected, got, fix)


def require_names(source: str, names: Sequence[str]) -> None:
    """Check that every column has a name that no other column has.

    Raises
    ------
    DataError
        It lists the columns without a name, or the repeated names.
    """
    if unnamed := [str(place) for place, name in enumerate(names, 1) if not name.strip()]:
        got = f"no name for field {list_names(unnamed, _LISTED)}"
        refuse(source, "has a column without a name", "a name for every column", got, "name or remove it")
    if repeated := [name for name, count in Counter(names).items() if count > 1]:
        got = f"more than once {list_names([repr(name[:_NAME_LENGTH]) for name in repeated], _LISTED)}"
        refuse(source, "has duplicated columns", "every name once", got, "rename or remove the copies")


def refuse(source: str, what: str, expected: str, got: str, fix: str) -> NoReturn:
    """Raise the error of a raw table.

    Parameters
    ----------
    source
        Name of the table, without secrets.
    what
        What is wrong, as the rest of a sentence about the table.
    expected, got, fix
        As ``DataError`` takes them.

    Raises
    ------
    DataError
        Always, without a cause, because the errors of parsers quote cells.
    """
    raise DataError(f"The raw table '{source}' {what}.", expected=expected, got=got, fix=fix) from None


def _yaml(mark: str) -> str:
    return json.dumps(mark)  # YAML reads it back, even a tab


def _lines(utf8: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(utf8), encoding="utf-8", newline="")


def _all_text(utf8: bytes, header: Sequence[str], separator: str) -> pd.DataFrame:
    table = pyarrow.csv.read_csv(
        pa.BufferReader(utf8),
        read_options=pyarrow.csv.ReadOptions(block_size=_BLOCK_BYTES),
        parse_options=pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()), null_values=[""], strings_can_be_null=True
        ),
    )
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count:,} fields"
