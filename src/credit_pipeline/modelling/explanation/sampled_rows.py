"""What a fitted model answers, of whichever kind it is, and the rows that it is asked about."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator


def gives_probability(model: BaseEstimator) -> bool:
    """Tell a classifier, which answers a probability of default, from a regressor, which answers a value."""
    return hasattr(model, "predict_proba")


def answer(model: BaseEstimator, table: pd.DataFrame) -> NDArray[np.float64]:
    """Give a model's answers: the probability of default of a classifier, the value of a regressor.

    Parameters
    ----------
    model
        Fitted: a pipeline, the last steps of one, or an estimator.
    table
        What it takes, shape (rows, columns).

    Returns
    -------
    numpy.ndarray
        Shape (rows,).
    """
    found = model.predict_proba(table)[:, 1] if gives_probability(model) else model.predict(table)
    return np.ravel(np.asarray(found, dtype=np.float64))


def drawn(table: pd.DataFrame, size: int, *, seed: int) -> NDArray[np.intp]:
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
    >>> there, back = (part["income"].iloc[drawn(part, 2, seed=1)].tolist() for part in (incomes, backwards))
    >>> there == back
    True
    """
    hashes = pd.util.hash_pandas_object(table, index=False).to_numpy()
    order = np.argsort(hashes, kind="stable")
    return np.asarray(np.random.default_rng(seed).permutation(order)[:size])
