"""Preparation of a raw table, before its contract is checked: a function that the catalog entry names."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import pandas as pd

from credit_pipeline.core import dotted_path
from credit_pipeline.datasets.raw.delimited_text import refuse


def prepare_table(frame: pd.DataFrame, source: str, function: str | None, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Call the function on the table.

    Parameters
    ----------
    frame
        The raw table.
    source
        Name of the table in error messages.
    function
        Dotted path; with ``None`` the table is returned unchanged.
    settings
        The other arguments of the function, by name.

    Raises
    ------
    DataError
        The function does not return a table with rows and columns.
    """
    if function is None:
        return frame
    made = cast("Callable[..., pd.DataFrame]", dotted_path.load(function))(frame, **settings)
    if not isinstance(made, pd.DataFrame) or made.empty:
        fix = f"the function {function}, named in 'prepare' of its catalog entry"
        got = f"an object of type {type(made).__name__}"
        if isinstance(made, pd.DataFrame):
            got = f"a table with {len(made)} rows and {made.shape[1]} columns"
        refuse(source, "cannot be prepared", "a table with rows and columns", got, fix)
    return made
