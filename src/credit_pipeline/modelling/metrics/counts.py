"""Defaults and payers counted by probability of default, from which metrics of many samples are computed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from credit_pipeline.core import Outcome, Probability, Values
from credit_pipeline.spec import Task


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
        Shape (n,), as ``counts.check_probabilities`` gives them.

    Examples
    --------
    >>> count(np.array([0, 1, 1]), np.array([0.2, 0.2, 0.7])).defaults
    array([[1, 1]])
    """
    distinct, group = np.unique(probability, return_inverse=True)
    defaults = np.bincount(group, weights=outcome, minlength=len(distinct)).astype(np.int64)
    return Counts(distinct, defaults[None, :], (np.bincount(group) - defaults)[None, :])


def check_answers(task: Task, outcome: Outcome, answers: Probability) -> tuple[Outcome, Probability]:
    """Give outcomes and answers as arrays that a metric of the task can be computed on.

    Parameters
    ----------
    task
        Classification or regression.
    outcome, answers
        As in ``check_probabilities`` for a classification, as in ``check_values`` for a regression.
    """
    if task == "regression":
        return check_values(outcome, answers)
    return check_probabilities(outcome, answers)


def check_probabilities(outcome: Outcome, probability: Probability) -> tuple[Outcome, Probability]:
    """Give both as arrays that a metric can be computed on.

    Parameters
    ----------
    outcome, probability
        As in ``score``.

    Raises
    ------
    ValueError
        As in ``score``. The message gives the number of wrong rows, never their values.
    """
    outcome, probability = np.asarray(outcome), np.asarray(probability, dtype=np.float64)
    if outcome.ndim != 1 or outcome.shape != probability.shape:
        raise ValueError(
            f"outcome and probability are one column each, got shapes {outcome.shape}, {probability.shape}"
        )
    _require(np.isin(outcome, (0, 1)), "outcomes are 0 or 1")
    _require(np.isfinite(probability), "probabilities are finite")
    _require((probability >= 0) & (probability <= 1), "probabilities lie between 0 and 1")
    if len(classes := np.unique(outcome)) != 2:  # noqa: PLR2004 - default and payer
        raise ValueError(f"both outcomes, 0 and 1, must occur, got {classes.tolist()} in {len(outcome)} rows")
    return outcome.astype(np.int_), probability


def _require(holds: NDArray[np.bool_], rule: str) -> None:
    if not holds.all():
        raise ValueError(f"{rule}, {np.count_nonzero(~holds)} of {len(holds)} rows are not")


def check_values(observed: ArrayLike, predicted: ArrayLike) -> tuple[Values, Values]:
    """Give both as arrays that a metric can be computed on.

    Raises
    ------
    ValueError
        They are not one column each, there are fewer than two rows, a value is not finite, or all observed values are
        equal.
    """
    observed, predicted = (np.asarray(part, dtype=np.float64) for part in (observed, predicted))
    if observed.ndim != 1 or observed.shape != predicted.shape:
        raise ValueError(f"observed and predicted are one column each, got shapes {observed.shape}, {predicted.shape}")
    if wrong := int(np.count_nonzero(~(np.isfinite(observed) & np.isfinite(predicted)))):
        raise ValueError(f"values are finite, {wrong} of {len(observed)} rows are not")
    if len(observed) < 2 or np.ptp(observed) == 0:  # noqa: PLR2004  # no variance to explain
        raise ValueError(f"two observed values that differ are needed, got {len(observed)} rows")
    return observed, predicted
