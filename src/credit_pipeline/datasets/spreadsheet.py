"""Tables that people open in a spreadsheet program."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from credit_pipeline.datasets.files import OwnedFile
from credit_pipeline.errors import StorageError

# Characters with which a formula begins in a spreadsheet; the last four are the wide forms of East Asian keyboards.
# The apostrophe is one of them, so that loading can take off the first apostrophe of every text.
_DANGEROUS = tuple("=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20")
_FIELD = re.compile(r'("[^"]*(?:""[^"]*)*"|[^",\n]*)([,\n])')
_ENCODING = "utf-8-sig"  # Excel reads a file as UTF-8 only with the mark at its beginning
Cells = Sequence[str]


class SpreadsheetTable(OwnedFile[pd.DataFrame, pd.DataFrame]):
    r"""A table as CSV in which no text runs as a formula.

    Texts are in quotes. A text that begins with ``=``, ``+``, ``-``, ``@``, a tab, a line end or an apostrophe gets an
    apostrophe before it, which loading removes. Numbers are written unchanged, negative numbers too. A missing value is
    an empty cell.

    Columns of numbers are loaded as 64-bit numbers (as floats if values are missing), columns without any value as
    floats, all others as texts. The index and ``attrs`` are not kept.

    References
    ----------
    OWASP, CSV injection, https://owasp.org/www-community/attacks/CSV_Injection
    """

    def _write(self, data: pd.DataFrame, path: Path) -> None:
        columns = [_cells(data.iloc[:, place]) for place in range(data.shape[1])]
        rows = [[_quoted(str(name)) for name in data.columns], *zip(*columns, strict=True)]
        path.write_text("".join(",".join(row) + "\n" for row in rows), encoding=_ENCODING, newline="")

    def _read(self, path: Path) -> pd.DataFrame:
        with path.open(encoding=_ENCODING, newline="") as file:
            header, *columns = _parsed(file.read(), path)
        return pd.DataFrame({_unquoted(name): _column(cells) for name, cells in zip(header, columns, strict=True)})


def _cells(column: "pd.Series[Any]") -> list[str]:
    if is_numeric_dtype(column) and not is_bool_dtype(column):
        return ["" if gap else repr(value) for value, gap in zip(column.tolist(), column.isna(), strict=True)]
    texts = column.astype("str").tolist()
    return ["" if gap else _quoted(text) for text, gap in zip(texts, column.isna(), strict=True)]


def _quoted(text: str) -> str:
    safe = f"'{text}" if text.startswith(_DANGEROUS) else text
    return '"' + safe.replace('"', '""') + '"'


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"').removeprefix("'")


def _parsed(text: str, path: Path) -> list[Cells]:
    """Return the header, then every column, with the cells as they are in the file."""
    found = _FIELD.findall(text)
    cells, ends = [cell for cell, _ in found], "".join(end for _, end in found)
    width = ends.find("\n") + 1
    whole = sum(map(len, cells)) + len(ends) == len(text)
    if not width or not whole or ends != (ends[:width]) * (len(ends) // width):
        raise StorageError(
            f"{path.name} was changed after it was written.",
            expected="the same number of cells in every row, texts in quotes",
            got="other content, perhaps saved by another program",
            fix="write it again, or load the table that it was made from",
        )
    return [cells[:width], *(cells[width + place :: width] for place in range(width))]


def _column(cells: Cells) -> "pd.Series[Any]":
    if any(cell.startswith('"') for cell in cells):
        return pd.Series([_unquoted(cell) if cell else None for cell in cells], dtype="str")
    whole = bool(cells) and all(cell.removeprefix("-").isdecimal() for cell in cells)
    return pd.Series([int(cell) for cell in cells] if whole else [float(cell or "nan") for cell in cells])
