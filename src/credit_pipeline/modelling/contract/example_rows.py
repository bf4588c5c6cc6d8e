"""Invented rows that keep a contract: for input examples, probes and signatures."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from credit_pipeline.spec import ColumnSpec, DataSpec

_OPEN_RANGE = 100_000.0


def example_applications(spec: DataSpec, *, rows: int = 5, seed: int = 0) -> pd.DataFrame:
    """Draw random applications that a contract allows. They do not describe real applicants.

    Numbers are drawn from their range; categories from all of their codes, including special codes.

    Parameters
    ----------
    spec
        The contract.
    rows
        Number of rows.
    seed
        Seed of the draw.

    Returns
    -------
    pandas.DataFrame
        The input columns, shape (rows, inputs): texts as text, all numbers as 64-bit floats.

    Examples
    --------
    >>> spec = DataSpec.model_validate({"columns": {"age": {"role": "numeric", "range": [18, 20]},
    ...                                             "default": {"role": "target"}}})
    >>> example_applications(spec, rows=3)["age"].between(18, 20).all()
    np.True_
    """
    generator = np.random.default_rng(seed)
    return pd.DataFrame({name: _draw(spec.columns[name], rows, generator) for name in spec.inputs})


def _draw(column: ColumnSpec, rows: int, generator: np.random.Generator) -> NDArray[np.float64] | list[str]:
    if column.categories:
        codes = [*column.categories, *column.special_codes]
        drawn = [codes[position] for position in generator.integers(len(codes), size=rows)]
        return [str(code) for code in drawn] if column.type == "text" else np.asarray(drawn, dtype=np.float64)
    if column.type == "text":
        return ["example"] * rows
    low, high = _bounds(column)
    values = generator.uniform(low, high, size=rows)
    rounded = np.round(values, 0 if column.type == "integer" else 2)
    within = (rounded >= low) & (rounded <= high)
    return np.where(within, rounded, np.ceil(low) if column.type == "integer" else values)


def _bounds(column: ColumnSpec) -> tuple[float, float]:
    """Give the range; an open side ends ``_OPEN_RANGE`` from the other side."""
    lower, upper = column.range or (None, None)
    if lower is None:
        return (0.0, _OPEN_RANGE) if upper is None else (0.0 if upper >= 0 else upper - _OPEN_RANGE, upper)
    return lower, lower + _OPEN_RANGE if upper is None else upper
