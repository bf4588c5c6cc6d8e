"""The style of all figures: a question as the title, the answer below it, and quiet axes.

Figures are made without ``pyplot``, which has global state and is not thread-safe.
"""

from collections.abc import Sequence
from math import floor
from textwrap import wrap
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axes._secondary_axes import SecondaryAxis
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation
from numpy.typing import ArrayLike

from credit_pipeline.core import Probability

Point = tuple[float, float]
LowerValueUpper = tuple[float, float, float]

INK: Final = "#1a1a1a"
MUTED: Final = "#666666"
FAINT: Final = "#dddddd"
MODEL: Final = "#0b4f8a"
DEFAULTER: Final = "#b3411a"
PAYER: Final = "#4d7ea8"

TIMES: Final = "\u00d7"

WIDTH: Final = 7.0
HEIGHT: Final = 4.5
"""Inches of a figure."""

_TITLE_SIZE, _ANSWER_SIZE, _LABEL_SIZE = 12.0, 9.0, 9.0
_TITLE_LETTERS, _ANSWER_LETTERS = 66, 100
_MARGIN = 0.12  # Inches between the text and the edge.
_POINTS = 72  # Per inch.
_NO_BREAK = "\u00a0"


def canvas(question: str, *answer: str, height: float = HEIGHT) -> Figure:
    """Make an empty figure with its question and answer above the space for axes.

    Parameters
    ----------
    question
        The title.
    answer
        Phrases, joined by commas; a long line is broken between phrases.
    height
        Inches; the width is the same for all figures.
    """
    figure = Figure(figsize=(WIDTH, height), dpi=150, layout="constrained", facecolor="white")
    top = height - _MARGIN
    for lines, size, weight, colour in (
        (wrap(question, _TITLE_LETTERS), _TITLE_SIZE, "bold", INK),
        (_between_phrases(answer), _ANSWER_SIZE, "normal", MUTED),
    ):
        figure.text(
            _MARGIN / WIDTH,
            top / height,
            "\n".join(lines),
            size=size,
            weight=weight,
            color=colour,
            va="top",
            linespacing=1.4,
        )
        top -= (1.55 * size * len(lines)) / _POINTS
    _keep_below(figure, (top - 0.06) / height)
    return figure


def _between_phrases(phrases: tuple[str, ...]) -> list[str]:
    unbroken = ", ".join(phrase.replace(" ", _NO_BREAK) for phrase in phrases)
    return [line.replace(_NO_BREAK, " ") for line in wrap(unbroken, _ANSWER_LETTERS)]


def _keep_below(figure: Figure, top: float) -> None:
    if isinstance(engine := figure.get_layout_engine(), ConstrainedLayoutEngine):
        engine.set(rect=(0.01, 0.01, 0.97, top - 0.01))


def quieten(axes: Axes, x_label: str, y_label: str = "") -> Axes:
    """Remove the box around the axes and set their labels.

    Parameters
    ----------
    axes
        Changed in place.
    x_label, y_label
        Labels of the axes.

    Returns
    -------
    matplotlib.axes.Axes
        The same axes.
    """
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(MUTED)
    axes.tick_params(labelsize=8, color=MUTED, labelcolor=INK, length=3)
    axes.set_xlabel(x_label, size=_LABEL_SIZE, color=INK)
    axes.set_ylabel(y_label, size=_LABEL_SIZE, color=INK)
    return axes


def format_shares(*axes: Axis) -> None:
    """Write the tick labels of axes with shares as per cent."""
    for axis in axes:
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))


def draw_reference(axes: Axes, start: Point, end: Point, words: str, at: float = 0.6) -> None:
    """Draw a dashed reference line with its name below it.

    Parameters
    ----------
    axes
        Where to draw.
    start, end
        The ends of the line, as (x, y).
    words
        Name of the line.
    at
        Position of the name, as a share of the length of the line.
    """
    axes.plot(*zip(start, end, strict=True), color=MUTED, lw=1, ls="--")
    here = (start[0] + at * (end[0] - start[0]), start[1] + at * (end[1] - start[1]))
    slope = np.degrees(np.arctan2(end[1] - start[1], end[0] - start[0]))
    axes.text(
        *here,
        words,
        size=8.5,
        color=MUTED,
        ha="center",
        va="top",
        transform=axes.transData + ScaledTranslation(2 / _POINTS, -3 / _POINTS, axes.figure.dpi_scale_trans),
        rotation=float(slope),
        rotation_mode="anchor",
        transform_rotates_text=True,
    )


