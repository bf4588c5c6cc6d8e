"""A synthetic loan book of any length: the rows do not depend on their number or on the size of the chunks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from credit_pipeline.use_cases.loan_characteristics import (
    Column,
    draw_loadings,
    further_characteristics,
    named_characteristics,
)
from credit_pipeline.use_cases.loan_population import Applicants, DefaultOdds, draw_applicants

BLOCK = 10_000
IDENTIFIER, BORROWER, DATE, TARGET = "application_id", "borrower_id", "application_date", "defaulted"
FEWEST_COLUMNS = 21

_NEW_BORROWERS = 0.6  # of all loans: the rest are further ones
_DAYS_A_YEAR = 365.25
_ODDS, _LOADINGS, _BLOCKS = 0, 1, 2


@dataclass(frozen=True)
class LoanBook:
    """Loan applications of people who do not exist, and whether they defaulted. All of it is synthetic.

    As in scikit-learn's ``make_classification``, a few latent factors decide on the default; they show only in
    informative, redundant and useless columns. Unlike there, the coefficients are drawn once from the seed, separately
    from the rows: two tables of one book are samples of one population, and a model of one can score the other.

    Parameters
    ----------
    columns
        Columns of the table, 21 or more: identifier, borrower, date, 17 or more characteristics, outcome. A book with
        more columns contains those of a smaller book, with the same values.
    default_rate
        Expected share of defaults over the whole book, above 0 and below 1.
    seed
        0 or more. The coefficients and every row follow from it.
    first
        First month, as ``2018-01``.
    months
        Number of months, 1 or more. Applications are spread evenly over their days.

    Raises
    ------
    ValueError
        A parameter is outside its range.

    Notes
    -----
    Slow drift: debt, by 0.1 standard deviations a year, and with it ``debt_to_income``, ``utilisation``,
    ``bureau_score``, some further characteristics and the default rate; ``income``, by 2.5 % a year; ``channel``, of
    which 6 % more a year are online; ``age`` slightly, because borrowers who return are older. The odds of default for
    given factors do not change.

    Four in ten loans are a further loan of the borrower in the row before: a borrower has 1.67 loans on average. No
    column contains all causes of default, so a model looks too good if a split has loans of one borrower on both
    sides.

    Rows are made in blocks of 10,000, each only from the seed and the number of the block. So the rows do not depend on
    the size of the chunks; chunks that are multiples of a block are the fastest.

    Examples
    --------
    >>> book = LoanBook(columns=21, seed=1)
    >>> book.table(3)[["borrower_id", "application_date", "age", "term_months", "defaulted"]]
       borrower_id application_date  age  term_months  defaulted
    0            0       2018-11-11   38           36          0
    1            1       2023-10-10   34           48          0
    2            1       2019-10-17   30           36          0
    """

    columns: int = 40
    default_rate: float = 0.08
    seed: int = 42
    first: str = "2018-01"
    months: int = 72

    def __post_init__(self) -> None:
        """Check the range of each parameter."""
        if self.columns < FEWEST_COLUMNS:
            raise ValueError(f"columns: expected {FEWEST_COLUMNS} or more, got {self.columns}")
        if not 0 < self.default_rate < 1:
            raise ValueError(f"default_rate: expected a number between 0 and 1, got {self.default_rate:g}")
        if self.seed < 0:
            raise ValueError(f"seed: expected 0 or more, got {self.seed}")
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", self.first):
            raise ValueError(f"first: expected a month such as 2018-01, got '{self.first}'")
        if self.months < 1:
            raise ValueError(f"months: expected 1 or more, got {self.months}")

    def chunk(self, number: int, rows: int) -> pd.DataFrame:
        """Return rows ``number * rows`` up to, not including, ``(number + 1) * rows`` of the book.

        Parameters
        ----------
        number
            0 or more.
        rows
            Rows in each chunk, 1 or more.

        Returns
        -------
        pandas.DataFrame
            Shape (rows, columns), indexed by the number of the row in the book.

        Raises
        ------
        ValueError
            The number is below 0, or fewer than 1 row is asked for.
        """
        if number < 0 or rows < 1:
            raise ValueError(
                f"expected a chunk with a number of 0 or more and 1 row or more, got number={number}, rows={rows}"
            )
        return self._rows(number * rows, (number + 1) * rows)

    def chunks(self, rows: int, chunk_rows: int = 100_000) -> Iterator[pd.DataFrame]:
        """Yield the first rows of the book in chunks; only one chunk is in memory.

        Parameters
        ----------
        rows
            Total number of rows.
        chunk_rows
            Rows in each chunk, 1 or more; the last chunk may be shorter.

        Yields
        ------
        pandas.DataFrame
            Shape (chunk_rows, columns), as ``chunk``.

        Raises
        ------
        ValueError
            Fewer than 1 row is asked for.
        """
        if min(rows, chunk_rows) < 1:
            raise ValueError(f"expected 1 row or more, got rows={rows}, chunk_rows={chunk_rows}")
        for start in range(0, rows, chunk_rows):
            yield self._rows(start, min(rows, start + chunk_rows))

    def table(self, rows: int, chunk_rows: int = 100_000) -> pd.DataFrame:
        """Return the first rows of the book.

        Parameters
        ----------
        rows
            1 or more.
        chunk_rows
            Number of rows that are made at a time; it does not change any value.

        Returns
        -------
        pandas.DataFrame
            Shape (rows, columns): ``application_id`` and ``borrower_id`` (int64), ``application_date`` (a day), the
            characteristics, and ``defaulted`` (1 = default, 0 = paid), never missing. Rows are not ordered by time.
        """
        return pd.concat(list(self.chunks(rows, chunk_rows)))

    def _rows(self, start: int, stop: int) -> pd.DataFrame:
        first, last = start // BLOCK, -(-stop // BLOCK)
        blocks = pd.concat([self._block(number) for number in range(first, last)], ignore_index=True)
        rows = blocks.iloc[start - first * BLOCK : stop - first * BLOCK]
        return rows.set_axis(pd.RangeIndex(start, stop))

    def _block(self, number: int) -> pd.DataFrame:
        generator = self._generator(_BLOCKS, number)
        first_loan = _first_loans(generator)
        days = generator.integers(self._days, size=BLOCK)
        applicants = draw_applicants(days / _DAYS_A_YEAR, first_loan, generator)
        probability = self._odds.probability_of_default(applicants)
        outcome = (generator.random(BLOCK) < probability).astype(np.int64)
        keys = {
            IDENTIFIER: number * BLOCK + np.arange(BLOCK),
            BORROWER: number * BLOCK + first_loan,
            DATE: np.datetime64(self.first, "us") + days.astype("timedelta64[D]"),
        }
        return pd.DataFrame({**keys, **self._characteristics(applicants, generator), TARGET: outcome})

    def _characteristics(self, applicants: Applicants, generator: np.random.Generator) -> dict[str, Column]:
        named = named_characteristics(applicants, generator)
        return {**named, **further_characteristics(applicants, self._loadings, generator)}

    @cached_property
    def _days(self) -> int:
        first = pd.Timestamp(self.first)
        return (first + pd.DateOffset(months=self.months) - first).days

    @cached_property
    def _odds(self) -> DefaultOdds:
        return DefaultOdds.draw(self.default_rate, self._days / _DAYS_A_YEAR, self._generator(_ODDS))

    @cached_property
    def _loadings(self) -> NDArray[np.float64]:
        return draw_loadings(self.columns - FEWEST_COLUMNS, self._generator(_LOADINGS))

    def _generator(self, *purpose: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=purpose))


def _first_loans(generator: np.random.Generator) -> NDArray[np.intp]:
    """Return the position of the borrower's first loan, shape (rows,); the loans of a borrower are consecutive."""
    positions = np.arange(BLOCK)
    new = generator.random(BLOCK) < _NEW_BORROWERS
    return np.maximum.accumulate(np.where(new, positions, 0))
