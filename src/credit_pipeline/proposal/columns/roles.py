"""What each column of an unknown table is for: a proposal with its reasons, for a person to check."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from credit_pipeline.core import list_names
from credit_pipeline.errors import DataError
from credit_pipeline.modelling.contract.raw_cells import DecimalMark
from credit_pipeline.modelling.splitting.leakage import suspected
from credit_pipeline.proposal.columns import propose as kinds
from credit_pipeline.proposal.columns.profile import Profile, profile
from credit_pipeline.proposal.columns.propose import Proposal
from credit_pipeline.proposal.columns.target import TargetRole, target_role
from credit_pipeline.proposal.columns.word_lists import APPLICATION, is_named
from credit_pipeline.spec import Task

Positions = NDArray[np.intp]
_CELLS_LOOKED_AT = 20_000_000
_MOST_ROWS_LOOKED_AT = 50_000
_FEWEST_ROWS = 2
_LISTED = 8


@dataclass(frozen=True)
class TableRoles:
    """Roles of a table's columns in its order, and what is known of its target.

    ``columns`` holds the target too. ``events`` counts the rows that default, None for a regression.
    """

    target: TargetRole
    columns: tuple[Proposal, ...]
    rows: int

    @property
    def task(self) -> Task:
        """What the target asks for."""
        return self.target.task

    @property
    def events(self) -> int | None:
        """Rows that default; None for a regression."""
        return self.target.events

    def named(self, *roles: str) -> tuple[str, ...]:
        """Names of the columns that have one of the roles."""
        return tuple(column.name for column in self.columns if column.role in roles)

    @property
    def undecided(self) -> tuple[str, ...]:
        """What a person has to look at, a sentence each; columns of which the same is to be said share one."""
        concerned: dict[str, list[str]] = {}
        for column in self.columns:
            concerned.setdefault(column.undecided, []).append(repr(column.name))
        return tuple(f"{list_names(names, _LISTED)}: {sentence}" for sentence, names in concerned.items() if sentence)


def infer(frame: pd.DataFrame, target: str, *, task: Task | None = None, decimal: DecimalMark = ".") -> TableRoles:
    """Propose a role for every column.

    The roles: ``identifier`` (unique, named or numbered like one), ``date`` (when the application was made), ``group``
    (whose it is: repeated, named like a customer's number), ``numeric``, ``categorical``, and ``ignored`` for what is
    constant, free text, a second identifier or date, unreadable, or tells the outcome by itself.

    Parameters
    ----------
    frame
        Shape (rows, columns): texts as read from a file, or typed values.
    target
        Name of the target column.
    task
        What is predicted; by default told from the target: two values are a classification.
    decimal
        The decimal mark of texts.

    Raises
    ------
    DataError
        The target cannot be what the task asks for; or no column is left to learn from.

    Examples
    --------
    >>> table = pd.DataFrame({"id": range(20), "age": [20, 20, 30, 31] * 5, "bad": [0, 1, 1, 0] * 5})
    >>> {column.name: column.role for column in infer(table, "bad").columns}
    {'id': 'identifier', 'age': 'numeric', 'bad': 'target'}
    """
    known = target_role(profile(frame[target], target, decimal), task)
    profiles = [profile(frame[name], str(name), decimal) for name in frame.columns if name != target]
    proposed = _one_of_a_kind([kinds.proposal(found) for found in profiles])
    unsuspected = dict(_without_leaks(proposed, {found.name: found for found in profiles}, known))
    columns = tuple(known.column if name == target else unsuspected[str(name)] for name in frame.columns)
    roles = TableRoles(known, columns, len(frame))
    if not roles.named("numeric", "categorical"):
        _refuse(roles)
    return roles


def _refuse(roles: TableRoles) -> NoReturn:
    told = [f"'{column.name}': {column.why}" for column in roles.columns if column.role != "target"]
    raise DataError(
        "No column is left to learn from.",
        expected="numbers or texts with few levels beside the target",
        got=list_names(told, _LISTED, separator="; ") or "the target alone",
        fix="the table",
    )


def _one_of_a_kind(proposed: Sequence[Proposal]) -> list[Proposal]:
    """Leave one identifier, one date and one group; the others are ignored."""
    kept = {role: _chosen([column for column in proposed if column.role == role]) for role in _SINGLE}
    return [
        _surplus(column, kept[column.role]) if column.role in kept and column.name != kept[column.role] else column
        for column in proposed
    ]


_SINGLE = ("identifier", "date", "group")


def _chosen(columns: Sequence[Proposal]) -> str | None:
    """Take the column with the clearest name, else the first. Of several dates, one must speak of the application."""
    clear = [column.name for column in columns if column.role != "date" or is_named(column.name, APPLICATION)]
    sure = [column.name for column in columns if column.named] if columns and columns[0].role == "identifier" else clear
    if sure or not columns:
        return next(iter(sure), None)
    return columns[0].name if len(columns) == 1 or columns[0].role != "date" else None


def _surplus(column: Proposal, kept: str | None) -> Proposal:
    if kept is None:
        why = "one of several dates, none of which is named like that of an application"
        undecided = "is one of several dates; give the role date to the one when the application was made"
        return replace(column, role="ignored", why=why, missing=True, undecided=undecided)
    return replace(column, role="ignored", why=f"a second {column.role} beside '{kept}'", missing=True)


def _without_leaks(
    proposed: Sequence[Proposal], profiles: dict[str, Profile], target: TargetRole
) -> Iterator[tuple[str, Proposal]]:
    sample = _evenly(np.flatnonzero(target.known), len(proposed))
    found = suspected(
        _sampled(proposed, profiles, sample),
        target.outcome[sample],
        numeric=[column.name for column in proposed if column.role == "numeric"],
        categorical=[column.name for column in proposed if column.role == "categorical"],
    )
    for column in proposed:
        yield column.name, _leak(column, found[column.name]) if column.name in found else column


def _leak(column: Proposal, why: str) -> Proposal:
    undecided = f"{why}; left out as suspected leakage. Give it a role if it is known at the time of the decision"
    is_float = column.type == "number" and column.typed
    return Proposal(
        column.name,
        "ignored",
        f"suspected leakage, it {why}",
        type="number" if is_float else "text",
        missing=True,
        undecided=undecided,
    )


def _evenly(positions: Positions, columns: int) -> Positions:
    most = min(_MOST_ROWS_LOOKED_AT, max(_CELLS_LOOKED_AT // max(columns, 1), _FEWEST_ROWS))
    return positions[:: max(1, -(-len(positions) // most))]


def _sampled(proposed: Sequence[Proposal], profiles: dict[str, Profile], sample: Positions) -> pd.DataFrame:
    found: dict[str, object] = {}
    for column in proposed:
        looked_at = profiles[column.name]
        if column.role == "numeric" and looked_at.numbers is not None:
            found[column.name] = looked_at.numbers[sample]
        elif column.role == "categorical":
            found[column.name] = looked_at.cells.astype("str").to_numpy()[sample]
    return pd.DataFrame(found)
