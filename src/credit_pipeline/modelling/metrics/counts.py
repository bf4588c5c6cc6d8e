"""Defaults and payers counted by probability of default: what every metric of many samples is computed from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Outcome = NDArray[np.int_ | np.float64]
Probability = NDArray[np.float64]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Counts:
    """Defaults and payers of one or many samples, counted by distinct probability of default.

    Attributes
    ----------
    probability
        Shape (g,): the distinct probabilities of default, ascending.
    defaults, payers
        Shape (b, g): how many rows of each outcome each of the b samples has at each probability.
    """

    probability: Probability
    defaults: NDArray[np.int64]
    payers: NDArray[np.int64]


def count(outcome: Outcome, probability: Probability) -> Counts:
    """Count defaults and payers by distinct probability of default: one sample, so the counts have shape (1, g).

    Parameters
    ----------
    outcome, probability
        Shape (n,), as ``metrics.checked`` gives them.

    Examples
    --------
    >>> count(np.array([0, 1, 1]), np.array([0.2, 0.2, 0.7])).defaults
    array([[1, 1]])
    """
    distinct, group = np.unique(probability, return_inverse=True)
    defaults = np.bincount(group, weights=outcome, minlength=len(distinct)).astype(np.int64)
    return Counts(distinct, defaults[None, :], (np.bincount(group) - defaults)[None, :])