def draw_hollow(axes: Axes, x: ArrayLike, y: ArrayLike, marker: str, colour: str = MODEL) -> None:
    """Draw hollow marks.

    Parameters
    ----------
    axes
        Where to draw.
    x, y
        Positions of the marks.
    marker, colour
        Matplotlib's marker, and the colour of the edge.
    """
    axes.plot(x, y, ls="none", marker=marker, ms=6, color="white", mec=colour, mew=1.4, clip_on=False, zorder=3)


def note(axes: Axes, words: str, at: Point, offset: Point, **how: str) -> None:
    """Write a label next to a point.

    Parameters
    ----------
    axes
        Where to write.
    words
        The label.
    at
        The point, as (x, y) of the data.
    offset
        From the point to the label, in points (1/72 inch).
    **how
        Further arguments of ``Axes.annotate``.
    """
    axes.annotate(words, at, offset, textcoords="offset points", **{"size": 8.5, "color": INK, **how})  # type: ignore[arg-type]


def label_point(axes: Axes, words: str, at: Point) -> None:
    """Write a label below a point: to its right, or to its left near the right end of the axes.

    Parameters
    ----------
    axes
        Where to write.
    words
        The label.
    at
        The point, as (x, y) of the data.
    """
    near_end = at[0] > 0.8 * axes.get_xlim()[1]
    note(axes, words, at, (-6 if near_end else 6, -4), va="top", ha="right" if near_end else "left")


def rows_with_values(
    axes: Axes, names: Sequence[str], values: Sequence[str], *, lined: bool = True, size: float = 9
) -> tuple[Axes | SecondaryAxis, ...]:
    """Write the name of each row on the left and its value on the right, the first row on top; return both axes.

    Parameters
    ----------
    axes
        Rows are at the heights 0, 1, 2 and so on.
    names, values
        One per row, starting with the first row.
    lined
        Whether vertical grid lines are drawn.
    size
        Font size in points.
    """
    heights = np.arange(len(names))
    axes.set_yticks(heights, names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    if lined:
        axes.grid(axis="x", color=FAINT, lw=0.6)
        axes.set_axisbelow(True)
    right = axes.secondary_yaxis("right")
    right.set_yticks(heights, values)
    for side in (axes, right):
        side.tick_params(axis="y", length=0, labelsize=size)
        side.spines[["left", "right"]].set_visible(False)
    return axes, right


def spread_above_interval(
    axes: Axes, height: int, spread: LowerValueUpper, interval: LowerValueUpper, colour: str
) -> None:
    """Draw a hollow circle on a dotted line above a filled square on a solid line.

    Parameters
    ----------
    axes
        Where to draw.
    height
        Of the row.
    spread, interval
        (lower, value, upper) of the circle and of the square. A spread whose value is not finite is left out.
    colour
        Of both.
    """
    above, below = height - 0.16, height + 0.16
    if np.isfinite(spread[1]):
        axes.plot([spread[0], spread[2]], [above] * 2, color=colour, lw=1, ls=":")
        draw_hollow(axes, spread[1], above, "o", colour)
    axes.plot([interval[0], interval[2]], [below] * 2, color=colour, lw=1.6, marker="|", ms=6)
    axes.plot(interval[1], below, "s", color=colour, ms=5.5)


def explain_marks(axes: Axes, hollow_words: str) -> None:
    """Add a legend above the axes for hollow circles on dotted lines; filled squares are the test part."""
    circle = Line2D([], [], color=INK, lw=1, ls=":", marker="o", mfc="white", mew=1.4, ms=6)
    square = Line2D([], [], color=INK, lw=1.6, marker="s", ms=5.5)
    marks = {hollow_words: circle, "test with 95 % interval": square}
    axes.legend(marks.values(), marks.keys(), loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=8.5)


def scale_end(probability: Probability) -> float:
    """Give the end of an axis of probabilities: the next twentieth, so that small probabilities fill the axis."""
    return min(1.0, floor(float(np.max(probability)) * 20 + 1) / 20)
