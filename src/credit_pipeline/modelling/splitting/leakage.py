"""Columns that reveal the outcome: check them before you trust a model."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from credit_pipeline.core import Outcome

SUSPICIOUS_AUC = 0.98


def suspicious_columns(
    applications: pd.DataFrame,
    outcome: Outcome,
    *,
    numeric: Sequence[str],
    categorical: Sequence[str],
    threshold: float = SUSPICIOUS_AUC,
) -> dict[str, str]:
    """Find the columns that predict the outcome almost by themselves.

    A number is ranked by its value, and by whether it is missing. A category is ranked by its default rate in the other
    half of the rows, so that a category with a single row predicts nothing.

    Parameters
    ----------
    applications
        Shape (rows, columns).
    outcome
        Shape (rows,), 1 = default; both outcomes occur.
    numeric, categorical
        Names of the columns to look at.
    threshold
        A column whose AUC, in either direction, is above this is suspicious.

    Returns
    -------
    dict
        The reason by column.

    Examples
    --------
    >>> table = pd.DataFrame({"paid_back": [1.0, 1.0, 0.0, 0.0], "age": [30.0, 50.0, 30.0, 50.0]})
    >>> suspicious_columns(table, np.array([0, 0, 1, 1]), numeric=["paid_back", "age"], categorical=[])
    {'paid_back': 'predicts the outcome by itself: AUC 1.000'}
    """
    strength = {name: _of_number(applications[name], outcome) for name in numeric}
    strength |= {name: _of_category(applications[name], outcome) for name in categorical}
    return {name: f"predicts the outcome by itself: AUC {auc:.3f}" for name, auc in strength.items() if auc > threshold}


def _of_number(values: pd.Series, outcome: Outcome) -> float:
    missing = values.isna().to_numpy()
    present = ~missing
    ordered = _auc(outcome[present], values.to_numpy(np.float64)[present]) if present.mean() > 1 / 2 else 0.0
    return max(ordered, _auc(outcome, missing.astype(np.float64)))


def _of_category(values: pd.Series, outcome: Outcome) -> float:
    half = np.arange(len(values)) % 2 == 0
    codes = pd.factorize(values)[0] + 1
    rates = np.empty(len(values))
    for learnt, scored in ((half, ~half), (~half, half)):
        rows = np.bincount(codes[learnt], minlength=codes.max() + 1)
        events = np.bincount(codes[learnt], outcome[learnt], minlength=codes.max() + 1)
        rates[scored] = np.where(rows > 0, events / np.maximum(rows, 1), outcome.mean())[codes[scored]]
    return _auc(outcome, rates)


def _auc(outcome: Outcome, score: NDArray[np.float64]) -> float:
    """AUC in the better direction; 0.5 if there is only one class."""
    if len(np.unique(outcome)) < 2:  # noqa: PLR2004  # default and payer
        return 0.5
    found = _auc_of_ranks(rankdata(score), outcome == 1)
    return max(found, 1 - found)


def _auc_of_ranks(ranks: NDArray[np.float64], events: NDArray[np.bool_]) -> float:
    """AUC by Mann and Whitney; scikit-learn's checks would take most of the time of a thousand columns."""
    count = int(events.sum())
    return float((ranks[events].sum() / count - (count + 1) / 2) / (len(events) - count))
