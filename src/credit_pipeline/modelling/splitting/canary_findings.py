"""Whether the checks of this project expose a planted leak."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from credit_pipeline.core import Estimate
from credit_pipeline.modelling.splitting.canary import PLANTED
from credit_pipeline.spec import CanarySpec

_FIRST_OF_ALL = 2.0
"""A column is exposed by its importance if it is this many times as important as the next one."""


@dataclass(frozen=True)
class Finding:
    """One canary: what was planted, what should be found, what was found, and whether this exposes the leak.

    ``exposed`` is ``None`` if nothing could be planted.
    """

    canary: str
    planted: str
    expected: str
    found: str
    exposed: bool | None


def judge_target(cross_validated: float, test: Estimate, suspects: Mapping[str, str], spec: CanarySpec) -> Finding:
    """Judge the column that is the outcome on train: both the gap and the suspicion must expose it.

    Parameters
    ----------
    cross_validated, test
        AUC over the folds and on test, 0 to 1.
    suspects
        Reason by suspicious column of train.
    spec
        Holds the gap that counts as exposed.
    """
    gap = cross_validated - test.value
    return Finding(
        "target on train",
        "a column that is the outcome on train and noise on test",
        f"cross-validated AUC {spec.gap:g} or more above that of test, and the column is suspected on train",
        f"cross-validated AUC {cross_validated:.3f}, test {test.value:.3f}; {_suspicion(suspects)}",
        gap >= spec.gap and PLANTED in suspects,
    )


def judge_future(suspects: Mapping[str, str], importance: Mapping[str, float]) -> Finding:
    """Judge the column of the future: it must be suspected, or far more important than any other."""
    planted = max((value for name, value in importance.items() if PLANTED in name), default=0.0)
    other = max((value for name, value in importance.items() if PLANTED not in name), default=0.0)
    times = planted / other if other > 0 else np.inf if planted > 0 else 0.0
    return Finding(
        "column of the future",
        "a column whose value is known only after the date of the application",
        f"the column is suspected, or at least {_FIRST_OF_ALL:g} times as important as any other",
        f"{_suspicion(suspects)}; {times:.1f} times as important as any other",
        PLANTED in suspects or times >= _FIRST_OF_ALL,
    )


NO_DATE = Finding(
    "column of the future",
    "nothing: the table has no column of the role 'date'",
    "the column is suspected, or far more important than any other",
    "nothing",
    None,
)


def judge_shuffled(tests: Sequence[Estimate]) -> Finding:
    """Judge the shuffled outcome: the interval of the AUC must hold 0.5; one in twenty misses it by chance.

    Parameters
    ----------
    tests
        AUC on test after each shuffle, until one interval holds 0.5.
    """
    last = tests[-1]
    return Finding(
        "shuffled target",
        "outcomes shuffled among the rows",
        "the interval of the AUC on test holds 0.5",
        f"{last.value:.3f} ({last.lower:.3f} to {last.upper:.3f})"
        + (f", shuffle {len(tests)}" if len(tests) > 1 else ""),
        last.lower <= 1 / 2 <= last.upper,
    )


def judge_copies(natural: int, found: int, copied: int) -> Finding:
    """Judge the copies: all of them must be counted in addition to the natural duplicates, which are not a fault.

    Parameters
    ----------
    natural, found
        Duplicates before and after the copies were added.
    copied
        Number of added rows.
    """
    return Finding(
        "copies of train in test",
        f"{copied:,} rows of train in test",
        f"{copied:,} duplicates more than the {natural:,} natural ones",
        f"{found - natural:,} more than the natural ones",
        found - natural >= copied,
    )


def _suspicion(suspects: Mapping[str, str]) -> str:
    return suspects.get(PLANTED, "not suspected")
