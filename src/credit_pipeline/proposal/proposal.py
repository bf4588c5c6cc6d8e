"""A new use case: ``conf/<name>``, proposed from a table without a description."""

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
    """Write ``conf/<name>`` completely or not at all.

    Parameters
    ----------
    project
        The project's folder.
    name
        Lower case, digits and underscores: the name of the environment, its experiment and its registered model.
    data
        Path or address of the raw table, as ``source.read`` takes it. The table is not copied.
    target
        Name of the target column, as the header has it.
    task
        ``classification`` or ``regression``; by default it follows from the target.
    dry_run
        Return the text of the files instead of writing them.

    Returns
    -------
    str
        What was found, what a person has to decide, what to do next.

    Raises
    ------
    ConfigurationError
        The name is not allowed, or is already used.
    DataError
        The table cannot be read or does not have the target, or the target does not suit the task.
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
    """Read a table and propose a use case.

    The second value counts the rows that break the proposed contract, by rule.

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
    roles = column_roles.infer_roles(frame, target, task=task, decimal=frame.attrs["decimal"])
    tried = _try_contract(frame, roles, source.name)
    return UseCase(name, source, roles, tried.share), tried.counts


def _require_new(project: Path, name: str) -> None:
    conf = project / "conf"
    if not _NAME.fullmatch(name):
        _refuse(
            f"'{name}' cannot be the name of a use case.",
            "lower-case letters, digits and underscores, with a letter first",
            name,
        )
    if name in ("base", "local", "test") or (conf / name).exists():
        _refuse(f"conf/{name} exists already and is not overwritten.", "a new name", name)
    for found in sorted(conf.glob("*/globals.yml")):
        if (yaml.safe_load(found.read_text(encoding="utf-8")) or {}).get("use_case") == name:
            where = found.relative_to(project)
            _refuse(f"'{name}' is the registered model of {where} already.", "a new name", f"use_case in {where}")


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


def _try_contract(frame: pd.DataFrame, roles: TableRoles, source: str) -> Quarantine:
    """Check the table against the contract that was proposed from it."""
    spec = DataSpec.model_validate(yaml.safe_load(contract(roles, source))["data"])
    check_table(frame, spec, decimal=frame.attrs["decimal"])
    return quarantine(frame, spec, decimal=frame.attrs["decimal"])


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write a folder under another name, then rename it: it appears complete or not at all."""
    aside = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for path, text in texts.items():
            (aside / path).parent.mkdir(exist_ok=True)
            (aside / path).write_text(text, encoding="utf-8")
        aside.chmod(0o755)
        os.rename(aside, folder)  # noqa: PTH104  # fails if the folder has appeared meanwhile
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _report(use_case: UseCase, counts: Mapping[str, int]) -> str:
    roles, text = use_case.roles, use_case.source.text_format
    how = f" (separator {text.separator!r}, {text.encoding}, decimal mark {text.decimal!r})"
    lines = [
        f"{roles.rows:,} rows, {len(roles.columns):,} columns of {use_case.source.name}"
        + (how if use_case.source.is_text else ""),
        f"  {_task(roles)}",
        *_columns(roles),
    ]
    if undecided := [*roles.undecided, *_broken_rules(use_case, counts)]:
        lines += ["please decide:", *(f"  - {' '.join(sentence.split())}" for sentence in undecided[:_MOST])]
        lines += [f"  - {and_more(len(undecided) - _MOST)} in data.yml"] if len(undecided) > _MOST else []
    return "\n".join(lines)


_MOST = 20


def _task(roles: TableRoles) -> str:
    event = roles.target.event
    if event is None:
        return f"regression of '{roles.target.column.name}'"
    share = (roles.events or 0) / roles.rows
    return f"classification of '{roles.target.column.name}': event {event.value!r} in {share:.1%} of rows ({event.why})"


def _columns(roles: TableRoles) -> Iterator[str]:
    for role in ("identifier", "date", "group", "numeric", "categorical"):
        if names := roles.names_of(role):
            yield f"  {role:<12}{list_names([' '.join(name.split()) for name in names], _LISTED)}"
    ignored = [column for column in roles.columns if column.role == "ignored"]
    for column in ignored[:_LISTED]:
        yield f"  {'ignored':<12}{' '.join(column.name.split())}: {column.why}"
    if len(ignored) > _LISTED:
        yield f"  {'ignored':<12}{and_more(len(ignored) - _LISTED)}"


def _broken_rules(use_case: UseCase, counts: Mapping[str, int]) -> Iterator[str]:
    if counts:
        rules = ", ".join(f"{rule} {count:,}" for rule, count in counts.items())
        yield f"{use_case.quarantined_share:.2%} of the rows would be set aside ({rules})"


def _next(name: str, variable: str) -> str:
    secret = f"\n  export {variable}=...   # the address; its secrets are not written to any file" if variable else ""
    return f"""written to conf/{name}; next:{secret}
  check conf/{name}/parameters/data.yml
  kedro run --env {name}
  make ui, kedro viz run --env {name}"""
