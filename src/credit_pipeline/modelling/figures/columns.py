"""The figures of what a model relies on and of what drives single answers, column by column."""

from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from credit_pipeline.core import Values
from credit_pipeline.modelling.explanation.shap_values import LOG_ODDS, PROBABILITY, Contributions
from credit_pipeline.modelling.figures import style
from credit_pipeline.modelling.figures.words import capitalise, format_amounts, humanise, percent, writer

_MOST_IMPORTANT: Final = 15


def permutation_figure(model: str, importance: pd.DataFrame, measure: str) -> Figure:
    """Draw the most important columns, at most fifteen, as points with their intervals.

    Parameters
    ----------
    model
        Name of the model, as in YAML.
    importance
        What ``permutation_importance`` gave, at least one row.
    measure
        What the importance measures, such as ``fall of AUC``.
    """
    shown = importance.head(_MOST_IMPORTANT)
    height = min(style.HEIGHT, 1.7 + 0.22 * len(shown))
    figure = style.canvas(
        f"What does {humanise(model)} rely on?", *_importance_in_words(importance, measure), height=height
    )
    axes = style.quieten(figure.subplots(), f"{capitalise(measure)} when shuffled, with 95 % interval")
    format_amounts(axes.xaxis)
    axes.axvline(0, color=style.MUTED, lw=0.8, ls="--")
    for place, row in enumerate(shown.itertuples()):
        _draw_importance(axes, place, float(row.importance), float(row.lower), float(row.upper))  # type: ignore[arg-type]
    write = writer(shown["importance"])
    style.rows_with_values(axes, shown["feature"].tolist(), [write(value) for value in shown["importance"]], size=8.5)
    return figure


def _importance_in_words(importance: pd.DataFrame, measure: str) -> tuple[str, ...]:
    first = importance.iloc[0]
    write = writer(importance["upper"])
    value, lower, upper = (write(float(first[name])) for name in ("importance", "lower", "upper"))
    found = int((importance["lower"] > 0).sum())
    return (
        f"Shuffling {first['feature']}: {measure} {value} (95 % {lower} to {upper})",
        f"{found} of {len(importance)} columns are significant (filled)",
    )


def _draw_importance(axes: Axes, place: int, value: float, lower: float, upper: float) -> None:
    is_sure = lower > 0
    axes.plot([lower, upper], [place] * 2, color=style.MODEL if is_sure else style.MUTED, lw=1.4, marker="|", ms=5)
    if is_sure:
        axes.plot(value, place, "o", color=style.MODEL, ms=6)
    else:
        style.draw_hollow(axes, value, place, "o", style.MUTED)


_WEIGHTIEST: Final = 12

_DOTS: Final = 500

_PLACES: Final = 110  # Number of stacks of dots along the axis.

_REACH: Final = 0.42  # Height of the highest stack; rows are 1 apart.

_STEP: Final = 0.07  # Distance between two marks of a stack, if there is room.

_ANSWERS: Final = MappingProxyType(
    {LOG_ODDS: "the log odds of default", PROBABILITY: "the probability of default, in percentage points"}
)

_UNITS: Final = MappingProxyType({LOG_ODDS: " log odds", PROBABILITY: " percentage points"})


