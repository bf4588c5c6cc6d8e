"""Whom two models would approve differently."""

from dataclasses import dataclass

import numpy as np

from credit_pipeline.core.arrays import Outcome, Probability
from credit_pipeline.modelling.metrics.counts import checked


@dataclass(frozen=True)
class SwapSet:
    """Applicants whom one of two models approves and the other refuses, where both approve the same share.

    A default rate is ``None`` where there is nobody.
    """

    approval_rate: float
    applicants: int
    only_one: int
    only_one_default_rate: float | None
    only_other: int
    only_other_default_rate: float | None


def swap_set(outcome: Outcome, one: Probability, other: Probability, approval_rate: float = 0.8) -> SwapSet:
    """Say whom two models would approve differently, and how those applicants turned out.

    Parameters
    ----------
    outcome
        Shape (n,), 1 = default.
    one, other
        Shape (n,): what each model takes for the probability of default.
    approval_rate
        Share of the applicants that are approved, the safest first, within (0, 1); who stands at the cut-off with
        others is approved with them, so a coarse model approves more.

    Raises
    ------
    ValueError
        The approval rate is no share, or as in ``metrics.checked``.

    References
    ----------
    N. Siddiqi, *Intelligent Credit Scoring*, 2nd ed., Wiley 2017, chapter 12 (swap sets).

    Examples
    --------
    Of four applicants two are approved. The models disagree about the second, who defaults, and the third, who pays:

    >>> swap_set(np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.1, 0.3, 0.2, 0.4]), 0.5)
    ... # doctest: +NORMALIZE_WHITESPACE
    SwapSet(approval_rate=0.5, applicants=4, only_one=1, only_one_default_rate=1.0,
            only_other=1, only_other_default_rate=0.0)
    """
    if not 0 < approval_rate < 1:
        raise ValueError(f"an approval rate lies between 0 and 1, got {approval_rate:g}")
    probabilities = [checked(outcome, answers)[1] for answers in (one, other)]
    by_one, by_other = (answers <= _cut_off(answers, approval_rate) for answers in probabilities)
    only_one, only_other = outcome[by_one & ~by_other], outcome[by_other & ~by_one]
    return SwapSet(approval_rate, len(outcome), len(only_one), _rate(only_one), len(only_other), _rate(only_other))


def _cut_off(answers: Probability, approval_rate: float) -> float:
    return float(np.sort(answers)[max(round(approval_rate * len(answers)), 1) - 1])


def _rate(outcome: Outcome) -> float | None:
    return float(outcome.mean()) if len(outcome) else None
