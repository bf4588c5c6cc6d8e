"""What is shown at the end of a run: the leaderboard, what happened to the champion, where to look next."""

from collections.abc import Collection, Hashable, Iterator, Mapping
from math import nan
from typing import Any

import pandas as pd
from kedro.io import DataCatalog
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from credit_pipeline.core import metric_names
from credit_pipeline.modelling.metrics import METRICS, metric_named
from credit_pipeline.modelling.selection.gates import promotion_sentence

Row = Mapping[Hashable, Any]
_OTHER_COLUMNS, _METRIC_COLUMN = 36, 21  # characters


def show(catalog: DataCatalog, saved: Collection[str], console: Console, *, server_lost: bool = False) -> None:
    """Print the results of a run.

    Parameters
    ----------
    catalog
        From which the results are loaded.
    saved
        Names of the datasets that the run saved; only their results are printed.
    console
        Where to print.
    server_lost
        Whether the tracking server became unreachable during the run.
    """
    if "leaderboard" in saved:
        console.print(leaderboard(catalog.load("leaderboard"), console.width))
        console.print(f"challenger: {_challenger(catalog)}", highlight=False)
        for line in _out_of_the_running(catalog.load("leaderboard")):
            console.print(line, highlight=False)
    if "scorecard_cost" in saved and (sentence := catalog.load("scorecard_cost")["sentence"]):
        console.print(sentence, highlight=False)
    if "promotion_report" in saved:
        lost = "unknown, the tracking server became unreachable during the run" if server_lost else None
        console.print(f"champion: {lost or promotion_sentence(catalog.load('promotion_report'))}", highlight=False)
    if "scores" in saved:
        _scored(catalog, console)
    if "canary_report" in saved:
        _canaries(catalog.load("canary_report"), console)
    if {"leaderboard", "promotion_report"} & set(saved):
        console.print(
            "next: [bold]make ui[/] (MLflow), [bold]make viz[/] (lineage), [bold]make serve[/] (REST on port 3000)"
        )


def _challenger(catalog: DataCatalog) -> str:
    choice = catalog.load("challenger")
    return f"{choice['model'] or 'none'} ({choice['reason']})"


def _out_of_the_running(table: pd.DataFrame) -> Iterator[str]:
    """Yield the reason of each model that cannot win, for which the leaderboard has no space."""
    for row in table.to_dict("records"):
        if ":" in row["status"]:
            yield f"{row['model']}: {row['status']}"


def _canaries(report: Mapping[str, Any], console: Console) -> None:
    for line in report["canaries"]:
        verdict = {True: "exposed", False: "NOT exposed", None: "not planted"}[line["exposed"]]
        console.print(f"canary {verdict}: {line['canary']} ({line['found']})", highlight=False)


def _scored(catalog: DataCatalog, console: Console) -> None:
    scores, aside = catalog.load("scores"), catalog.load("quarantined_applicants")
    version = scores["model_version"].iloc[0] if len(scores) else "-"
    console.print(f"{len(scores):,} applicants scored by version {version}, {len(aside):,} set aside")
    console.print(f"next: {catalog.get('scores').load_path}", soft_wrap=True)  # type: ignore[union-attr]  # our own dataset


def leaderboard(table: pd.DataFrame, width: int) -> Table:
    """Format the leaderboard: one row per model, with as many metrics as fit, in the order of the YAML file.

    The first line of a metric is the cross-validated mean, the second the value on test with its 95 % interval.
    """
    tracked = filter(None, (metric_names.parse(str(column)) for column in table))
    named = [name.metric for name in tracked if name.part == "mean"]
    known = [name for name in named if name in METRICS or "." in name]
    shown = known[: max(1, (width - _OTHER_COLUMNS) // _METRIC_COLUMN)]
    formatted = Table(
        title="Leaderboard: first line cross-validated, second line test (95 % interval)",
        title_justify="left",
        box=SIMPLE,
    )
    for heading in ("model", *(metric_named(name).label for name in shown), "fit"):
        formatted.add_column(heading, justify="left" if heading == "model" else "right", no_wrap=True)
    for row in table.to_dict("records"):
        formatted.add_row(*_cells(row, shown), style="bold" if row["challenger"] else None)
    return formatted


def _cells(row: Row, metrics: Collection[str]) -> list[str]:
    status = "challenger" if row["challenger"] else str(row["status"]).partition(":")[0]
    name = row["model"] if status == "current" else f"{row['model']}\n  {status}"
    if pd.isna(row.get("fit_seconds", nan)):
        return [name, *("-" for _ in metrics), "-"]
    return [name, *(_metric(row, metric) for metric in metrics), f"{row['fit_seconds']:.1f} s"]


def _metric(row: Row, name: str) -> str:
    value, lower, upper = (_number(row[tracked]) for tracked in metric_names.on_test(name))
    return f"{_number(row[metric_names.cross_validated(name).mean])}\n{value} ({lower}-{upper})"


def _number(value: float) -> str:
    """Write a value in about five characters."""
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.2f}" if abs(value) < 100 else f"{value:,.0f}"  # noqa: PLR2004
