"""The figure of the bins of a recipe: how many rows each bin has, and how safe it is."""

from math import ceil
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from credit_pipeline.modelling.features.binning import INTERVAL, MISSING, SPECIAL_CODE
from credit_pipeline.modelling.figures import style
from credit_pipeline.modelling.figures.words import MINUS, humanise, short_number, shorten

PANELS: Final = 12
"""Largest number of characteristics that are drawn."""

_ACROSS: Final = 3
_LETTERS: Final = 26
_LABEL_LETTERS: Final = 10
_LEVEL_LETTERS: Final = 28  # They fit under a small figure.
_NAMED: Final = 14  # Largest number of bins that are named.
_FOOT: Final = 0.2  # Height of the largest bar, as a share of the axes.
_APART: Final = 0.8  # Gap between ordinary bins and special codes, in bins.


def bins_figure(name: str, table: pd.DataFrame, selection: pd.DataFrame) -> Figure:
    """Draw a small figure for each kept characteristic, by falling information value: weights and shares of rows.

    Dots are weights of evidence; those of intervals are joined by a line. Hollow squares to their right, after a dotted
    line, are special codes and missing values. Bars at the bottom are shares of rows, on the same scale in all figures.
    Long names of bins are shortened.

    Parameters
    ----------
    name
        Name of the recipe, as in YAML.
    table
        What ``WeightOfEvidence.table`` gives.
    selection
        What ``WeightOfEvidence.selection`` gives.
    """
    kept = selection[selection["kept"]]
    shown = kept.head(PANELS).set_index("characteristic")["information_value"]
    bins = {str(name): _placed(table[table["characteristic"] == name]) for name in shown.index}
    down = ceil(len(bins) / _ACROSS)
    question = f"How safe is each bin of the recipe {humanise(name)}?"
    figure = style.canvas(question, *_answer(kept, len(selection) - len(kept)), height=1.0 + 2.2 * down)
    panels = figure.subplots(down, min(_ACROSS, len(bins)), sharey=True, squeeze=False).ravel()
    _set_scale(panels[0], pd.concat(bins.values()))
    largest = max(float(found["share"].max()) for found in bins.values())
    for axes, (characteristic, found) in zip(panels, bins.items(), strict=False):
        _draw_bins(axes, found, largest)
        title = f"{shorten(characteristic, _LETTERS)}\nIV {shown[characteristic]:.3f}"
        axes.set_title(title, size=8.5, weight="bold", loc="left")
    for axes in panels[len(bins) :]:
        axes.set_axis_off()
    figure.supylabel("Weight of evidence", size=9)
    return figure


def _answer(kept: pd.DataFrame, dropped: int) -> tuple[str, ...]:
    best = kept.iloc[0]
    return (
        f"{best['characteristic']} has the highest information value (IV), {best['information_value']:.3f}",
        f"{PANELS} of {len(kept)} kept are shown" if len(kept) > PANELS else f"{len(kept)} kept",
        f"{dropped} dropped",
        "dots: weight of evidence, high is safe",
        "hollow: special codes and missing",
        "bars: share of rows",
    )


def _set_scale(axes: Axes, table: pd.DataFrame) -> None:
    low, high = (float(table["weight_of_evidence"].agg(end)) for end in ("min", "max"))
    span = (high - low) or 1.0
    axes.set_ylim(low - (_FOOT + 0.15) * span, high + 0.1 * span)
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda weight, _: f"{weight:g}".replace("-", MINUS)))


def _placed(bins: pd.DataFrame) -> pd.DataFrame:
    """Put ordinary bins first and give each bin a place; special codes and missing values are set apart."""
    special = bins["kind"].isin([SPECIAL_CODE, MISSING])
    shares = bins.assign(special=special, share=bins["count"] / bins["count"].sum())
    placed = shares.sort_values("special", kind="stable", ignore_index=True)
    return placed.assign(place=np.arange(len(bins)) + _APART * (placed["special"] & (not special.all())))


def _draw_bins(axes: Axes, bins: pd.DataFrame, largest: float) -> None:
    style.quieten(axes, "")
    axes.tick_params(labelsize=7)
    axes.axhline(0, color=style.MUTED, lw=0.7, ls="--")
    heights, where = _FOOT * bins["share"] / largest, axes.get_xaxis_transform()
    axes.bar(bins["place"], heights, 0.8, color=style.FAINT, edgecolor=style.MUTED, lw=0.5, transform=where)
    ordinary, special = bins[~bins["special"]], bins[bins["special"]]
    line = "-" if set(ordinary["kind"]) == {INTERVAL} else ""
    axes.plot(ordinary["place"], ordinary["weight_of_evidence"], color=style.MODEL, lw=1.5, ls=line, marker="o", ms=4)
    if len(special):
        style.draw_hollow(axes, special["place"], special["weight_of_evidence"], "s")
    if len(ordinary) and len(special):
        axes.axvline(special["place"].iloc[0] - (1 + _APART) / 2, color=style.MUTED, lw=0.7, ls=":")
    axes.set_xlim(-0.6, bins["place"].iloc[-1] + 0.6)
    _name_bins(axes, bins)


def _name_bins(axes: Axes, bins: pd.DataFrame) -> None:
    every = ceil(len(bins) / _NAMED)
    named = bins.iloc[::every]
    words = [
        _from(label) if kind == INTERVAL else label for label, kind in zip(named["bin"], named["kind"], strict=True)
    ]
    shown = [shorten(word.replace("-", MINUS), _LABEL_LETTERS) for word in words]
    turned = 90 if max(map(len, shown)) * len(shown) > _LEVEL_LETTERS else 0
    axes.set_xticks(named["place"], shown, rotation=turned)


def _from(label: str) -> str:
    """Name an interval by its lower end, the first one by its upper end, with three digits.

    >>> [_from(label) for label in ("[-inf, 0.0512345)", "[50000, 145000)", "[145000, inf)", "[-inf, inf)")]
    ['< 0.0512', '\u2265 50k', '\u2265 145k', 'numbers']
    """
    lower, upper = (float(edge) for edge in label.strip("[)").split(", "))
    if np.isinf(lower):
        return "numbers" if np.isinf(upper) else f"< {short_number(upper, 3)}"
    return f"\u2265 {short_number(lower, 3)}"
