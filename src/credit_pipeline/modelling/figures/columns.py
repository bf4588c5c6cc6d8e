"""The figure of what a model loses without each column."""

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from credit_pipeline.modelling.figures import style
from credit_pipeline.modelling.figures.words import amounts, writer

_SHOWN: Final = 15


def permutation_figure(model: str, importance: pd.DataFrame, measure: str) -> Figure:
    """Draw the weightiest columns as points with their intervals, at most fifteen.

    Parameters
    ----------
    model
        Name of the model, as in YAML.
    importance
        What ``permutation_importance`` gave, one row at least.
    measure
        What the importance is, such as ``fall of AUC``.
    """
    shown = importance.head(_SHOWN)
    height = min(style.HEIGHT, 1.7 + 0.22 * len(shown))
    figure = style.canvas(f"What does {style.humanised(model)} rely on?", *_answer(importance, measure), height=height)
    axes = style.quieten(figure.subplots(), f"{style.capitalised(measure)} when shuffled, with 95 % interval")
    amounts(axes.xaxis)
    axes.axvline(0, color=style.MUTED, lw=0.8, ls="--")
    for place, row in enumerate(shown.itertuples()):
        _draw_row(axes, place, float(row.importance), float(row.lower), float(row.upper))  # type: ignore[arg-type]
    _name_rows(axes, shown)
    return figure


def _answer(importance: pd.DataFrame, measure: str) -> tuple[str, ...]:
    first = importance.iloc[0]
    write = writer(importance["upper"])
    value, lower, upper = (write(float(first[name])) for name in ("importance", "lower", "upper"))
    found = int((importance["lower"] > 0).sum())
    return (
        f"{first['feature']} shuffled: {measure} {value} (95 % {lower} to {upper})",
        f"{found} of {len(importance)} columns tell more than chance (filled)",
    )


def _draw_row(axes: Axes, place: int, value: float, lower: float, upper: float) -> None:
    is_sure = lower > 0
    axes.plot([lower, upper], [place] * 2, color=style.MODEL if is_sure else style.MUTED, lw=1.4, marker="|", ms=5)
    if is_sure:
        axes.plot(value, place, "o", color=style.MODEL, ms=6)
    else:
        style.hollow(axes, value, place, "o", style.MUTED)


def _name_rows(axes: Axes, shown: pd.DataFrame) -> None:
    places, write = np.arange(len(shown)), writer(shown["importance"])
    axes.set_yticks(places, shown["feature"].tolist())
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.grid(axis="x", color=style.FAINT, lw=0.6)
    axes.set_axisbelow(True)
    values = axes.secondary_yaxis("right")
    values.set_yticks(places, [write(value) for value in shown["importance"]])
    for side in (axes, values):
        side.tick_params(axis="y", length=0, labelsize=8.5)
        side.spines[["left", "right"]].set_visible(False)
