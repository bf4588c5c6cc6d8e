"""The rules that a single cell must keep, column by column."""

from collections.abc import Iterable
from typing import Literal, get_args

import numpy as np
import pandas as pd

from credit_pipeline.modelling.contract.raw_cells import (
    INT64_END,
    DecimalMark,
    Floats,
    Mask,
    Numbers,
    read_dates,
    read_numbers,
    read_text,
    whole_numbers,
)
from credit_pipeline.spec import Code, ColumnSpec, DataSpec

Rule = Literal[
    "missing_identifier",
    "missing_target",
    "missing_value",
    "not_a_number",
    "infinite",
    "not_an_integer",
    "not_a_date",
    "out_of_range",
    "undefined_category",
    "undefined_target",
    "duplicate_identifier",
]
Broken = dict[Rule, Mask]
RULES: tuple[Rule, ...] = get_args(Rule)
DTYPES = {"integer": "int64", "number": "float64", "text": "str", "date": "datetime64[us]"}


def columns_of(spec: DataSpec, *, target: bool) -> dict[str, ColumnSpec]:
    """Give the contract's columns, without the target where outcomes are not known yet."""
    return {name: column for name, column in spec.columns.items() if target or column.role != "target"}


def raw_columns(spec: DataSpec, *, target: bool) -> dict[str, ColumnSpec]:
    """Give the columns that the raw table must have. A target that a function builds is not among them."""
    return columns_of(spec, target=target and spec.target_function is None)


def may_be_missing(column: ColumnSpec) -> bool:
    """Return whether a cell may be empty. Identifier, group and target are always required."""
    return bool(column.missing) and column.role not in ("identifier", "group", "target")


def empty_missing_codes(cells: pd.Series, column: ColumnSpec) -> pd.Series:
    """Empty the cells whose text means missing according to the contract.

    >>> empty_missing_codes(pd.Series(["30", "?"]), ColumnSpec(role="numeric", missing=["?"])).tolist()
    ['30', nan]
    """
    if isinstance(column.missing, bool) or cells.dtype.kind in "iufM":
        return cells
    text = read_text(cells)
    return text.mask(text.str.strip().isin(column.missing))


def dtype_of(column: ColumnSpec) -> str:
    """Give the dtype of the accepted cells.

    An integer column that may have missing cells is always float64, so that all parts of a table have the same dtype.

    >>> dtype_of(ColumnSpec(role="numeric", type="integer")), dtype_of(ColumnSpec(role="numeric", missing=True))
    ('int64', 'float64')
    """
    return "float64" if column.type == "integer" and may_be_missing(column) else DTYPES[column.type]


def broken_rules(cells: pd.Series, column: ColumnSpec, decimal: DecimalMark = ".") -> Broken:
    """Find the cells that break a rule.

    Parameters
    ----------
    cells
        Shape (rows,): texts as read from a file, or typed values.
    column
        What the contract says about the column.
    decimal
        The decimal mark of texts.

    Returns
    -------
    dict
        A mask of shape (rows,) for each rule that applies to this kind of column. A cell breaks at most one rule.

    Examples
    --------
    >>> age = ColumnSpec(role="numeric", type="integer", range=(18, 100))
    >>> broken = broken_rules(pd.Series(["23", "17", "4o", "30.5", ""]), age)
    >>> {rule: mask.nonzero()[0].tolist() for rule, mask in broken.items() if mask.any()}
    {'missing_value': [4], 'not_a_number': [2], 'not_an_integer': [3], 'out_of_range': [1]}
    """
    cells = empty_missing_codes(cells, column)
    missing, broken = _value_rules(cells, column, decimal)
    if column.role == "target":
        return {"missing_target": missing, **_target_rules(broken, column)}
    if column.role == "identifier":
        sound = ~(missing | union(broken.values(), len(cells)))
        return {
            "missing_identifier": missing,
            **broken,
            "duplicate_identifier": _repeated(cells, sound, column, decimal),
        }
    return broken if column.missing else {"missing_value": missing, **broken}


