"""The figure of the errors of a regressor."""

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from credit_pipeline.modelling.figures import style
from credit_pipeline.modelling.figures.words import format_amounts, humanise, number, writer

_DOTS: Final = 2000
_IN_SIGHT: Final = (0.005, 0.995)


def residual_figure(model: str, table: pd.DataFrame, unit: str) -> Figure:
    """Draw predicted against observed values, and residuals against predicted values with their median.

    Parameters
    ----------
    model
        Name of the model, as in YAML.
    table
        What ``residual_table`` gave. At most 2,000 rows are drawn, evenly spread over the predictions; line and band of
        the residuals use all rows.
    unit
        Unit of the target, such as its name.
    """
    figure = style.canvas(f"Where are the predictions of {humanise(model)} wrong?", *_answer(table), height=3.9)
    left, right = figure.subplots(1, 2)
    ordered = table.sort_values("predicted", kind="stable")
    dots = ordered.iloc[np.unique(np.linspace(0, len(ordered) - 1, _DOTS).astype(int))]
    _draw_predicted(left, dots, unit)
    _draw_residuals(right, dots, residual_bands(table))
    _leave_out_the_farthest(right, table["residual"].to_numpy(np.float64))
    return figure


def _answer(table: pd.DataFrame) -> tuple[str, ...]:
    residual, observed = table["residual"], table["observed"]
    error, bias = float(residual.abs().mean()), float(residual.mean())
    write = writer([error, bias])
    spread = float(((observed - observed.mean()) ** 2).sum())
    explained = (f"R\u00b2 {number(1 - float((residual**2).sum()) / spread)}",) if spread else ()
    way = "too low" if bias > 0 else "too high"
    return (
        f"Mean absolute error {write(error)}",
        f"on average {write(abs(bias))} {way}",
        *explained,
        f"n = {len(table):,}",
    )


def _draw_dots(axes: Axes, dots: pd.DataFrame, x: str, y: str) -> None:
    axes.plot(dots[x], dots[y], ls="none", marker="o", ms=2.2, mew=0, color=style.PAYER, alpha=0.45, rasterized=True)
    for axis in (axes.xaxis, axes.yaxis):
        format_amounts(axis)
    axes.tick_params(labelsize=8)
    axes.locator_params(nbins=4)


def _draw_predicted(axes: Axes, dots: pd.DataFrame, unit: str) -> None:
    style.quieten(axes, f"Observed {unit}", f"Predicted {unit}")
    _draw_dots(axes, dots, "observed", "predicted")
    both = dots[["observed", "predicted"]]
    ends = [float(both.min().min()), float(both.max().max())]
    axes.plot(ends, ends, color=style.INK, lw=1, ls="--")
    axes.set_title("Dashed: predicted = observed", size=8.5, color=style.MUTED, loc="left")


def _draw_residuals(axes: Axes, dots: pd.DataFrame, bands: pd.DataFrame) -> None:
    style.quieten(axes, "Predicted", "Observed minus predicted")
    _draw_dots(axes, dots, "predicted", "residual")
    axes.axhline(0, color=style.INK, lw=1, ls="--")
    axes.plot(bands["predicted"], bands["median"], color=style.MODEL, lw=1.8)
    for edge in ("lower", "upper"):
        axes.plot(bands["predicted"], bands[edge], color=style.INK, lw=1.3, ls=":")


def _leave_out_the_farthest(axes: Axes, residuals: NDArray[np.float64]) -> None:
    """Keep a few outliers from flattening the rest of the plot, and say how many lie beyond."""
    low, high = np.quantile(residuals, _IN_SIGHT)
    room = 0.3 * ((high - low) or 1.0)
    axes.set_ylim(low - room, high + room)
    beyond = int(((residuals < low - room) | (residuals > high + room)).sum())
    words = f"Line: median, dotted: middle 80 %{f'; {beyond:,} beyond' if beyond else ''}"
    axes.set_title(words, size=8.5, color=style.MUTED, loc="left")


Values = NDArray[np.float64]

_BAND = (0.1, 0.5, 0.9)


def residual_table(observed: Values, predicted: Values) -> pd.DataFrame:
    """List observed and predicted values with their residuals.

    Parameters
    ----------
    observed, predicted
        Shape (rows,), in the target's unit, none missing.

    Returns
    -------
    pandas.DataFrame
        ``observed``, ``predicted``, ``residual`` = observed - predicted: positive where the prediction is too low.

    Raises
    ------
    ValueError
        The arrays differ in length, there is no row, or a value is not finite.

    Examples
    --------
    >>> residual_table(np.array([3.0, 5.0]), np.array([2.0, 7.0]))["residual"].tolist()
    [1.0, -2.0]
    """
    observed, predicted = np.asarray(observed, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if observed.shape != predicted.shape or observed.ndim != 1 or not len(observed):
        raise ValueError(
            f"each row needs one observed and one predicted value, got shapes {observed.shape} and {predicted.shape}"
        )
    if missing := int((~np.isfinite(observed) | ~np.isfinite(predicted)).sum()):
        raise ValueError(f"observed and predicted values must be finite, {missing} of {len(observed)} rows are not")
    return pd.DataFrame({"observed": observed, "predicted": predicted, "residual": observed - predicted})


def residual_bands(table: pd.DataFrame, groups: int = 20) -> pd.DataFrame:
    """Give the middle of the residuals by predicted value.

    Parameters
    ----------
    table
        What ``residual_table`` gave.
    groups
        Largest number of groups of equal size, by ``predicted``; rows with equal predictions stay together.

    Returns
    -------
    pandas.DataFrame
        One row per group, ascending: ``rows``, ``predicted`` (median), ``lower``, ``median``, ``upper`` (10 %, 50 % and
        90 % of the residuals).
    """
    edges = np.unique(np.quantile(table["predicted"], np.arange(1, groups) / groups, method="inverted_cdf"))
    by_group = table.groupby(np.searchsorted(edges, table["predicted"], side="left"))
    residual, shares = by_group["residual"], dict(zip(("lower", "median", "upper"), _BAND, strict=True))
    bands = {name: residual.quantile(share) for name, share in shares.items()}
    return pd.DataFrame({"rows": by_group.size(), "predicted": by_group["predicted"].median(), **bands}).reset_index(
        drop=True
    )
