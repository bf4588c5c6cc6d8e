"""The figure that says how far every model lies from one of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from credit_pipeline.modelling.figures import style
from credit_pipeline.modelling.metrics.metrics import metric_named

Row = Mapping[Any, Any]
_SURE = 0.05


def comparison_figure(table: pd.DataFrame, metric: str, n: int) -> Figure:
    """Draw the differences of all models to one, on test and over the folds, with their 95 % intervals.

    Parameters
    ----------
    table
        As ``comparison.compare`` gives it. Without rows of the metric the figure says so.
    metric
        The metric that is drawn.
    n
        Rows of the test part.
    """
    label = metric_named(metric).label
    rows = table[table["metric"] == metric].to_dict("records")
    if not rows:
        return style.canvas("How far apart are the models?", "there are no two results that can be compared", height=1)
    against = style.humanised(rows[0]["against"])
    question = f"How far is each model from {against} in {label}?"
    figure = style.canvas(question, *_answer(rows), f"n = {n:,}", height=2.4 + 0.42 * len(rows))
    axes = style.quieten(figure.subplots(), f"Difference in {label}")
    for height, row in enumerate(rows):
        _draw_row(axes, height, row)
    _finish(axes, rows)
    return figure


def _answer(rows: Sequence[Row]) -> tuple[str, ...]:
    apart = [style.humanised(row["model"]) for row in rows if row["p_value"] < _SURE]
    if not apart:
        return ("On test no model differs by more than chance would make it",)
    named = " and ".join([", ".join(apart[:-1]), apart[-1]]) if len(apart) > 1 else apart[0]
    return (f"On test {named} {'differs' if len(apart) == 1 else 'differ'} by more than chance",)


def _draw_row(axes: Axes, height: int, row: Row) -> None:
    colour = style.MODEL if row["p_value"] < _SURE else style.MUTED
    folds = (row["fold_lower"], row["fold_difference"], row["fold_upper"])
    style.spread_above_interval(axes, height, folds, (row["lower"], row["difference"], row["upper"]), colour)


def _finish(axes: Axes, rows: Sequence[Row]) -> None:
    axes.axvline(0, color=style.MUTED, lw=1, ls="--", zorder=0)
    style.rows_with_values(axes, [style.humanised(row["model"]) for row in rows], [_value(row) for row in rows])
    style.explain_marks(axes, "over the folds, corrected 95 % interval")


def _value(row: Row) -> str:
    return f"{style.number(row['difference'])} ({style.bounds(row['lower'], row['upper'])})"
