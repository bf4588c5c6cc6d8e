"""What a run ends by showing: the leaderboard, what happened to the champion, where to look next."""

from collections.abc import Collection, Hashable, Mapping
from typing import Any

import pandas as pd
from kedro.io import DataCatalog
from rich.console import Console
from rich.table import Table

from credit_pipeline.modelling.gates import told

Row = Mapping[Hashable, Any]
_METRICS = {"roc_auc": "AUC", "ks": "KS", "brier": "Brier"}


def show(catalog: DataCatalog, saved: Collection[str], console: Console) -> None:
    """Print what a run that saved these datasets has to say."""
    if "leaderboard" in saved:
        console.print(leaderboard(catalog.load("leaderboard")))
        console.print(f"challenger: {_challenger(catalog)}")
    if "promotion_report" in saved:
        console.print(told(catalog.load("promotion_report")))
    if "scores" in saved:
        _scored(catalog, console)
    if {"leaderboard", "promotion_report"} & set(saved):
        console.print("next: [bold]make ui[/] MLflow, [bold]make viz[/] lineage, [bold]make serve[/] REST on port 3000")


def _challenger(catalog: DataCatalog) -> str:
    choice = catalog.load("challenger")
    return f"{choice['model'] or 'none'} ({choice['reason']})"


def _scored(catalog: DataCatalog, console: Console) -> None:
    scores, aside = catalog.load("scores"), catalog.load("quarantined_applicants")
    version = scores["model_version"].iloc[0] if len(scores) else "-"
    console.print(f"{len(scores):,} applicants scored by version {version}, {len(aside):,} set aside")
    console.print(f"next: {catalog.get('scores').load_path}")  # type: ignore[union-attr]  # our own dataset


def leaderboard(table: pd.DataFrame) -> Table:
    """Lay the leaderboard out: one row a model, cross-validated mean and test value with its 95 % interval."""
    shown = [name for name in _METRICS if f"cv_{name}_mean" in table]
    laid = Table(title="Leaderboard: cross-validated mean | test (95 % interval)", title_justify="left")
    laid.add_column("model", no_wrap=True)
    for name in shown:
        laid.add_column(_METRICS[name], justify="right", no_wrap=True)
    laid.add_column("fit s", justify="right")
    laid.add_column("status")
    for row in table.to_dict("records"):
        laid.add_row(*_cells(row, shown), style="bold" if row["challenger"] else None)
    return laid


def _cells(row: Row, metrics: Collection[str]) -> list[str]:
    if pd.isna(row.get("fit_seconds")):
        return [str(row["model"]), *("-" for _ in metrics), "-", str(row["status"])]
    status = "challenger" if row["challenger"] else str(row["status"])
    return [str(row["model"]), *(_metric(row, name) for name in metrics), f"{row['fit_seconds']:.1f}", status]


def _metric(row: Row, name: str) -> str:
    interval = f"{row[f'test_{name}_lower']:.3f}-{row[f'test_{name}_upper']:.3f}"
    return f"{row[f'cv_{name}_mean']:.3f} | {row[f'test_{name}']:.3f} ({interval})"