def cast_cells(cells: pd.Series, column: ColumnSpec, decimal: DecimalMark = ".") -> pd.Series:
    """Cast cells to their declared type; the index stays.

    Parameters
    ----------
    cells
        Shape (rows,): texts as read from a file, or typed values. No cell breaks a rule.
    column
        What the contract says about the column.
    decimal
        The decimal mark of texts.

    Returns
    -------
    pandas.Series
        Shape (rows,), of the dtype that ``dtype_of`` names; missing is NaN.
    """
    cells = empty_missing_codes(cells, column)
    if column.type == "text":
        return read_text(cells)
    if column.type == "date":
        return read_dates(cells, column.format)
    values = read_numbers(cells, decimal).parsed
    whole = dtype_of(column) == "int64"
    return pd.Series(whole_numbers(cells, values, decimal) if whole else values, index=cells.index, name=cells.name)


def union(masks: Iterable[Mask], rows: int) -> Mask:
    """Mark the rows that at least one mask marks.

    >>> union([np.array([True, False, False]), np.array([False, False, True])], 3).tolist()
    [True, False, True]
    """
    marked = np.zeros(rows, dtype=np.bool_)
    for mask in masks:
        marked = marked | mask
    return marked


def _value_rules(cells: pd.Series, column: ColumnSpec, decimal: DecimalMark) -> tuple[Mask, Broken]:
    if column.type == "text":
        text = read_text(cells)
        missing = text.isna().to_numpy(np.bool_)
        return missing, _text_rules(text, missing, column)
    if column.type == "date":
        empty = _empty(cells)
        return empty, {"not_a_date": ~empty & read_dates(cells, column.format).isna().to_numpy(np.bool_)}
    numbers = read_numbers(cells, decimal)
    return numbers.missing, _number_rules(numbers, column)


def _empty(cells: pd.Series) -> Mask:
    return np.asarray(cells.isna() if cells.dtype.kind == "M" else read_text(cells).isna(), dtype=np.bool_)


def _text_rules(text: pd.Series, missing: Mask, column: ColumnSpec) -> Broken:
    if column.categories is None:
        return {}
    known = [str(code) for code in (*column.categories, *column.special_codes)]
    return {"undefined_category": ~missing & ~text.isin(known).to_numpy(np.bool_)}


def _number_rules(numbers: Numbers, column: ColumnSpec) -> Broken:
    values = numbers.parsed
    finite = np.isfinite(values)
    fractional = finite & (np.floor(values) != values) & (column.type == "integer")
    judged = finite & ~fractional & ~_among(values, column.special_codes)
    outside = judged & _outside(values, column)
    broken: Broken = {"not_a_number": numbers.unreadable, "infinite": numbers.infinite}
    if column.type == "integer":
        broken["not_an_integer"] = fractional
    broken["out_of_range"] = outside
    if column.categories is not None:
        broken["undefined_category"] = judged & ~outside & ~_among(values, column.categories)
    return broken


def _outside(values: Floats, column: ColumnSpec) -> Mask:
    lower, upper = column.range or (None, None)
    outside = (values < (-np.inf if lower is None else lower)) | (values > (np.inf if upper is None else upper))
    return outside | (np.abs(values) >= INT64_END) if column.type == "integer" else outside


def _among(values: Floats, codes: Iterable[Code]) -> Mask:
    return np.isin(values, [float(code) for code in codes])


def _target_rules(broken: Broken, column: ColumnSpec) -> Broken:
    if column.categories is None or not broken:
        return broken
    return {"undefined_target": union(broken.values(), len(next(iter(broken.values()))))}


def _repeated(cells: pd.Series, sound: Mask, column: ColumnSpec, decimal: DecimalMark) -> Mask:
    repeated = np.zeros_like(sound)
    repeated[sound] = cast_cells(cells[sound], column, decimal).duplicated().to_numpy()
    return repeated
