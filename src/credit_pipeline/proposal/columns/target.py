"""The target of an unknown table: two classes, or a number to predict."""

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
    """The value that means default, the reason, and whether that is sure; otherwise a person has to check it."""

    value: Code
    why: str
    sure: bool


@dataclass(frozen=True, eq=False)
class TargetRole:
    """The target column.

    Attributes
    ----------
    task
        What it asks for.
    column
        Its proposed contract.
    known
        Shape (rows,): whether the target is filled.
    outcome
        Shape (rows,): 1 for the event, else 0; for a regression, 1 above the median.
    event
        The value that means default; None for a regression.
    events
        Number of rows with this value; None for a regression.
    """

    task: Task
    column: Proposal
    known: Mask = field(repr=False)
    outcome: NDArray[np.int_] = field(repr=False)
    event: Event | None = None
    events: int | None = None


def target_role(found: Profile, task: Task | None) -> TargetRole:
    """Find out what a target asks for.

    Parameters
    ----------
    found
        Profile of the target column.
    task
        The task; by default a classification for two values, else a regression.

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
        _refuse(found, f"at least {FEWEST_OF_A_CLASS} rows for each value", f"{fewest} rows for the rarer value")
    event = choose_event(counts, found.name)
    outcome = _is_value(found, event.value)
    kind: Literal["text", "integer", "number"] = "text"
    if found.numbers is not None:
        kind = "integer" if found.is_whole else "number"
    undecided = "" if event.sure else f"the event is {event.value!r}, {event.why}; change 'event' if that is wrong"
    column = Proposal(
        found.name, "target", "the chosen target", type=kind, categories=tuple(counts), undecided=undecided
    )
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
    undecided = "" if asked else f"has {found.distinct} values, so it is predicted as a number (regression)"
    column = Proposal(found.name, "target", "the chosen target", undecided=undecided)
    outcome = np.asarray(found.numbers > np.median(found.finite), dtype=np.int_)
    return TargetRole("regression", column, _known(found), outcome)


def _refuse(found: Profile, expected: str, got: str) -> NoReturn:
    raise DataError(f"The target '{found.name}' does not fit the task.", expected=expected, got=got, fix=_FIX)


def choose_event(counts: Mapping[Code, int], target: str) -> Event:
    """Choose the event by the meaning of the values, else the rarer value.

    Parameters
    ----------
    counts
        Rows by value; two values.
    target
        Name of the column. If it is a name such as ``paid``, "yes" is the opposite of the event.

    Examples
    --------
    >>> choose_event({"No": 700, "Yes": 300}, "defaulted").value
    'Yes'
    >>> choose_event({1: 700, 2: 300}, "risk")
    Event(value=2, why='the rarer of 1 and 2, because their meaning is not clear', sure=False)
    """
    first, second = sorted(counts, key=str)
    rarer = min((second, first), key=counts.__getitem__)
    likely, unlikely = sorted((first, second), key=partial(_event_sign, among=counts), reverse=True)
    if _event_sign(likely, counts) == _event_sign(unlikely, counts):
        why = f"the rarer of {_quote(first)} and {_quote(second)}, because their meaning is not clear"
        return Event(rarer, why, sure=False)
    if is_named(target, GOOD_TARGET):
        why = f"the name of the target means something good, so the opposite of {_quote(likely)}"
        return Event(unlikely, why, sure=False)
    return Event(likely, f"{_quote(likely)} means the event, {_quote(unlikely)} does not", sure=True)


def _event_sign(value: Code, among: Mapping[Code, int]) -> int:
    """1 for a value that means the event, -1 for the opposite, 0 for neither: of 1 and 2, the 1 is only a number."""
    if isinstance(value, int):
        return int(value == 1) - int(value in (0, -1)) if {*among} & {0, -1} else 0
    words = {*words_of(value)}
    return -1 if words & NO_EVENT else int(bool(words & EVENT))


def _quote(value: Code) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)
