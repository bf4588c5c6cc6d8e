"""What a raw cell holds: a text becomes a number only where nothing has to be guessed."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
DecimalMark = Literal[".", ","]

EXACT_FLOAT = 2.0**53  # below, every whole number has its own float
INT64_END = 2.0**63
_NUMBER = r"^[+-]?([0-9]+(MARK[0-9]*)?|MARK[0-9]+)([eE][+-]?[0-9]+)?$"
_INFINITY = r"^[+-]?inf(inity)?$"


@dataclass(frozen=True, eq=False)
class Numbers:
    """One column read as numbers, each array of shape (rows,).

    ``parsed`` is NaN where the cell is ``missing`` or ``unreadable``, and infinite where it is ``infinite``. The three
    masks exclude each other.
    """

    parsed: Floats
    missing: Mask
    unreadable: Mask
    infinite: Mask


def read_numbers(column: pd.Series, decimal: DecimalMark = ".") -> Numbers:
    """Read a column as numbers.

    Parameters
    ----------
    column
        Shape (rows,): texts, or numbers already. Missing: an empty cell, NaN, ``None``.
    decimal
        The decimal mark of texts. The other mark makes a cell unreadable: in some countries ``1.234`` is a thousand.

    Returns
    -------
    Numbers
        Spaces around a number are allowed. Hexadecimal digits, underscores, ``True``, ``NA`` and ``nan`` are not
        numbers; ``inf`` and ``1e400`` are infinite.

    Examples
    --------
    >>> cells = read_numbers(pd.Series(["3", " 4.5", "0x10", "inf", None]))
    >>> cells.parsed.tolist()
    [3.0, 4.5, nan, inf, nan]
    >>> cells.unreadable.tolist()
    [False, False, True, False, False]
    """
    return _from_numbers(column) if holds_numbers(column) else _from_text(read_text(column), decimal)


def holds_numbers(column: pd.Series) -> bool:
    """Return whether a column already holds numbers, not texts to be read. Booleans are not numbers."""
    return column.dtype.kind in "iuf"


def read_text(column: pd.Series) -> pd.Series:
    """Read a column as texts of dtype ``str``; the empty text is missing, every other text is kept as it is.

    >>> read_text(pd.Series(["NA", "", " a", None], dtype="str")).tolist()
    ['NA', nan, ' a', nan]
    """
    text = column.astype("str")
    return text.mask(text == "")


def read_dates(column: pd.Series, written: str | None = None) -> pd.Series:
    """Read a column as moments without a time zone; a moment with a time zone is converted to UTC.

    Parameters
    ----------
    column
        Shape (rows,): texts, or moments already.
    written
        Format of a date, as for ``strptime``; by default ISO 8601, with or without a time.

    Returns
    -------
    pandas.Series
        Shape (rows,), dtype ``datetime64[us]``; missing where the cell is empty or is not such a date.

    Examples
    --------
    >>> read_dates(pd.Series(["31/12/2024", "2024-12-31"]), "%d/%m/%Y").astype("str").tolist()
    ['2024-12-31', nan]
    """
    cells = column if column.dtype.kind == "M" else read_text(column)
    moments = pd.to_datetime(cells, format=written or "ISO8601", errors="coerce", utc=True)
    return moments.dt.tz_convert(None).astype("datetime64[us]")


def whole_numbers(column: pd.Series, values: Floats, decimal: DecimalMark = ".") -> Integers:
    """Give whole numbers without losing digits: a float keeps only the first sixteen digits of an identifier.

    Parameters
    ----------
    column
        Shape (rows,): the cells that ``values`` were read from.
    values
        Shape (rows,): finite, whole, with an absolute value below 2^63.
    decimal
        The decimal mark of texts.

    Returns
    -------
    numpy.ndarray
        Shape (rows,), int64.

    Examples
    --------
    >>> cells = pd.Series(["9007199254740993"])
    >>> whole_numbers(cells, read_numbers(cells).parsed).tolist()
    [9007199254740993]
    """
    if column.dtype.kind in "iu":
        return column.to_numpy(np.int64)
    whole = values.astype(np.int64)
    large = np.abs(values) >= EXACT_FLOAT
    if large.any() and not holds_numbers(column):
        whole[large] = [int(Decimal(cell.replace(decimal, "."))) for cell in read_text(column)[large]]
    return whole


def _from_numbers(column: pd.Series) -> Numbers:
    values = column.to_numpy(np.float64, na_value=np.nan)
    missing = np.isnan(values)
    return Numbers(values, missing, np.zeros_like(missing), np.isinf(values))


def _from_text(column: pd.Series, decimal: DecimalMark) -> Numbers:
    cells = pc.utf8_trim(pa.array(column, type=pa.large_string()), " ")
    missing = column.isna().to_numpy(np.bool_)
    parsed = _cast(cells, pc.match_substring_regex(cells, _NUMBER.replace("MARK", f"[{decimal}]")), decimal)
    odd = ~missing & np.isnan(parsed)
    infinite = np.isinf(parsed)  # `1e400` is spelled as a number but its value is infinite
    infinite[odd] = pc.match_substring_regex(cells.filter(pa.array(odd)), _INFINITY, ignore_case=True)
    return Numbers(np.where(infinite, np.inf, parsed), missing, odd & ~infinite, infinite)


def _cast(cells: pa.LargeStringArray, numeric: pa.BooleanArray, decimal: DecimalMark) -> Floats:
    numbers = pc.replace_substring(pc.if_else(numeric, cells, None), decimal, ".")
    parsed: Floats = np.array(pc.cast(numbers, pa.float64()).to_numpy(zero_copy_only=False))
    return parsed


def source_of(frame: pd.DataFrame) -> str:
    """Name the file that a table was read from, so that a person can fix it."""
    return str(frame.attrs.get("source", "the raw table"))
