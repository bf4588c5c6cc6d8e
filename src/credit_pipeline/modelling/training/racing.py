"""Racing: candidates that are clearly worse on the first folds are not fitted on the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from credit_pipeline.core import Outcome
from credit_pipeline.modelling.metrics import Sample, metric_named
from credit_pipeline.modelling.training.fold_fits import Fit
from credit_pipeline.modelling.training.search_plan import SearchPlan

_BLOCKS = 10
_RISK = 0.05


def blocks(outcome: Outcome, count: int = _BLOCKS) -> NDArray[np.int_]:
    """Divide rows into blocks of neighbours, each with its share of defaults; shape (rows,), 0 to ``count`` - 1.

    Neighbours stay together, since the errors for rows of one borrower or of one month are correlated. Of a regression
    the blocks do not depend on the values.

    >>> blocks(np.array([0, 0, 1, 1, 0, 0]), 2)
    array([0, 0, 0, 1, 1, 1])
    """
    found = np.zeros(len(outcome), dtype=np.int_)
    for positions in _kinds(outcome):
        found[positions] = np.arange(len(positions)) * count // len(positions)
    return found


def _kinds(outcome: Outcome) -> list[NDArray[np.intp]]:
    if outcome.dtype.kind == "f":
        return [np.arange(len(outcome))]
    return [np.flatnonzero(outcome == kind) for kind in np.unique(outcome)]


def goodness_by_block(metric: str, sample: Sample) -> NDArray[np.float64]:
    """Give a metric on each block of a fold, turned so that greater is better; shape (blocks,).

    There are ten blocks, fewer where the rarer outcome has fewer rows, or a regression fewer than twenty.

    Parameters
    ----------
    metric
        The metric that ranks.
    sample
        The rows that the fold validates, with the candidate's answers.
    """
    found, rows_of_each = metric_named(metric), 2 if sample.outcome.dtype.kind == "f" else 1
    count = max(1, min(_BLOCKS, *(len(kind) // rows_of_each for kind in _kinds(sample.outcome))))
    block = blocks(sample.outcome, count)
    parts = [sample.rows(block == number) for number in range(count)]
    return found.goodness([found.value(part.outcome, part.answer) for part in parts]) / (
        sample.scale if found.scaled else 1.0
    )


@dataclass(frozen=True)
class Goodness:
    """A candidate's metric on the folds so far, turned so that greater is better: mean over folds, and by block."""

    mean: float
    by_block: NDArray[np.float64]


def goodness_so_far(fits: Mapping[int, Sequence[Fit]], outcome: Outcome, plan: SearchPlan) -> dict[int, Goodness]:
    """Give how good each candidate is on the folds so far.

    Parameters
    ----------
    fits
        By candidate: its fits on the same folds, in any order.
    outcome
        Of train, shape (rows,).
    plan
        The folds, and the metric that ranks.
    """
    turned = metric_named(plan.metric).goodness

    def by_block(fit: Fit) -> NDArray[np.float64]:
        return goodness_by_block(plan.metric, Sample(outcome[plan.folds[fit.fold][1]], fit.answers, plan.scale))

    return {
        candidate: Goodness(
            mean=float(np.mean(turned([fit.scores[plan.metric] for fit in own]))),
            by_block=np.concatenate([by_block(fit) for fit in sorted(own, key=lambda fit: fit.fold)]),
        )
        for candidate, own in fits.items()
    }


def candidates_to_drop(known: Mapping[int, Goodness], done: int, folds: int, tolerance: float) -> list[int]:
    r"""Name the candidates that would not win the whole search by more than the tolerance.

    The leader is the candidate with the best mean on the k folds so far. For each other candidate let :math:`\bar d` be
    the lead of the leader and :math:`s^2` the variance of the difference per block over n blocks. An exhaustive search
    has F folds, k of which are known. The lead on all of them is predicted as
    :math:`\bar d \pm t\, s \sqrt{(1 - k/F) / n}`, by Student's t with n - 1 degrees of freedom. A candidate is dropped
    if the lower bound is above minus the tolerance. The risk of 5 % is divided (Bonferroni) among all comparisons of
    the candidates that are left and all folds after which they are compared.

    Parameters
    ----------
    known
        By candidate that is left. One whose mean is not finite is dropped, unless no mean is finite.
    done, folds
        Number of folds so far, and in total.
    tolerance
        What may be lost, in the unit of the metric.

    References
    ----------
    O. Maron, A. Moore, "The racing algorithm", *Artificial Intelligence Review* 11 (1997) 193-225. M. Lopez-Ibanez et
    al., "The irace package", *Operations Research Perspectives* 3 (2016) 43-58, the paired t-test.

    Examples
    --------
    >>> steady = np.array([0.70, 0.71, 0.72, 0.73])
    >>> known = {0: Goodness(0.715, steady), 1: Goodness(0.695, steady - 0.02)}
    >>> candidates_to_drop(known, done=1, folds=5, tolerance=0.0)
    [1]
    """
    finite = {candidate: one for candidate, one in known.items() if np.isfinite(one.mean)}
    if not finite:
        return []
    leader = max(finite, key=lambda candidate: finite[candidate].mean)
    comparisons = max(1, (len(known) - 1) * (folds - 1))
    level = 1 - _RISK / comparisons
    return [
        candidate
        for candidate in known
        if candidate != leader
        and (candidate not in finite or _least_lead(known[leader], known[candidate], level, done / folds) > -tolerance)
    ]


def _least_lead(leader: Goodness, other: Goodness, level: float, share_known: float) -> float:
    difference = leader.by_block - other.by_block
    n = len(difference)
    if n < 2:  # noqa: PLR2004  # one value has no variance
        return -np.inf
    error = float(difference.std(ddof=1)) * np.sqrt((1 - share_known) / n)
    return leader.mean - other.mean - float(student.ppf(level, n - 1)) * float(error)


def race(
    candidates: int, folds: int, run: Callable[[Sequence[tuple[int, int]]], None], fall_behind: Callable[..., list[int]]
) -> dict[int, int]:
    """Run candidates fold by fold and drop those that are clearly worse.

    Parameters
    ----------
    candidates, folds
        Their numbers.
    run
        Fits the (candidate, fold) pairs that it is given.
    fall_behind
        Called with the candidates left and the number of folds done; names those to drop.

    Returns
    -------
    dict
        By dropped candidate: the number of folds after which it was dropped.
    """
    left, dropped = list(range(candidates)), dict[int, int]()
    for fold in range(folds):
        if len(left) == 1:  # nothing is left to compare: the other folds at once
            run([(left[0], later) for later in range(fold, folds)])
            break
        run([(candidate, fold) for candidate in left])
        if fold + 1 < folds:
            lost = fall_behind(left, fold + 1)
            dropped |= dict.fromkeys(lost, fold + 1)
            left = [candidate for candidate in left if candidate not in lost]
    return dropped
