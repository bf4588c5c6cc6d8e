"""The contract of a new use case as text: ``data.yml`` with the reason above each column."""

from collections.abc import Iterator, Mapping

from credit_pipeline.proposal.columns import Proposal, TableRoles
from credit_pipeline.proposal.yaml_text import comment, flow, join_lines, key, scalar

_SHARE = 0.01


def contract(roles: TableRoles, filepath: str, quarantined_share: float = 0.0) -> str:
    """Write ``data.yml``: the contract of the raw table, with the reason above each column.

    Parameters
    ----------
    roles
        The proposed roles of its columns.
    filepath
        Path or address of the table, without secrets.
    quarantined_share
        Share of its rows that break the contract, 0 to 1. The written limit is a fifth higher, and at least 1 %.
    """
    allowed = _SHARE if quarantined_share <= _SHARE else min(1.0, round(quarantined_share * 1.2 + 0.005, 2))
    broken = f"{quarantined_share * 100:.2g} % of the rows break the contract: see quarantine_report after a run."
    return join_lines(
        comment(f"Proposed from the {roles.rows:,} rows of {filepath}. Please check each role and its reason."),
        "# Ranges are wider than the values found, categories are as found. A row with another value is set aside.",
        "# Add what people need to know about a column: its meaning (in words) and its unit (such as EUR or year).",
        "data:",
        *_task(roles),
        *([f"  {comment(broken)}"] if quarantined_share > _SHARE else []),
        f"  maximum_quarantined_share: {scalar(allowed)}",
        "  columns:",
        *(line for column in roles.columns for line in _column(column)),
    )


def _task(roles: TableRoles) -> Iterator[str]:
    if roles.target.event is None:
        yield "  task: regression"
        return
    yield "  # The value of the target that means default. Reason:"
    yield f"  {comment(roles.target.event.why)}"
    yield f"  event: {scalar(roles.target.event.value)}"


def _column(column: Proposal) -> Iterator[str]:
    yield f"    {comment(column.why)}"
    if column.undecided:
        yield f"    {comment(f'Please decide: {column.undecided}')}"
    entries = dict(_entries(column))
    if not (column.categories or column.special_codes):
        yield f"    {key(column.name)}: {flow(entries)}"
        return
    yield f"    {key(column.name)}:"
    yield from (f"      {word}: {flow(value) if isinstance(value, list) else value}" for word, value in entries.items())
    yield from _coded("categories", {code: code if isinstance(code, str) else "" for code in column.categories})
    yield from _coded("special_codes", dict.fromkeys(column.special_codes, "meaning unknown"))


def _entries(column: Proposal) -> Iterator[tuple[str, object]]:
    yield "role", column.role
    yield "type", column.type
    if column.format is not None:
        yield "format", column.format
    if column.range is not None:
        yield "range", [_short(bound) for bound in column.range]
    if column.missing:
        yield "missing", True if not (column.categories or column.special_codes) else "true"


def _short(bound: float) -> float:
    return int(bound) if bound == int(bound) else bound


def _coded(word: str, meanings: Mapping[int | str, str]) -> Iterator[str]:
    if meanings:
        yield f"      {word}:"
        yield from (f"        {key(code)}: {scalar(meaning)}" for code, meaning in meanings.items())
