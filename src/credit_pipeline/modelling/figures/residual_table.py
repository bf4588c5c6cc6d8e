"""What a regressor misses, row by row and over the range of its answers."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Values = NDArray[np.float64]

_BAND = (0.1, 0.5, 0.9)


def residual_table(observed: Values, predicted: Values) -> pd.DataFrame:
    """Set what was observed beside what was predicted.

    Parameters
    ----------
    observed, predicted
        Shape (rows,), in the target's unit, none missing.

    Returns
    -------
    pandas.DataFrame
        ``observed``, ``predicted``, ``residual`` = observed - predicted: positive where the model says too little.

    Raises
    ------
    ValueError
        They differ in length, there is no row, or a value is not finite.

    Examples
    --------
    >>> residual_table(np.array([3.0, 5.0]), np.array([2.0, 7.0]))["residual"].tolist()
    [1.0, -2.0]
    """
    observed, predicted = np.asarray(observed, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if observed.shape != predicted.shape or observed.ndim != 1 or not len(observed):
        raise ValueError(f"each row has one value and one answer, got shapes {observed.shape} and {predicted.shape}")
    if missing := int((~np.isfinite(observed) | ~np.isfinite(predicted)).sum()):
        raise ValueError(f"values and answers are finite, {missing} of {len(observed)} rows are not")
    return pd.DataFrame({"observed": observed, "predicted": predicted, "residual": observed - predicted})


def residual_bands(table: pd.DataFrame, groups: int = 20) -> pd.DataFrame:
    """Give the middle of the residuals as the answer grows.

    Parameters
    ----------
    table
        What ``residual_table`` gave.
    groups
        Groups of equally many rows by ``predicted``, at most; rows with one answer stay together.

    Returns
    -------
    pandas.DataFrame
        One row a group, ascending: ``rows``, ``predicted`` (median), ``lower``, ``median``, ``upper`` (10 %, 50 % and
        90 % of the residuals).
    """
    edges = np.unique(np.quantile(table["predicted"], np.arange(1, groups) / groups, method="inverted_cdf"))
    by_group = table.groupby(np.searchsorted(edges, table["predicted"], side="left"))
    residual, shares = by_group["residual"], dict(zip(("lower", "median", "upper"), _BAND, strict=True))
    bands = {name: residual.quantile(share) for name, share in shares.items()}
    return pd.DataFrame({"rows": by_group.size(), "predicted": by_group["predicted"].median(), **bands}).reset_index(
        drop=True
    )
