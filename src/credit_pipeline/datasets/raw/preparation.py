"""The step between a raw table and the table of applications: a function that a catalog entry names."""

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
        Under which faults are told.
    function
        Dotted path; ``None`` gives the table back.
    settings
        The function's further arguments, by name.

    Raises
    ------
    DataError
        It gives no table, or one without rows.
    """
    if function is None:
        return frame
    made = cast("Callable[..., pd.DataFrame]", dotted_path.load(function))(frame, **settings)
    if not isinstance(made, pd.DataFrame) or made.empty:
        fix = f"the function {function}, named in 'prepare' of its catalog entry"
        refuse(source, "cannot be prepared", "a table with rows", f"{type(made).__name__} without any", fix)
    return made
