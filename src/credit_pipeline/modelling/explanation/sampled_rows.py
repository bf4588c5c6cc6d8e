"""The rows that a model is explained on: a random sample that does not depend on their order."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def draw_rows(table: pd.DataFrame, size: int, *, seed: int) -> NDArray[np.intp]:
    """Draw rows without replacement: the same rows in the same order, in whatever order the table is.

    Rows are ordered by a hash of their content before the draw; identical rows are interchangeable.

    Parameters
    ----------
    table
        Shape (rows, columns); its index does not matter.
    size
        Maximum number of rows.
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
