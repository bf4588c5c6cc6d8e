"""What one column is for, inferred from its name and its values."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from credit_pipeline.modelling.contract.raw_cells import Floats
from credit_pipeline.proposal.columns.date_formats import ISO
from credit_pipeline.proposal.columns.profile import Profile
from credit_pipeline.proposal.columns.ranges_and_codes import ValueRange, special_codes, wider_bounds
from credit_pipeline.proposal.columns.word_lists import (
    BIRTH,
    CODES,
    IDENTIFIER,
    PEOPLE,
    SURE_IDENTIFIER,
    is_named,
    words_of,
)
from credit_pipeline.spec import Code, ColumnType, Role

_MOST_LEVELS = 100
_FEW_LEVELS = 10
_FREE_TEXT = 0.5
_ROWS_OF_ONE = 20
_ENOUGH_ROWS = 20


@dataclass(frozen=True)
class Proposal:
    """The proposed contract of a column, the reason, and what a person has to decide.

    Attributes
    ----------
    name, role, type, range, special_codes, categories, missing, format
        As the contract has them. ``format`` is None for ISO 8601 dates, and for a column without dates.
    why
        The reason for the role.
    undecided
        What a person has to decide, as the rest of a sentence about the column; empty if nothing.
    has_clear_name
        Whether the name alone shows the role.
    is_float
        Whether the cells were read as floating-point numbers.
    """

    name: str
    role: Role
    why: str
    type: ColumnType = "number"
    range: ValueRange | None = None
    special_codes: tuple[int, ...] = ()
    categories: tuple[Code, ...] = ()
    missing: bool = False
    format: str | None = None
    undecided: str = ""
    has_clear_name: bool = False
    is_float: bool = False


def proposal(found: Profile) -> Proposal:
    """Propose the role of a column; ``roles.infer_roles`` explains the roles.

    Parameters
    ----------
    found
        Profile of the column.

    Examples
    --------
    >>> import pandas as pd
    >>> from credit_pipeline.proposal.columns.profile import profile
    >>> proposal(profile(pd.Series(["own", "rent", "own"] * 9), "housing")).categories
    ('own', 'rent')
    """
    for rule in (_empty, _constant, _date, _identifier, _group, _unreadable):
        if (proposed := rule(found)) is not None:
            return proposed
    return _of_texts(found) if found.numbers is None else _of_numbers(found)


def _ignored(found: Profile, why: str, undecided: str = "") -> Proposal:
    # A floating-point number has lost leading zeros and digits, so the contract does not accept it as a text.
    is_float = found.cells.dtype.kind == "f"
    return Proposal(found.name, "ignored", why, "number" if is_float else "text", missing=True, undecided=undecided)


def _empty(found: Profile) -> Proposal | None:
    return _ignored(found, "empty in every row") if found.filled == 0 else None


def _constant(found: Profile) -> Proposal | None:
    if found.distinct > 1:
        return None
    why = (
        "constant: the same value in every row"
        if found.filled == found.rows
        else "one value only, other rows are empty"
    )
    return _ignored(found, why)


def _date(found: Profile) -> Proposal | None:
    formats = found.date_formats
    if not formats:
        return None
    if is_named(found.name, BIRTH):
        return _ignored(found, "a date of birth; models can use an age, but not a date")
    if found.filled < found.rows:
        return _ignored(found, f"a date, but empty in {_percent(found.missing_share)} of the rows")
    undecided = "" if len(formats) == 1 else f"is written as {' or '.join(formats)}; check 'format', it is the first"
    written = None if formats[0] == ISO else formats[0]
    return Proposal(found.name, "date", "a date in every row", "date", format=written, undecided=undecided)


def _identifier(found: Profile) -> Proposal | None:
    if found.filled < found.rows or found.distinct < found.rows or found.cells.dtype.kind == "f":
        return None
    named = is_named(found.name, IDENTIFIER)
    kind: ColumnType = "integer" if found.is_plain_identifier else "text"
    make = partial(Proposal, found.name, "identifier", type=kind, has_clear_name=named)
    if named and (found.numbers is None or found.is_whole):
        return make("a different value in every row, named like an identifier")
    if found.is_whole and found.rows >= _ENOUGH_ROWS and np.ptp(found.finite) == found.rows - 1:
        return make("consecutive numbers, one for each row")
    return make("a different code in every row") if _looks_coded(found) else None


def _looks_coded(found: Profile) -> bool:
    """Texts of equal length with digits and without spaces, such as A-00017."""
    if found.numbers is not None or found.cells.dtype.kind in "bM":
        return False
    texts = found.cells.astype("str")
    return texts.str.len().nunique() == 1 and bool(texts.str.fullmatch(r"[\w-]*\d[\w-]*").all())


def _group(found: Profile) -> Proposal | None:
    words = words_of(found.name)
    person = bool(PEOPLE & {*words}) and (words[-1] in PEOPLE or bool(IDENTIFIER & {*words}))
    repeated = found.rows / _ROWS_OF_ONE <= found.distinct < found.filled
    whole = found.numbers is None or found.is_whole
    if not (repeated and whole and (person or SURE_IDENTIFIER & {*words})):
        return None
    if found.filled < found.rows:
        return _ignored(found, f"named like a group, but empty in {_percent(found.missing_share)} of the rows")
    kind: ColumnType = "integer" if found.is_plain_identifier else "text"
    return Proposal(found.name, "group", "repeated, and named like a customer number", kind, has_clear_name=person)


def _unreadable(found: Profile) -> Proposal | None:
    if found.has_grouped_digits:
        undecided = "holds numbers such as 1,234; write them as 1234 and give it the role numeric"
        return _ignored(found, "numbers with digits in groups of three", undecided)
    if found.numbers is not None or not found.marks:
        return None
    share, marks = _percent(found.unreadable / found.rows), ", ".join(map(repr, found.marks))
    return _ignored(
        found,
        f"numbers, but {marks} in {share} of the rows",
        f"holds {marks} among its numbers; if that means missing, give it the role numeric and missing: [{marks}]",
    )


def _of_texts(found: Profile) -> Proposal:
    # In a small table, half of the rows may have different levels.
    if found.distinct > max(found.filled * _FREE_TEXT, 2):
        return _ignored(found, f"free text: {found.distinct:,} different values in {found.filled:,} rows")
    if found.distinct > _MOST_LEVELS:
        why = f"{found.distinct:,} levels, too many to list"
        return _ignored(found, why, f"has {why}; group them in the file and give it the role categorical")
    levels = tuple(str(level) for level in found.counts.index)
    why = f"{len(levels)} levels{_gaps(found)}"
    return Proposal(found.name, "categorical", why, "text", categories=levels, missing=_has_gaps(found))


def _of_numbers(found: Profile) -> Proposal:
    for applies, why in _CODE_RULES:
        if found.is_whole and found.distinct <= _MOST_LEVELS and applies(found):
            return _coded(found, why)
    codes = special_codes(found.finite)
    usual = found.finite[~np.isin(found.finite, codes)]
    few = f", {found.unreadable} of them unreadable" if found.unreadable else ""
    why = f"{'whole numbers' if found.is_whole else 'numbers'}{few}{_gaps(found)}"
    undecided = f"has special codes {', '.join(map(str, codes))}: say what they mean" if codes else ""
    return Proposal(
        found.name,
        "numeric",
        why,
        "integer" if found.is_whole else "number",
        range=_bounds(found, usual),
        special_codes=codes,
        missing=_has_gaps(found),
        undecided=undecided,
        is_float=found.cells.dtype.kind == "f",
    )


def _bounds(found: Profile, usual: Floats) -> ValueRange:
    lower, upper = wider_bounds(usual)
    return (math.floor(lower), math.ceil(upper)) if found.is_whole else (lower, upper)


def _coded(found: Profile, why: str) -> Proposal:
    levels = tuple(int(level) for level in found.counts.index)
    why = f"{len(levels)} different whole numbers, {why}{_gaps(found)}"
    return Proposal(found.name, "categorical", why, "integer", categories=levels, missing=_has_gaps(found))


def _has_two_values(found: Profile) -> bool:
    return found.distinct == 2  # noqa: PLR2004  # yes and no


def _is_named_like_codes(found: Profile) -> bool:
    return found.distinct <= found.rows / 2 and is_named(found.name, CODES | SURE_IDENTIFIER)


def _counts_from_one(found: Profile) -> bool:
    few = found.distinct <= min(_FEW_LEVELS, found.rows / _FEW_LEVELS)
    return few and found.counts.index.tolist() == list(range(1, found.distinct + 1))


_CODE_RULES: tuple[tuple[Callable[[Profile], bool], str], ...] = (
    (_has_two_values, "proposed as codes"),
    (_is_named_like_codes, "named like codes"),
    (_counts_from_one, "counted from 1, so proposed as codes; choose numeric if their order has a meaning"),
)


def _has_gaps(found: Profile) -> bool:
    return found.filled < found.rows


def _gaps(found: Profile) -> str:
    return f", {_percent(found.missing_share)} missing" if _has_gaps(found) else ""


def _percent(share: float) -> str:
    return f"{share * 100:.2g} %"