def shap_figure(model: str, found: Contributions, features: pd.DataFrame) -> Figure:
    """Draw for each applicant what a column adds to the answer, for the twelve most important columns.

    Marks above the line of a column are the higher half of its values, marks below are the lower half. A column that is
    not numeric has all marks below. Values equal to the median join the side that makes the halves more equal.

    Parameters
    ----------
    model
        Name of the model, as in YAML.
    found
        What ``contributions`` gave, at least one row. At most 500 rows are drawn, evenly spread.
    features
        Raw and derived columns of the same applicants in the same order. A missing column is drawn like one that is not
        numeric.
    """
    added = found.table * (100 if found.unit == PROBABILITY else 1)
    sizes = added.abs().mean().sort_values(ascending=False, kind="stable")
    shown = sizes.head(_WEIGHTIEST)
    figure = style.canvas(
        f"What drives {humanise(model)}'s answers for single applicants?",
        *_movement_in_words(sizes, found),
        height=min(5.6, 1.7 + 0.33 * len(shown)),
    )
    axes = style.quieten(figure.subplots(), f"Added to {_ANSWERS.get(found.unit, f'the {found.unit}')}")
    rows = np.unique(np.linspace(0, len(found.table) - 1, _DOTS).astype(int))
    table = added[shown.index].iloc[rows]
    format_amounts(axes.xaxis)
    _draw_marks(axes, table, features.iloc[rows])
    _name_movers(axes, shown)
    return figure


def _movement_in_words(sizes: "pd.Series[float]", found: Contributions) -> tuple[str, ...]:
    shown = min(_WEIGHTIEST, len(sizes))
    share = percent(float(sizes.head(shown).sum() / (sizes.sum() or 1)))
    unit = _UNITS.get(found.unit, "")
    return (
        f"{sizes.index[0]} changes an answer by {writer(sizes)(sizes.iloc[0])}{unit} on average",
        f"{shown} of {len(sizes)} columns make up {share} of all changes",
        f"n = {len(found.table):,}",
    )


def _draw_marks(axes: Axes, table: pd.DataFrame, features: pd.DataFrame) -> None:
    axes.axvline(0, color=style.MUTED, lw=0.8, ls="--")
    low, high = float(table.to_numpy().min()), float(table.to_numpy().max())
    edges = np.linspace(low, high if high > low else low + 1, _PLACES + 1)
    for place, name in enumerate(map(str, table)):
        axes.axhline(place, color=style.FAINT, lw=0.6, zorder=0)
        values, is_high = table[name].to_numpy(np.float64), _is_high(features, name)
        halves = {-1: values[is_high], 1: values[~is_high]}
        stacks = {side: _stacked(half, edges) for side, half in halves.items()}
        step = min(_STEP, _REACH / (1 + max(stack.max(initial=0) for stack in stacks.values())))
        for side, marker, colour in ((-1, "^", style.DEFAULTER), (1, "o", style.PAYER)):
            heights = place + side * (0.05 + step * stacks[side])
            axes.plot(halves[side], heights, ls="none", marker=marker, ms=2.4, mew=0, color=colour)


def _is_high(features: pd.DataFrame, name: str) -> NDArray[np.bool_]:
    if name not in features or not pd.api.types.is_numeric_dtype(features[name]):
        return np.zeros(len(features), dtype=bool)
    values = features[name].to_numpy(np.float64, na_value=np.nan)
    median = np.median(values[~np.isnan(values)]) if not np.isnan(values).all() else np.nan
    above, not_below = values > median, values >= median
    return np.asarray(not_below if abs(not_below.mean() - 0.5) < abs(above.mean() - 0.5) else above)


def _stacked(values: Values, edges: Values) -> Values:
    """Count for each value the earlier values in the same place."""
    place = np.searchsorted(edges, values, side="right")
    order = np.argsort(place, kind="stable")
    ordered = place[order]
    starts = np.searchsorted(ordered, ordered)
    heights = np.empty(len(values), dtype=np.float64)
    heights[order] = np.arange(len(values)) - starts
    return heights


def _name_movers(axes: Axes, shown: "pd.Series[float]") -> None:
    write = writer(shown)
    style.rows_with_values(axes, shown.index.tolist(), [write(value) for value in shown], lined=False, size=8.5)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    words = "\u25b2 above the line: higher values of the column   \u25cf below: lower values"
    axes.set_title(words, size=8.5, color=style.MUTED, loc="left")
    style.note(axes, "mean size", (1, 1), (5, 6), xycoords="axes fraction", color=style.MUTED)
