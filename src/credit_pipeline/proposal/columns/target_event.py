"""Which of a target's two values is the event."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from credit_pipeline.proposal.columns.word_lists import EVENT, GOOD_TARGET, NO_EVENT, is_named, words_of
from credit_pipeline.spec import Code


@dataclass(frozen=True)
class Event:
    """The value that means default, why it was chosen, and whether a person has to look at it."""

    value: Code
    why: str
    sure: bool


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
