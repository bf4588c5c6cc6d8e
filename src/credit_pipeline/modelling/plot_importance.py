"""The figure of what a model relies on."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from credit_pipeline.modelling import plot_style as style

_SHOWN: Final = 15
_FIRST: Final = 3


def importance_figure(model: str, names: Sequence[str], values: NDArray[np.float64], kind_label: str) -> Figure:
    """Draw the weightiest inputs of a model as bars, at most fifteen, and say how many are left out.

    Parameters
    ----------
    model
        Name of the model, as in YAML.
    names
        The k inputs.
    values
        Shape (k,): importance of each, finite. The sign is drawn (hatched where negative), the size decides the order.
    kind_label
        What the importance is, such as ``mean absolute SHAP value``.

    Raises
    ------
    ValueError
        There is no input, names and values differ in number, or a value is not finite.
    """
    values = np.asarray(values, dtype=np.float64)
    _require_drawable(names, values)
    order = np.argsort(-np.abs(values), kind="stable")[:_SHOWN]
    height = min(style.HEIGHT, 1.5 + 0.22 * len(order))
    figure = style.canvas(f"What does {style.humanised(model)} rely on?", *_answer(values), height=height)
    axes = style.quieten(figure.subplots(), style.capitalised(kind_label))
    _draw_bars(axes, [names[position] for position in order], values[order])
    return figure


def _require_drawable(names: Sequence[str], values: NDArray[np.float64]) -> None:
    if values.shape != (len(names),) or not len(names):
        raise ValueError(f"each input has one importance, got {len(names)} names and values of shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"importances are finite, {np.count_nonzero(~np.isfinite(values))} of {len(values)} are not")


def _answer(values: NDArray[np.float64]) -> tuple[str, ...]:
    if len(values) <= _FIRST:
        return (f"Number of inputs: {len(values)}",)
    sizes = np.sort(np.abs(values))[::-1]
    shares = sizes / (sizes.sum() or 1)
    inputs, left_out = len(sizes), len(sizes) - _SHOWN
    first = f"The first {_FIRST} of {inputs} inputs carry {style.percent(shares[:_FIRST].sum())} of the total"
    if left_out <= 0:
        return first, "all are shown"
    return first, f"the {left_out} left out carry {style.percent(shares[_SHOWN:].sum())}"


def _draw_bars(axes: Axes, names: Sequence[str], values: NDArray[np.float64]) -> None:
    bars = axes.barh(np.arange(len(names)), values, height=0.66, color=style.PAYER, edgecolor=style.MODEL, lw=0.7)
    decimals = _decimals(values)
    for bar, value in zip(bars, values, strict=True):
        bar.set_hatch("////" if value < 0 else "")
        words, side = f"{value:,.{decimals}f}".replace("-", style.MINUS), -1 if value < 0 else 1
        here = (float(value), bar.get_y() + bar.get_height() / 2)
        style.note(axes, words, here, (3 * side, 0), ha="right" if side < 0 else "left", va="center_baseline")
    axes.axvline(0, color=style.MUTED, lw=0.8)
    axes.set_yticks(np.arange(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xticks([])
    axes.margins(x=0.04 + 0.016 * max(len(label.get_text()) for label in axes.texts))


def _decimals(values: NDArray[np.float64]) -> int:
    """Count the decimals that give the largest value three digits."""
    largest = float(np.max(np.abs(values)))
    return max(0, 2 - int(np.floor(np.log10(largest)))) if largest > 0 else 0
