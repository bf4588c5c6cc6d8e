"""The figures of a model's quality by segment: points, or a line if the segments are numbers."""

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from credit_pipeline.modelling.figures import style
from credit_pipeline.modelling.figures.words import capitalise, format_amounts, humanise, writer

_SHOWN: Final = 15


def segment_figure(
    model: str, segment: str, table: pd.DataFrame, metric: str, label: str, overall: float | None = None
) -> Figure:
    """Draw one metric of each segment as a point with its interval, the largest value first.

    Parameters
    ----------
    model
        Name of the model, as in YAML.
    segment
        What makes the segments, such as the name of a column.
    table
        What ``errors_by_segment`` gave; the fifteen largest segments are drawn. Segments without an estimate come last,
        with the reason.
    metric, label
        Name of the metric in the table, and its label.
    overall
        Value of the metric over all rows, drawn as a line.
    """
    known = _with_values(table, metric)
    shown = known.head(_SHOWN).sort_values("value", ascending=False, kind="stable", na_position="last")
    question = f"For whom is {humanise(model)} better or worse, by {segment}?"
    figure = style.canvas(question, *_answer(known, label), height=1.9 + 0.26 * len(shown))
    axes = style.quieten(figure.subplots(), f"{capitalise(label)}, with 95 % interval")
    format_amounts(axes.xaxis)
    if overall is not None:
        axes.axvline(overall, color=style.MUTED, lw=1, ls="--")
        axes.set_title(f"Dashed: all rows, {writer([overall])(overall)}", size=8.5, color=style.MUTED, loc="left")
    for place, row in enumerate(shown.to_dict("records")):
        if not row["remark"]:
            axes.plot([row["lower"], row["upper"]], [place] * 2, color=style.MODEL, lw=1.4, marker="|", ms=5)
            axes.plot(row["value"], place, "o", color=style.MODEL, ms=6)
    _name_rows(axes, shown)
    return figure


def segment_course_figure(model: str, segment: str, table: pd.DataFrame, metric: str, label: str) -> Figure:
    """Draw one metric by the values of a number, such as the hours ahead of a forecast: a line with its interval.

    Parameters
    ----------
    model, metric, label
        As in ``segment_figure``.
    segment
        Name of a numeric column.
    table
        What ``errors_by_segment`` gave; each segment is one value of the column, and all are drawn. The line has a gap
        at a segment without an estimate; a text reports the rows in which the column is missing.
    """
    known = _with_values(table, metric)
    placed = known.assign(place=pd.to_numeric(known["segment"], errors="coerce")).sort_values("place")
    drawn = placed[placed["place"].notna()]
    question = f"Where is {humanise(model)} better or worse, by {humanise(segment)}?"
    figure = style.canvas(question, *_answer(known, label, of=f"{humanise(segment)} "))
    words = capitalise(humanise(segment)), capitalise(label)
    axes = style.quieten(figure.subplots(), *words)
    format_amounts(axes.yaxis)
    lower, upper = (drawn[end].to_numpy(np.float64) for end in ("lower", "upper"))
    axes.fill_between(drawn["place"], lower, upper, color=style.MODEL, alpha=0.18, lw=0)
    axes.plot(drawn["place"], drawn["value"], color=style.MODEL, lw=1.6, marker="o", ms=4)
    axes.grid(axis="y", color=style.FAINT, lw=0.6)
    axes.set_axisbelow(True)
    missing = placed.loc[placed["place"].isna(), ["value", "remark"]].itertuples(index=False)
    reports = [f"; rows with a missing value: {remark or writer(known['value'])(value)}" for value, remark in missing]
    axes.set_title("".join(["Shaded: 95 % interval", *reports]), size=8.5, color=style.MUTED, loc="left")
    return figure


def _with_values(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    values = table[metric] if metric in table else pd.Series(np.nan, index=table.index, dtype=float)
    lower, upper = (table.get(f"{metric}_{end}", values) for end in ("lower", "upper"))
    return table.assign(value=values, lower=lower, upper=upper)


def _answer(known: pd.DataFrame, label: str, of: str = "") -> tuple[str, ...]:
    estimated = known[known["remark"] == ""]
    left_out = len(known) - len(estimated)
    small = (f"{left_out} too small to estimate",) if left_out else ()
    if estimated.empty:
        return f"No segment is large enough for {label}", *small
    write = writer(estimated["value"])
    ends = [estimated.loc[estimated["value"].agg(end)] for end in ("idxmin", "idxmax")]
    low, high = (f"{write(float(end['value']))} for {of}{end['segment']}" for end in ends)
    return f"{capitalise(label)} ranges from {low} to {high}", *small, f"n = {int(known['rows'].sum()):,}"


def _name_rows(axes: Axes, shown: pd.DataFrame) -> None:
    write = writer(shown["value"])
    values = [remark or write(value) for value, remark in shown[["value", "remark"]].itertuples(index=False)]
    style.rows_with_values(axes, [_row_name(row) for row in shown.to_dict("records")], values, size=8.5)


def _row_name(row: "dict[object, object]") -> str:
    defaults = f", {row['events']:,} default{'' if row['events'] == 1 else 's'}" if "events" in row else ""
    return f"{row['segment']}  (n = {row['rows']:,}{defaults})"
