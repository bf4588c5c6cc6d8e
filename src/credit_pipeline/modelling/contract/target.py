"""The target, where it is not in the raw table: a custom function builds it from the other columns."""

from collections.abc import Callable
from typing import cast

import numpy as np
import pandas as pd

from credit_pipeline.core import dotted_path
from credit_pipeline.errors import DataError
from credit_pipeline.modelling.contract.cell_rules import broken_rules, cast_cells, union
from credit_pipeline.spec import DataSpec

TargetFunction = Callable[[pd.DataFrame], pd.Series]


def with_target(accepted: pd.DataFrame, spec: DataSpec) -> pd.DataFrame:
    """Add the target to an accepted table; the columns are in the contract's order.

    Parameters
    ----------
    accepted
        Typed rows, shape (rows, columns).
    spec
        The contract. If its target names a function, it is called with the table and returns one value per row.

    Raises
    ------
    DataError
        The function returns another number of rows, or values that break the contract of the target.
    """
    if spec.target_function is None:
        return accepted.copy(deep=False)
    build = cast("TargetFunction", dotted_path.load(spec.target_function))
    built = pd.Series(np.asarray(build(accepted)), index=accepted.index, name=spec.target)
    column = spec.columns[spec.target]
    wrong = int(union(broken_rules(built, column).values(), len(built)).sum())
    if wrong:
        raise DataError(
            f"{spec.target_function} builds a target that breaks its contract.",
            expected=f"for every row a value of '{spec.target}' as described in data.columns",
            got=f"{wrong:,} of {len(built):,} rows without such a value",
            fix="the function, or the target in conf/<environment>/parameters/data.yml",
        )
    whole = accepted.assign(**{spec.target: cast_cells(built, column)})[list(spec.columns)]
    whole.attrs = dict(accepted.attrs)
    return whole
