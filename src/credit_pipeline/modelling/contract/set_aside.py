"""Rows that break a rule are set aside with the name of the rule; the others become a typed table."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from credit_pipeline.errors import DataError
from credit_pipeline.modelling.contract.cell_rules import RULES, Rule, broken_rules, cast_cells, raw_columns, union
from credit_pipeline.modelling.contract.raw_cells import DecimalMark, Mask, source_of
from credit_pipeline.spec import ColumnSpec, DataSpec

_ADDED = ("row", "rules")
_EXAMPLES = 5


@dataclass(frozen=True, eq=False)
class Quarantine:
    """The accepted and the quarantined rows of a raw table.

    ``accepted`` holds the contract's columns, typed, in the contract's order, with a new index and the raw table's
    ``attrs``. ``quarantined`` holds the other rows unchanged and two more columns: ``row``, the number of the row in
    the raw table from 1, and ``rules``, such as ``out_of_range(AGE);missing_value(SEX)``. If the table already has a
    column of that name, they are ``row_`` and ``rules_``. ``counts`` holds how many rows break each rule, in any
    column; rules that no row breaks are left out.
    """

    accepted: pd.DataFrame
    quarantined: pd.DataFrame
    counts: Mapping[str, int]

    @property
    def share(self) -> float:
        """Share of quarantined rows, 0 to 1."""
        return len(self.quarantined) / max(len(self.accepted) + len(self.quarantined), 1)


def quarantine(frame: pd.DataFrame, spec: DataSpec, *, target: bool = True, decimal: DecimalMark = ".") -> Quarantine:
    """Set aside the rows that break the contract and cast the others to their types.

    Parameters
    ----------
    frame
        Raw table that ``check_table`` passes, shape (rows, columns): texts as read from a file, or typed values.
    spec
        The contract.
    target
        Whether outcomes are known. If not, a target column may be absent and is dropped.
    decimal
        The decimal mark of texts.

    Returns
    -------
    Quarantine
        Every row of ``frame`` is in it once: accepted or quarantined.

    Raises
    ------
    KeyError
        A column of the contract is missing from the table.

    Examples
    --------
    >>> columns = {"age": {"role": "numeric", "type": "integer", "range": [18, 100]}, "default": {"role": "target"}}
    >>> contract = DataSpec.model_validate({"columns": columns})
    >>> table = pd.DataFrame({"age": ["30", "300", "4o"], "default": ["0", "1", "1"]})
    >>> sorted_out = quarantine(table, contract)
    >>> sorted_out.accepted["age"].tolist(), sorted_out.quarantined["rules"].tolist()
    ([30], ['out_of_range(age)', 'not_a_number(age)'])
    """
    columns = raw_columns(spec, target=target)
    broken = {
        (rule, name): mask
        for name, column in columns.items()
        for rule, mask in broken_rules(frame[name], column, decimal).items()
        if mask.any()
    }
    aside = union(broken.values(), len(frame))
    return Quarantine(_accepted(frame, ~aside, columns, decimal), _quarantined(frame, aside, broken), _counts(broken))


def _accepted(
    frame: pd.DataFrame, sound: Mask, columns: Mapping[str, ColumnSpec], decimal: DecimalMark
) -> pd.DataFrame:
    whole = sound.all()
    cells = {name: frame[name] if whole else frame[name][sound] for name in columns}
    read = {name: cast_cells(cells[name], column, decimal).array for name, column in columns.items()}
    accepted = pd.DataFrame(read, copy=False)  # avoid one more copy of a large table in memory
    accepted.attrs = dict(frame.attrs)
    return accepted


def _quarantined(frame: pd.DataFrame, aside: Mask, broken: Mapping[tuple[Rule, str], Mask]) -> pd.DataFrame:
    reasons = np.full(int(aside.sum()), "", dtype=object)
    for (rule, name), mask in broken.items():
        reasons[mask[aside]] += f";{rule}({name})"
    explained = pd.Series(reasons, dtype="str").str.removeprefix(";")
    row, rules = (_free(name, frame) for name in _ADDED)
    added = pd.DataFrame({row: np.flatnonzero(aside) + 1, rules: explained})
    return frame[aside].reset_index(drop=True).join(added)


def _free(name: str, frame: pd.DataFrame) -> str:
    return _free(f"{name}_", frame) if name in frame.columns else name


def _counts(broken: Mapping[tuple[Rule, str], Mask]) -> dict[str, int]:
    masks = {rule: [mask for (broken_rule, _), mask in broken.items() if broken_rule == rule] for rule in RULES}
    return {rule: int(union(found, len(found[0])).sum()) for rule, found in masks.items() if found}


def require_few_quarantined(quarantine: Quarantine, spec: DataSpec) -> None:
    """Refuse a table of which too many rows were set aside: the rest would be another population.

    Parameters
    ----------
    quarantine
        The accepted and the quarantined rows.
    spec
        Holds the largest share that may be quarantined.

    Raises
    ------
    DataError
        The share is larger, or no row is left.

    Examples
    --------
    >>> contract = DataSpec.model_validate({"columns": {"age": {"role": "numeric"}, "default": {"role": "target"}}})
    >>> table = pd.DataFrame({"age": ["30", "4o"], "default": ["0", "1"]})
    >>> require_few_quarantined(quarantine(table, contract), contract)
    Traceback (most recent call last):
        ...
    credit_pipeline.errors.DataError: 1 of 2 rows break the contract of the raw table.
      expected: at most 1 % (maximum_quarantined_share: 0.01) and at least one row left
      got:      50 %: not_a_number 1; the first: row 2 not_a_number(age)
      fix:      the raw table, or ranges and categories in conf/<environment>/parameters/data.yml
    """
    if quarantine.share <= spec.maximum_quarantined_share and len(quarantine.accepted):
        return
    limit, aside = spec.maximum_quarantined_share, len(quarantine.quarantined)
    raise DataError(
        f"{aside:,} of {aside + len(quarantine.accepted):,} rows break the contract of the raw table.",
        expected=f"at most {limit * 100:g} % (maximum_quarantined_share: {limit:g}) and at least one row left",
        got=f"{quarantine.share * 100:.4g} %: {_summary(quarantine)}",
        fix=f"{source_of(quarantine.accepted)}, or ranges and categories in conf/<environment>/parameters/data.yml",
    )


def _summary(quarantine: Quarantine) -> str:
    counts = ", ".join(f"{rule} {count:,}" for rule, count in quarantine.counts.items())
    first = quarantine.quarantined.iloc[:_EXAMPLES, -len(_ADDED) :].itertuples(index=False)
    return f"{counts}; the first: {', '.join(f'row {row} {rules}' for row, rules in first)}"
