"""What the target of an unknown table asks for: two values to tell apart, or a number to foretell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from credit_pipeline.errors import DataError
from credit_pipeline.modelling.contract.raw_cells import Mask, read_text
from credit_pipeline.proposal.columns.profile import Profile
from credit_pipeline.proposal.columns.propose import Proposal
from credit_pipeline.proposal.columns.word_lists import EVENT, GOOD_TARGET, NO_EVENT, is_named, words_of
from credit_pipeline.spec import Code, Task

FEWEST_OF_A_CLASS = 8
_FEWEST_ROWS = 20
_CLASSES = 2
_FIX = "--target, --task, or the table"


@dataclass(frozen=True)
class Event:
    """The value that means default, why it was chosen, and whether a person has to look at it."""

    value: Code
    why: str
    sure: bool


@dataclass(frozen=True, eq=False)
class TargetRole:
    """The target column.

    ``known`` marks the rows whose target is filled, ``outcome`` is 1 where it is the event (of a regression: where it
    is above its median); both have shape (rows,). ``event`` and ``events`` (rows) are None for a regression.
    """

    task: Task
    column: Proposal
    known: Mask = field(repr=False)
    outcome: NDArray[np.int_] = field(repr=False)
    event: Event | None = None
    events: int | None = None


def target_role(found: Profile, task: Task | None) -> TargetRole:
    """Tell what a target asks for.

    Parameters
    ----------
    found
        Profile of the target column.
    task
        What is asked for; by default a classification for two values, else a regression.

    Raises
    ------
    DataError
        A classification without two values, or with fewer than eight rows of one; a regression of texts or of fewer
        than twenty rows.
    """
    if (task or ("classification" if found.distinct <= _CLASSES else "regression")) == "regression":
        return _regression(found, asked=task is not None)
    return _classification(found)


def _classification(found: Profile) -> TargetRole:
    counts = _codes(found)
    if len(counts) != _CLASSES or not (found.numbers is None or _are_whole(found)):
        _refuse(found, "two values, whole numbers or texts", f"{len(counts)} values")
    if (fewest := min(counts.values())) < FEWEST_OF_A_CLASS:
        _refuse(found, f"{FEWEST_OF_A_CLASS} rows of each value or more", f"{fewest} rows of one")
    event = decide(counts, found.name)
    outcome = _is_value(found, event.value)
    kind: Literal["text", "integer", "number"] = "text"
    if found.numbers is not None:
        kind = "integer" if found.is_whole else "number"
    undecided = "" if event.sure else f"the event is {event.value!r}, {event.why}; change 'event' if that is wrong"
    column = Proposal(found.name, "target", "as asked for", type=kind, categories=tuple(counts), undecided=undecided)
    return TargetRole("classification", column, _known(found), outcome, event, counts[event.value])


def _codes(found: Profile) -> dict[Code, int]:
    counts = found.counts
    is_text = found.numbers is None
    return {str(value) if is_text else int(value): int(count) for value, count in counts.items()}  # type: ignore[call-overload]


def _are_whole(found: Profile) -> bool:
    return bool((np.floor(found.finite) == found.finite).all())


def _known(found: Profile) -> Mask:
    if found.numbers is not None:
        return np.isfinite(found.numbers)
    return read_text(found.cells).notna().to_numpy(np.bool_)


def _is_value(found: Profile, value: Code) -> NDArray[np.int_]:
    held = found.numbers == value if found.numbers is not None else (found.cells.astype("str") == value).to_numpy()
    return np.asarray(held, dtype=np.int_)


def _regression(found: Profile, *, asked: bool) -> TargetRole:
    if found.numbers is None:
        hint = "" if asked else "; a classification has two values"
        _refuse(found, f"numbers{hint}", f"texts, {found.distinct} values")
    if len(found.finite) < _FEWEST_ROWS or found.distinct <= _CLASSES:
        _refuse(found, f"{_FEWEST_ROWS} rows or more with different numbers", f"{len(found.finite)} rows")
    undecided = "" if asked else f"has {found.distinct} values, so it is taken as a number to foretell (regression)"
    column = Proposal(found.name, "target", "as asked for", undecided=undecided)
    outcome = np.asarray(found.numbers > np.median(found.finite), dtype=np.int_)
    return TargetRole("regression", column, _known(found), outcome)


def _refuse(found: Profile, expected: str, got: str) -> NoReturn:
    raise DataError(f"The target '{found.name}' does not fit the task.", expected=expected, got=got, fix=_FIX)


def decide(counts: Mapping[Code, int], target: str) -> Event:
    """Choose the event by the meaning of the values, else take the rarer one.

    Parameters
    ----------
    counts
        Rows by value; two values.
    target
        Name of the column. A name such as ``paid`` turns "yes" around.

    Examples
    --------
    >>> decide({"No": 700, "Yes": 300}, "defaulted").value
    'Yes'
    >>> decide({1: 700, 2: 300}, "risk")
    Event(value=2, why='the rarer of 1 and 2, since their names do not tell', sure=False)
    """
    first, second = sorted(counts, key=str)
    rarer = min((second, first), key=counts.__getitem__)
    likely, unlikely = sorted((first, second), key=partial(_speaks_for, among=counts), reverse=True)
    if _speaks_for(likely, counts) == _speaks_for(unlikely, counts):
        why = f"the rarer of {_told(first)} and {_told(second)}, since their names do not tell"
        return Event(rarer, why, sure=False)
    if is_named(target, GOOD_TARGET):
        why = f"the target's name speaks of what is good, so the opposite of {_told(likely)}"
        return Event(unlikely, why, sure=False)
    return Event(likely, f"by meaning {_told(likely)}, not {_told(unlikely)}", sure=True)


def _speaks_for(value: Code, among: Mapping[Code, int]) -> int:
    """1 for an event by name, -1 for its opposite, 0 for neither: the 1 of 1 and 2 is only a number."""
    if isinstance(value, int):
        return int(value == 1) - int(value in (0, -1)) if {*among} & {0, -1} else 0
    words = {*words_of(value)}
    return -1 if words & NO_EVENT else int(bool(words & EVENT))


def _told(value: Code) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)
