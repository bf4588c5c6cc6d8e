"""The contract of a table: what must hold before rows are checked, and the schema of the accepted table."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

from credit_pipeline.core import find_closest_name, list_names
from credit_pipeline.errors import DataError
from credit_pipeline.modelling.contract.cell_rules import (
    Rule,
    broken_rules,
    cast_cells,
    columns_of,
    dtype_of,
    empty_missing_codes,
    may_be_missing,
    raw_columns,
    union,
)
from credit_pipeline.modelling.contract.raw_cells import DecimalMark, read_dates, read_numbers, source_of
from credit_pipeline.spec import ColumnSpec, DataSpec

_LISTED = 10
_NAME_LENGTH = 60
_CLASSES = 2


class _Fault(NamedTuple):
    got: str
    expected: str


def check_table(frame: pd.DataFrame, spec: DataSpec, *, target: bool = True, decimal: DecimalMark = ".") -> None:
    """Refuse a table with faults that quarantining rows cannot fix; report all of them at once.

    Parameters
    ----------
    frame
        Raw table, shape (rows, columns): texts as read from a file, or typed values.
    spec
        The contract.
    target
        Whether outcomes are known. If not, a target column may be absent and is not looked at.
    decimal
        The decimal mark of texts.

    Raises
    ------
    DataError
        Columns are missing, unknown or duplicated; there is no target column; there is no row; a whole column is empty
        or of another type; the target holds one class only. The message names columns, but never shows values of cells.

    Examples
    --------
    >>> contract = DataSpec.model_validate({"columns": {"age": {"role": "numeric"}, "default": {"role": "target"}}})
    >>> check_table(pd.DataFrame({"Age": ["30", "40"], "default": ["0", "0"]}), contract)
    Traceback (most recent call last):
        ...
    credit_pipeline.errors.DataError: The table breaks its contract: 3 faults.
      expected: every column of the contract; no other column; both classes in the target
      got:      missing column 'age'; unknown column 'Age' (nearest: 'age'); one class only in 'default'
      fix:      the raw table, or data.columns in conf/<environment>/parameters/data.yml
    """
    columns = raw_columns(spec, target=target)
    faults = [*_header_faults(list(map(str, frame.columns)), columns, spec), *_content_faults(frame, columns, decimal)]
    if faults:
        raise DataError(
            f"The table breaks its contract: {_counted(len(faults))}.",
            expected="; ".join(dict.fromkeys(fault.expected for fault in faults)),
            got="; ".join(fault.got for fault in faults),
            fix=f"{source_of(frame)}, or data.columns in conf/<environment>/parameters/data.yml",
        )


def _header_faults(header: Sequence[str], columns: dict[str, ColumnSpec], spec: DataSpec) -> Iterator[_Fault]:
    missing = [name for name in columns if name not in header]
    if len(missing) == len(columns):
        # In a file without a header these "names" are the values of its first applicant: show none of them.
        yield _Fault(f"none of the {len(columns)} columns among {len(header)}", "a header with the contract's columns")
        return
    if spec.target in columns and spec.target in missing:
        yield _Fault(f"no target column '{spec.target}'", "a target column")
    if others := [name for name in missing if name != spec.target]:
        yield _Fault(f"missing {_listed(others)}", "every column of the contract")
    if unknown := [name for name in dict.fromkeys(header) if name not in spec.columns]:
        yield _Fault(f"unknown {_listed(unknown, among=missing)}", "no other column")
    if repeated := [name for name in dict.fromkeys(header) if header.count(name) > 1]:
        yield _Fault(f"duplicated {_listed(repeated)}", "every name once")


def _listed(names: Sequence[str], among: Sequence[str] = ()) -> str:
    word = "column" if len(names) == 1 else "columns"
    first = [_quoted(name) + _nearest(name, among) for name in names[:_LISTED]]
    return f"{word} {list_names(first, _LISTED, count=len(names))}"


def _quoted(name: str) -> str:
    return f"'{name[:_NAME_LENGTH]}'"


def _nearest(name: str, among: Sequence[str]) -> str:
    close = find_closest_name(name, among)
    return f" (nearest: {_quoted(close)})" if close else ""


def _content_faults(frame: pd.DataFrame, columns: dict[str, ColumnSpec], decimal: DecimalMark) -> Iterator[_Fault]:
    if frame.empty:
        yield _Fault("no rows", "at least one row")
        return
    for name, column in columns.items():
        if (frame.columns == name).sum() == 1:
            yield from _column_faults(frame[name], name, column, decimal)


def _column_faults(cells: pd.Series, name: str, column: ColumnSpec, decimal: DecimalMark) -> Iterator[_Fault]:
    filled, readable = _filled_and_readable(empty_missing_codes(cells, column), column, decimal)
    if filled == 0 and not may_be_missing(column):
        yield _Fault(f"nothing in '{name}'", f"'{name}' filled")
    elif filled and not readable:
        yield _Fault(f"no cell of '{name}' is of type {column.type}", f"'{name}' of type {column.type}")
    elif column.role == "target" and (values := _value_count(cells, column, decimal)) < _CLASSES:
        yield _Fault(f"{('no class', 'one class only')[values]} in '{name}'", "both classes in the target")


def _filled_and_readable(cells: pd.Series, column: ColumnSpec, decimal: DecimalMark) -> tuple[int, int]:
    if column.type == "date":
        return int(cells.notna().sum()), int(read_dates(cells, column.format).notna().sum())
    if column.type == "text":
        filled = int(cells.notna().sum())
        # A float has lost what a text would show: leading zeros and all digits after the sixteenth.
        return filled, 0 if cells.dtype.kind == "f" else filled
    numbers = read_numbers(cells, decimal)
    return int((~numbers.missing).sum()), int((~numbers.missing & ~numbers.unreadable).sum())


def _value_count(cells: pd.Series, column: ColumnSpec, decimal: DecimalMark) -> int:
    sound = ~union(broken_rules(cells, column, decimal).values(), len(cells))
    return int(cast_cells(cells[sound], column, decimal).nunique())


def compile_schema(spec: DataSpec, *, target: bool = True) -> pa.DataFrameSchema:
    """Compile the contract of an accepted table to pandera.

    Parameters
    ----------
    spec
        The contract.
    target
        Whether the table holds the target column.

    Returns
    -------
    pandera.pandas.DataFrameSchema
        Strict: exactly the contract's columns, each of its dtype; every cell keeps every rule. A failed check names its
        rule and its column, never a value, so its message stays short even for a million faults.

    Examples
    --------
    >>> contract = DataSpec.model_validate({"columns": {"age": {"role": "numeric"}, "default": {"role": "target"}}})
    >>> schema = compile_schema(contract)
    >>> schema.validate(pd.DataFrame({"age": [30.0], "default": [1.0]})).shape
    (1, 2)
    """
    columns = {name: _compiled(name, column) for name, column in columns_of(spec, target=target).items()}
    return pa.DataFrameSchema(columns, strict=True, unique_column_names=True)


def _compiled(name: str, column: ColumnSpec) -> pa.Column:
    dtype = dtype_of(column)
    rules = broken_rules(pd.Series([], dtype=dtype), column)
    # `nullable=True` and no `unique=True`: pandera's checks of these list the rows, the contract's rules do not.
    return pa.Column(dtype, [_check(rule, name, column) for rule in rules], nullable=True)


def _check(rule: Rule, name: str, column: ColumnSpec) -> pa.Check:
    label = f"{rule}({name})"
    return pa.Check(partial(_keeps, rule=rule, column=column), name=label, error=label, ignore_na=False)


def _keeps(cells: pd.Series, *, rule: Rule, column: ColumnSpec) -> bool:
    return not broken_rules(cells, column)[rule].any()


def validate_accepted(frame: pd.DataFrame, spec: DataSpec, *, target: bool = True) -> pd.DataFrame:
    """Return an accepted table unchanged if it keeps its contract.

    Parameters
    ----------
    frame
        Typed rows, shape (rows, columns).
    spec
        The contract.
    target
        Whether the table holds the target column.

    Raises
    ------
    DataError
        The table breaks the contract. The message names the first rules and columns, and no values.

    Examples
    --------
    >>> contract = DataSpec.model_validate({"columns": {"age": {"role": "numeric"}, "default": {"role": "target"}}})
    >>> validate_accepted(pd.DataFrame({"age": ["30"], "default": [1.0]}), contract)
    Traceback (most recent call last):
        ...
    credit_pipeline.errors.DataError: An accepted table breaks its contract: 1 fault.
      expected: the columns of the contract, each once and typed, every rule kept
      got:      wrong_dtype('age' is str)
      fix:      run data_split again, and data.columns in conf/<environment>/parameters/data.yml
    """
    try:
        return compile_schema(spec, target=target).validate(frame, lazy=True)
    except SchemaErrors as errors:
        raise _schema_error(frame, errors.schema_errors) from None


def _schema_error(frame: pd.DataFrame, errors: Sequence[SchemaError]) -> DataError:
    first = [_schema_fault(frame, error) for error in errors[:_LISTED]]
    return DataError(
        f"An accepted table breaks its contract: {_counted(len(errors))}.",
        expected="the columns of the contract, each once and typed, every rule kept",
        got=list_names(first, _LISTED, count=len(errors), separator="; "),
        fix="run data_split again, and data.columns in conf/<environment>/parameters/data.yml",
    )


def _schema_fault(frame: pd.DataFrame, error: SchemaError) -> str:
    if error.reason_code is SchemaErrorReason.DATAFRAME_CHECK:
        return str(error.check.name)
    # Pandera's failure cases are column names here, but the cells themselves where the dtype is wrong.
    if error.reason_code is SchemaErrorReason.WRONG_DATATYPE:
        return f"wrong_dtype('{error.schema.name}' is {frame[error.schema.name].dtype})"
    return f"{error.reason_code.value}({error.failure_cases})"


def _counted(faults: int) -> str:
    return f"{faults} {'fault' if faults == 1 else 'faults'}"
