"""What a column contains: the facts from which its role is proposed."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from credit_pipeline.modelling.contract.raw_cells import DecimalMark, Floats, holds_numbers, read_numbers, read_text
from credit_pipeline.proposal.columns.date_formats import ISO, find_date_formats
from credit_pipeline.proposal.columns.word_lists import UNKNOWN

_READABLE = 0.99
_SOME, _MOST, _FEW = 0.05, 0.5, 10
_GROUPED = r"[+-]?[0-9]{1,3}([,. '][0-9]{3})+([.,][0-9]+)?"
_CODE_WITH_ZEROS = r"0[0-9]+"
_IDENTIFIER = r"0|[1-9][0-9]{0,17}"
_FIRST_DAY, _LAST_DAY = 19_000_101, 20_991_231


@dataclass(frozen=True, eq=False)
class Profile:
    """One column of a raw table.

    Attributes
    ----------
    name
        As spelt in the header.
    cells
        Shape (rows,), unchanged.
    numbers
        Shape (rows,), NaN where a cell is empty or not a finite number; None for a column of texts.
    unreadable
        Number of filled cells that are not numbers. Above 1 %, the column counts as texts.
    marks
        Texts among them that mean "unknown", such as NA.
    """

    name: str
    cells: pd.Series = field(repr=False)
    numbers: Floats | None = field(repr=False)
    unreadable: int = 0
    marks: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Number of cells."""
        return len(self.cells)

    @cached_property
    def filled(self) -> int:
        """Number of cells that are not empty."""
        return self.rows - int((self.cells.isna() | (self.cells.astype("str") == "")).sum())

    @property
    def missing_share(self) -> float:
        """Share of empty cells, 0 to 1."""
        return 1 - self.filled / self.rows

    @cached_property
    def finite(self) -> Floats:
        """The finite numbers of the column, without missing cells."""
        values = np.empty(0) if self.numbers is None else self.numbers
        return values[np.isfinite(values)]

    @cached_property
    def counts(self) -> "pd.Series[int]":
        """Number of rows of each distinct number or text, in ascending order of the value."""
        found = pd.Series(self.finite) if self.numbers is not None else read_text(self.cells).dropna()
        return found.value_counts().sort_index()

    @property
    def distinct(self) -> int:
        """Number of distinct values."""
        return len(self.counts)

    @cached_property
    def is_whole(self) -> bool:
        """Whether every number is written as a whole number."""
        if self.numbers is None or self.cells.dtype.kind == "f":
            return False
        return bool((np.floor(self.finite) == self.finite).all() and (np.abs(self.finite) < 2.0**53).all())

    @cached_property
    def is_plain_identifier(self) -> bool:
        """Whether the cells are whole numbers without leading zeros that fit an integer."""
        return bool(read_text(self.cells).dropna().str.fullmatch(_IDENTIFIER).all())

    @cached_property
    def has_grouped_digits(self) -> bool:
        """Whether the cells are numbers such as 1,234.50, with digits in groups of three."""
        return self.numbers is None and bool(read_text(self.cells).dropna().str.fullmatch(_GROUPED).mean() > _MOST)

    @cached_property
    def date_formats(self) -> tuple[str, ...]:
        """Formats that read all cells as dates, if any; several if day and month cannot be distinguished."""
        if self.cells.dtype.kind == "M":
            return (ISO,)
        if holds_numbers(self.cells) or (self.numbers is not None and not self._may_be_days):
            return ()
        return find_date_formats(read_text(self.cells).dropna().unique().tolist())

    @property
    def _may_be_days(self) -> bool:
        """Eight digits such as 20241231, in the years 1900 to 2099."""
        return self.distinct > 1 and bool(((self.finite >= _FIRST_DAY) & (self.finite <= _LAST_DAY)).all())


def profile(cells: pd.Series, name: str, decimal: DecimalMark = ".") -> Profile:
    """Collect the facts about a column.

    Parameters
    ----------
    cells
        Shape (rows,): texts as read from a file, or typed values.
    name
        As spelt in the header.
    decimal
        The decimal mark of texts.

    Examples
    --------
    >>> age = profile(pd.Series(["30", "", "41"]), "age")
    >>> age.is_whole, age.filled, age.counts.index.tolist()
    (True, 2, [30.0, 41.0])
    """
    if cells.dtype.kind in "bM":
        return Profile(name, cells, None)
    numbers = read_numbers(cells, decimal)
    filled, unreadable = int((~numbers.missing).sum()), int(numbers.unreadable.sum())
    if filled and (filled - unreadable) / filled >= _READABLE and not _has_codes_with_zeros(cells):
        return Profile(name, cells, np.where(numbers.infinite, np.nan, numbers.parsed), unreadable)
    some = filled - unreadable > filled * _SOME and len(np.unique(numbers.parsed[np.isfinite(numbers.parsed)])) > _FEW
    marks = _marks(cells[numbers.unreadable]) if some else ()
    return Profile(name, cells, None, unreadable, marks)


def _has_codes_with_zeros(cells: pd.Series) -> bool:
    return not holds_numbers(cells) and bool(read_text(cells).dropna().str.fullmatch(_CODE_WITH_ZEROS).any())


def _marks(unreadable: pd.Series) -> tuple[str, ...]:
    """List the texts that mean "unknown"; empty if a cell holds any other text."""
    found = read_text(unreadable).str.strip().unique().tolist()
    return tuple(sorted(found)) if all(text.casefold() in UNKNOWN for text in found) else ()
