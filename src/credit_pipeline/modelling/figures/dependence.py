"""The figure of how a model's answer changes with each column."""

from math import ceil
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from credit_pipeline.modelling.explanation.dependence import MISSING, NUMBER, SPECIAL_CODE
from credit_pipeline.modelling.figures import style
from credit_pipeline.modelling.figures.words import (
    MINUS,
    capitalise,
    format_amounts,
    humanise,
    percent,
    short_number,
    shorten,
    writer,
)

_ACROSS: Final = 3
_STEP: Final = 0.18  # Distance between points next to a range, as a share of the range.
_FOOT: Final = 0.2  # Height of the largest bar, as a share of the axes.
_LETTERS: Final = 26
_LABEL_LETTERS: Final = 20  # They fit under a small figure.
_CATEGORY_LETTERS: Final = 14
_NAMED: Final = 10  # Largest number of categories that are named.

Places = NDArray[np.float64]


def partial_dependence_figure(model: str, table: pd.DataFrame, unit: str | None = None) -> Figure:
    """Draw a small figure for each column: the mean answer, the middle 80 % of single curves, and shares of applicants.

    Numbers are a line with a band; special codes are points to their left, missing values points to their right.
    Categories are points side by side. Bars at the bottom show the share of applicants at each point; the highest bar
    has the same height in all figures.

    Parameters
    ----------
    model
        Name of the model, as in YAML.
    table
        What ``partial_dependence`` gave, at least one column.
    unit
        Unit of the answer; by default the answer is a probability of default.
    """
    columns = table["feature"].unique().tolist()
    down = ceil(len(columns) / _ACROSS)
    figure = style.canvas(
        f"How does {humanise(model)}'s answer change with each column?",
        *_answer(table, unit),
        height=0.9 + 2.0 * down,
    )
    panels = figure.subplots(down, min(_ACROSS, len(columns)), sharey=True, squeeze=False).ravel()
    low, high = float(table["lower"].min()), float(table["upper"].max())
    span = (high - low) or 1.0
    panels[0].set_ylim(low - 0.35 * span, high + 0.05 * span)
    for axes, name in zip(panels, columns, strict=False):
        _draw_column(axes, table[table["feature"] == name])
        axes.set_title(shorten(name, _LETTERS), size=9, weight="bold", loc="left")
    for axes in panels[len(columns) :]:
        axes.set_axis_off()
    _label_answers(figure, panels[0], unit)
    return figure


def _answer(table: pd.DataFrame, unit: str | None) -> tuple[str, ...]:
    means = table.groupby("feature", sort=False)["mean"].agg(["min", "max"])
    name = str((means["max"] - means["min"]).idxmax())
    write = percent if unit is None else writer(means)
    low, high = (write(float(means[end][name])) for end in ("min", "max"))
    return (
        f"It changes most with {name}, from {low} to {high} on average",
        "band: middle 80 % of single applicants",
        "bars: share of applicants",
    )


def _label_answers(figure: Figure, axes: Axes, unit: str | None) -> None:
    figure.supylabel("Probability of default" if unit is None else capitalise(unit), size=9)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    if unit is None:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
    else:
        format_amounts(axes.yaxis)


def _draw_column(axes: Axes, points: pd.DataFrame) -> None:
    style.quieten(axes, "")
    axes.tick_params(labelsize=7.5)
    numbers, largest = points[points["kind"] == NUMBER], float(points["share"].max())
    if numbers.empty:
        _draw_points(axes, points, np.arange(len(points), dtype=np.float64), 0.8, largest)
        _name_categories(axes, points["label"].tolist())
        return
    axes.plot(numbers["value"], numbers["mean"], color=style.MODEL, lw=1.8, marker="o" if len(numbers) == 1 else "")
    axes.fill_between(numbers["value"], numbers["lower"], numbers["upper"], color=style.MODEL, alpha=0.15, lw=0)
    start, end = float(numbers["value"].min()), float(numbers["value"].max())
    step = _STEP * ((end - start) or 1.0)
    _draw_bars(axes, numbers, numbers["value"].to_numpy(np.float64), 0.15 * step, largest)
    codes, missing = (points[points["kind"] == kind] for kind in (SPECIAL_CODE, MISSING))
    left, right = start - step * (np.arange(len(codes), 0.0, -1) + 0.3), end + step * (np.arange(len(missing)) + 1.3)
    for part, places, border in ((codes, left, start), (missing, right, end)):
        if len(part):
            _draw_points(axes, part, np.asarray(places, dtype=np.float64), 0.4 * step, largest)
            axes.axvline(border + (0.65 * step if border == end else -0.65 * step), color=style.MUTED, lw=0.6, ls=":")
    ticks = [tick for tick in MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(start, end) if start <= tick <= end]
    labels = [*codes["label"], *map(short_number, ticks), *missing["label"]]
    axes.set_xticks([*left, *ticks, *right], [label.replace("-", MINUS) for label in labels])


def _draw_points(axes: Axes, points: pd.DataFrame, places: Places, width: float, largest: float) -> None:
    # Not error bars: of a skewed distribution the mean may lie outside the middle 80 %.
    axes.vlines(places, points["lower"].to_numpy(np.float64), points["upper"].to_numpy(np.float64), "#0b4f8a66", lw=3)
    axes.plot(places, points["mean"], "s", ms=4.5, color=style.MODEL)
    _draw_bars(axes, points, places, width, largest)


def _draw_bars(axes: Axes, points: pd.DataFrame, places: Places, width: float, largest: float) -> None:
    heights = _FOOT * points["share"] / largest
    axes.bar(
        places, heights, width, color=style.FAINT, edgecolor=style.MUTED, lw=0.5, transform=axes.get_xaxis_transform()
    )


def _name_categories(axes: Axes, labels: list[str]) -> None:
    """Write the names of categories: turned if they are long, and not all of them if they are many."""
    every = ceil(len(labels) / _NAMED)
    shown = [shorten(label, _CATEGORY_LETTERS) for label in labels]
    turned = 90 if sum(map(len, shown)) > _LABEL_LETTERS else 0
    axes.set_xticks(np.arange(len(labels))[::every], shown[::every], rotation=turned)
