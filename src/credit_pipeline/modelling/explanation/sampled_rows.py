"""What a fitted model answers, of whichever kind it is, and the rows that it is asked about."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def draw_rows(table: pd.DataFrame, size: int, *, seed: int) -> NDArray[np.intp]:
    """Draw rows without replacement: the same ones, in the same order, however the table is ordered.

    Rows are ordered by a hash of what they hold before the draw; rows that hold the same are one as good as the other.

    Parameters
    ----------
    table
        Shape (rows, columns); its index does not matter.
    size
        How many rows at most.
    seed
        Of the draw.

    Returns
    -------
    numpy.ndarray
        Positions, shape (min(rows, size),).

    Examples
    --------
    >>> incomes = pd.DataFrame({"income": [10, 20, 30, 40]})
    >>> backwards = incomes.iloc[::-1]
    >>> there, back = (part["income"].iloc[draw_rows(part, 2, seed=1)].tolist() for part in (incomes, backwards))
    >>> there == back
    True
    """
    hashes = pd.util.hash_pandas_object(table, index=False).to_numpy()
    order = np.argsort(hashes, kind="stable")
    return np.asarray(np.random.default_rng(seed).permutation(order)[:size])
