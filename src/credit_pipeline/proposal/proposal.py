"""A use case of one's own: ``conf/<name>``, proposed from a table that nobody has described."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd
import yaml

from credit_pipeline.core import and_more, find_closest_name, list_names
from credit_pipeline.errors import ConfigurationError, DataError
from credit_pipeline.modelling.contract import Quarantine, check_table, quarantine
from credit_pipeline.proposal.columns import TableRoles
from credit_pipeline.proposal.columns import roles as column_roles
from credit_pipeline.proposal.contract_text import contract
from credit_pipeline.proposal.files import UseCase, files
from credit_pipeline.proposal.source import read
from credit_pipeline.spec import DataSpec, Task

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LISTED = 8


def new(project: Path, name: str, *, data: str, target: str, task: Task | None = None, dry_run: bool = False) -> str:
    """Write ``conf/<name>`` whole, or nothing.

    Parameters
    ----------
    project
        The project's folder.
    name
        Lower case, digits, underscores; the name of the environment, of its experiment and of its registered model.
    data
        Path or address of the raw table, see ``use_case_source.read``. The table stays there.
    target
        Name of the target column, as the header has it.
    task
        ``classification`` or ``regression``; by default told from the target.
    dry_run
        Give the text of the files instead of writing them.

    Returns
    -------
    str
        What was found, what could not be decided, what to do next.

    Raises
    ------
    ConfigurationError
        The name cannot be used, or is in use.
    DataError
        The table cannot be read, has no such target, or the target does not fit the task.
    """
    _require_new(project, name)
    use_case, counts = propose(project, name, data=data, target=target, task=task)
    texts = files(use_case)
    if dry_run:
        return "\n".join(f"# ---- conf/{name}/{path}\n{text}" for path, text in texts.items()) + _report(
            use_case, counts
        )
    _write(project / "conf" / name, texts)
    return f"{_report(use_case, counts)}\n{_next(name, use_case.source.variable)}"


def propose(
    project: Path, name: str, *, data: str, target: str, task: Task | None = None
) -> tuple[UseCase, Mapping[str, int]]:
    """Read a table and propose a use case; with it how many rows break which rule of the proposed contract.

    Parameters
    ----------
    project, name, data, target, task
        As in ``new``.

    Raises
    ------
    DataError
        As in ``new``.
    """
    frame, source = read(project, data)
    _require_column(frame, target)
    roles = column_roles.infer(frame, target, task=task, decimal=frame.attrs["decimal"])
    rehearsed = _rehearsed(frame, roles, source.told)
    return UseCase(name, source, roles, rehearsed.share), rehearsed.counts


def _require_new(project: Path, name: str) -> None:
    conf = project / "conf"
    if not _NAME.fullmatch(name):
        _refuse(f"'{name}' cannot name a use case.", "lower case, digits and underscores, a letter first", name)
    if name in ("base", "local", "test") or (conf / name).exists():
        _refuse(f"conf/{name} is there already and is not overwritten.", "a new name", name)
    for found in sorted(conf.glob("*/globals.yml")):
        if (yaml.safe_load(found.read_text(encoding="utf-8")) or {}).get("use_case") == name:
            where = found.relative_to(project)
            _refuse(f"'{name}' names the registered model of {where}.", "a name of its own", f"use_case in {where}")


def _refuse(what: str, expected: str, got: str) -> None:
    raise ConfigurationError(what, expected=expected, got=got, fix="kedro use-case new NAME ...")


def _require_column(frame: pd.DataFrame, target: str) -> None:
    names = list(map(str, frame.columns))
    if target in names:
        return
    close = find_closest_name(target, names)
    raise DataError(
        f"The table has no column '{target}'.",
        expected=f"one of {list_names(list(map(repr, names)), _LISTED)}",
        got=target,
        fix=f"--target {close!r}" if close else "--target",
    )


def _rehearsed(frame: pd.DataFrame, roles: TableRoles, told: str) -> Quarantine:
    """Hold the table to the contract that was proposed from it."""
    spec = DataSpec.model_validate(yaml.safe_load(contract(roles, told))["data"])
    check_table(frame, spec, decimal=frame.attrs["decimal"])
    return quarantine(frame, spec, decimal=frame.attrs["decimal"])


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write a folder aside, then give it its name: it is there whole or not at all."""
    aside = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for path, text in texts.items():
            (aside / path).parent.mkdir(exist_ok=True)
            (aside / path).write_text(text, encoding="utf-8")
        aside.chmod(0o755)
        os.rename(aside, folder)  # noqa: PTH104  # Path.rename says nothing of a folder that appeared meanwhile
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _report(use_case: UseCase, counts: Mapping[str, int]) -> str:
    roles, written = use_case.roles, use_case.source.written
    how = f" (separator {written.separator!r}, {written.encoding}, decimal mark {written.decimal!r})"
    lines = [
        f"{roles.rows:,} rows, {len(roles.columns):,} columns of {use_case.source.told}"
        + (how if use_case.source.is_text else ""),
        f"  {_task(roles)}",
        *_columns(roles),
    ]
    if undecided := [*roles.undecided, *_broken(use_case, counts)]:
        lines += ["to be decided by you:", *(f"  - {' '.join(sentence.split())}" for sentence in undecided[:_MOST])]
        lines += [f"  - {and_more(len(undecided) - _MOST)} in data.yml"] if len(undecided) > _MOST else []
    return "\n".join(lines)


_MOST = 20


def _task(roles: TableRoles) -> str:
    event = roles.target.event
    if event is None:
        return f"regression of '{roles.target.column.name}'"
    share = (roles.events or 0) / roles.rows
    return f"classification of '{roles.target.column.name}': event {event.value!r} in {share:.1%} of rows, {event.why}"


def _columns(roles: TableRoles) -> Iterator[str]:
    for role in ("identifier", "date", "group", "numeric", "categorical"):
        if names := roles.named(role):
            yield f"  {role:<12}{list_names([' '.join(name.split()) for name in names], _LISTED)}"
    ignored = [column for column in roles.columns if column.role == "ignored"]
    for column in ignored[:_LISTED]:
        yield f"  {'ignored':<12}{' '.join(column.name.split())}: {column.why}"
    if len(ignored) > _LISTED:
        yield f"  {'ignored':<12}{and_more(len(ignored) - _LISTED)}"


def _broken(use_case: UseCase, counts: Mapping[str, int]) -> Iterator[str]:
    if counts:
        told = ", ".join(f"{rule} {count:,}" for rule, count in counts.items())
        yield f"{use_case.quarantined_share:.2%} of the rows would be set aside ({told})"


def _next(name: str, variable: str) -> str:
    secret = f"\n  export {variable}=...   # the address, whose secrets are in no file" if variable else ""
    return f"""written to conf/{name}; next:{secret}
  look at conf/{name}/parameters/data.yml
  kedro run --env {name}
  make ui, kedro viz run --env {name}"""
