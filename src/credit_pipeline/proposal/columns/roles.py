"""The role of each column of an unknown table: a proposal with reasons, for a person to check."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from credit_pipeline.core import list_names
from credit_pipeline.errors import DataError
from credit_pipeline.modelling.contract.raw_cells import DecimalMark
from credit_pipeline.modelling.splitting.leakage import suspicious_columns
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
    """Proposed roles of the columns of a table, in the order of the table, the target included."""

    target: TargetRole
    columns: tuple[Proposal, ...]
    rows: int

    @property
    def task(self) -> Task:
        """The task that the target asks for."""
        return self.target.task

    @property
    def events(self) -> int | None:
        """Number of rows that default; None for a regression."""
        return self.target.events

    def names_of(self, *roles: str) -> tuple[str, ...]:
        """List the columns that have one of the roles."""
        return tuple(column.name for column in self.columns if column.role in roles)

    @property
    def undecided(self) -> tuple[str, ...]:
        """What a person has to decide, one sentence each; columns with the same question share a sentence."""
        concerned: dict[str, list[str]] = {}
        for column in self.columns:
            concerned.setdefault(column.undecided, []).append(repr(column.name))
        return tuple(f"{list_names(names, _LISTED)}: {sentence}" for sentence, names in concerned.items() if sentence)


def infer_roles(
    frame: pd.DataFrame, target: str, *, task: Task | None = None, decimal: DecimalMark = "."
) -> TableRoles:
    """Propose a role for every column.

    The roles: ``identifier`` (unique, named or numbered like one), ``date`` (of the application), ``group`` (repeated,
    named like a customer number), ``numeric``, ``categorical``, and ``ignored`` for a column that is constant, free
    text, a second identifier or date, unreadable, or almost equal to the outcome.

    Parameters
    ----------
    frame
        Shape (rows, columns): texts as read from a file, or typed values.
    target
        Name of the target column.
    task
        What is predicted; by default it follows from the target: two values make a classification.
    decimal
        The decimal mark of texts.

    Raises
    ------
    DataError
        The target does not suit the task, or no column is left to learn from.

    Examples
    --------
    >>> table = pd.DataFrame({"id": range(20), "age": [20, 20, 30, 31] * 5, "bad": [0, 1, 1, 0] * 5})
    >>> {column.name: column.role for column in infer_roles(table, "bad").columns}
    {'id': 'identifier', 'age': 'numeric', 'bad': 'target'}
    """
    known = target_role(profile(frame[target], target, decimal), task)
    profiles = [profile(frame[name], str(name), decimal) for name in frame.columns if name != target]
    proposed = _one_of_a_kind([kinds.proposal(found) for found in profiles])
    unsuspected = dict(_without_leaks(proposed, {found.name: found for found in profiles}, known))
    columns = tuple(known.column if name == target else unsuspected[str(name)] for name in frame.columns)
    roles = TableRoles(known, columns, len(frame))
    if not roles.names_of("numeric", "categorical"):
        _refuse(roles)
    return roles


def _refuse(roles: TableRoles) -> NoReturn:
    reasons = [f"'{column.name}': {column.why}" for column in roles.columns if column.role != "target"]
    raise DataError(
        "The table has no column that a model can use as an input.",
        expected="another column with numbers, or with texts that repeat",
        got=list_names(reasons, _LISTED, separator="; ") or "only the target",
        fix="the table",
    )


def _one_of_a_kind(proposed: Sequence[Proposal]) -> list[Proposal]:
    """Keep one identifier, one date and one group; ignore the others."""
    kept = {role: _choose([column for column in proposed if column.role == role]) for role in _SINGLE}
    return [
        _surplus(column, kept[column.role]) if column.role in kept and column.name != kept[column.role] else column
        for column in proposed
    ]


_SINGLE = ("identifier", "date", "group")


def _choose(columns: Sequence[Proposal]) -> str | None:
    """Choose the column with the clearest name, else the first; of several dates, only that of an application."""
    if not columns:
        return None
    clear = [column.name for column in columns if _has_clear_name(column)]
    first = columns[0].name if len(columns) == 1 or columns[0].role != "date" else None
    return next(iter(clear), first)


def _has_clear_name(column: Proposal) -> bool:
    if column.role == "identifier":
        return column.has_clear_name
    return column.role != "date" or is_named(column.name, APPLICATION)


def _surplus(column: Proposal, kept: str | None) -> Proposal:
    if kept is None:
        why = "one of several dates, none of which is named like the date of an application"
        undecided = "is one of several dates; give the role date to the date of the application"
        return replace(column, role="ignored", why=why, missing=True, undecided=undecided)
    return replace(column, role="ignored", why=f"a second {column.role}, besides '{kept}'", missing=True)


def _without_leaks(
    proposed: Sequence[Proposal], profiles: dict[str, Profile], target: TargetRole
) -> Iterator[tuple[str, Proposal]]:
    sample = _evenly(np.flatnonzero(target.known), len(proposed))
    found = suspicious_columns(
        _sampled(proposed, profiles, sample),
        target.outcome[sample],
        numeric=[column.name for column in proposed if column.role == "numeric"],
        categorical=[column.name for column in proposed if column.role == "categorical"],
    )
    for column in proposed:
        yield column.name, _leak(column, found[column.name]) if column.name in found else column


def _leak(column: Proposal, why: str) -> Proposal:
    undecided = f"{why}; left out because of suspected leakage. Give it a role if it is known when the decision is made"
    is_float = column.type == "number" and column.is_float
    return Proposal(
        column.name,
        "ignored",
        f"suspected leakage: it {why}",
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
