"""Figures of one model: each asks a question in its title and answers it in the line below.

Functions raise ``ValueError`` as ``metrics.score`` does. Colour is never the only cue: a line style, a shape or a label
always shows the same.
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from credit_pipeline.core import Estimate, Outcome, Probability
from credit_pipeline.modelling.figures import style
from credit_pipeline.modelling.figures.curves import (
    CalibrationBins,
    GainsCurve,
    KsCurve,
    RocCurve,
    calibration_bins,
    found_among_riskiest,
    gains_curve,
    ks_curve,
    roc_curve,
)
from credit_pipeline.modelling.figures.words import (
    estimate_in_words,
    humanise,
    number,
    percent,
    percent_range,
    sample_size,
)
from credit_pipeline.modelling.metrics import Sample, estimate, metric_named
from credit_pipeline.modelling.metrics.counts import check_probabilities, count
from credit_pipeline.modelling.metrics.uncertainty import bootstrap_bounds

Estimates = Mapping[str, Estimate]

_CUT_OFFS: Final = ((0.05, "o"), (0.1, "s"), (0.2, "^"), (0.4, "D"))
_DECILES: Final = np.arange(1, 11) / 10
_BARS: Final = 40


def roc_figure(model: str, outcome: Outcome, probability: Probability, estimates: Estimates | None = None) -> Figure:
    """Draw the receiver operating characteristic and its values at four cut-offs.

    Parameters
    ----------
    model
        Name of the model, as in YAML.
    outcome, probability
        Shape (n,): 1 = default, and probability of default.
    estimates
        What ``estimate`` gave for the same rows, so that figure and tables agree; a missing metric is estimated.
    """
    answer = _answer("roc_auc", outcome, probability, estimates)
    figure = style.canvas(f"How well does {humanise(model)} rank defaulters above payers?", *answer)
    left, right = figure.subplots(1, 2, width_ratios=(1.6, 1))
    curve = roc_curve(outcome, probability)
    _draw_roc(left, curve)
    _list_cut_offs(right, curve)
    return figure


def _draw_roc(axes: Axes, curve: RocCurve) -> None:
    style.quieten(axes, "Payers flagged (false positive rate)", "Defaulters flagged (true positive rate)")
    style.format_shares(axes.xaxis, axes.yaxis)
    axes.set(xlim=(0, 1), ylim=(0, 1.01), aspect="equal", anchor="W")
    style.draw_reference(axes, (0, 0), (1, 1), "flagging at random")
    axes.plot(curve.payers_flagged, curve.defaults_flagged, color=style.MODEL, lw=1.8)
    for share, marker in _CUT_OFFS:
        style.draw_hollow(axes, share, _flagged(curve, share), marker)


def _list_cut_offs(axes: Axes, curve: RocCurve) -> None:
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    for place, words in ((0.4, "payers\nflagged"), (0.85, "defaulters\nfound")):
        axes.text(place, 0.76, words, size=8.5, color=style.MUTED, ha="right")
    for row, (share, marker) in enumerate(_CUT_OFFS):
        height = 0.68 - 0.1 * row
        style.draw_hollow(axes, 0.14, height, marker)
        axes.text(0.4, height, f"{100 * share:.0f} %", size=9, ha="right", va="center_baseline")
        axes.text(0.85, height, percent(_flagged(curve, share)), size=9, ha="right", va="center_baseline")


def _flagged(curve: RocCurve, share: float) -> float:
    return float(np.interp(share, curve.payers_flagged, curve.defaults_flagged))


def ks_figure(model: str, outcome: Outcome, probability: Probability, estimates: Estimates | None = None) -> Figure:
    """Draw the cumulative shares of payers and defaulters, and the largest distance between them.

    Parameters
    ----------
    model
        Name of the model, as in YAML.
    outcome, probability
        Shape (n,): 1 = default, and probability of default.
    estimates
        What ``estimate`` gave for the same rows, so that figure and tables agree; a missing metric is estimated.
    """
    answer = _answer("ks", outcome, probability, estimates)
    figure = style.canvas(f"How well does {humanise(model)} separate payers and defaulters?", *answer)
    axes = style.quieten(figure.subplots(), "Probability of default", "Share at or below that probability")
    style.format_shares(axes.yaxis)
    axes.set(xlim=(0, style.scale_end(probability)), ylim=(0, 1.01))
    _draw_cumulative_shares(axes, ks_curve(outcome, probability))
    return figure


def _draw_cumulative_shares(axes: Axes, curve: KsCurve) -> None:
    for shares, colour, line in ((curve.payers, style.PAYER, "--"), (curve.defaults, style.DEFAULTER, "-")):
        axes.step(np.r_[0, curve.probability], np.r_[0, shares], where="post", color=colour, lw=1.8, ls=line)
    at, low, high = (float(part[curve.widest]) for part in (curve.probability, curve.defaults, curve.payers))
    # Both curves rise, so there is free space to the right below a point, and to the left above a point.
    if high > low:
        axes.plot([at, at], [low, high], color=style.INK, lw=1, marker="_", ms=7)
        style.label_point(axes, f"KS {number(high - low)}\nat {number(at)}", (at, max(low, 0.15)))
    style.label_point(axes, "defaulters", _first(curve, curve.defaults, min(low + 0.25, 0.9), 0))
    payers = _first(curve, curve.payers, 0.9, 0.12 * axes.get_xlim()[1])
    style.note(axes, "payers", payers, (-4, 3), ha="right")


def _first(curve: KsCurve, shares: NDArray[np.float64], share: float, probability: float) -> tuple[float, float]:
    """Find the first point at which a curve has reached both; on the step to it, not at its top."""
    position = int(np.argmax((shares >= share) & (curve.probability >= probability)))
    return float(curve.probability[position]), max(share, float(shares[position - 1]) if position else 0.0)


def gains_figure(model: str, outcome: Outcome, probability: Probability) -> Figure:
    """Draw the share of defaults found among the riskiest applicants, with the lift at every decile.

    Parameters
    ----------
    model
        Name of the model, as in YAML.
    outcome, probability
        Shape (n,): 1 = default, and probability of default.
    """
    curve = gains_curve(outcome, probability)
    found = found_among_riskiest(counts := count(*check_probabilities(outcome, probability)), 0.1)[0]
    interval = bootstrap_bounds({"found": partial(found_among_riskiest, applicants=0.1)}, counts, 500, seed=42)["found"]
    answer = f"The riskiest 10 % hold {percent(found)} of the defaults (95 % {percent_range(*interval)})"
    figure = style.canvas(f"How early does {humanise(model)} find the defaults?", answer, sample_size(outcome))
    axes = style.quieten(figure.subplots(), "Applicants examined, riskiest first", "Defaults found")
    style.format_shares(axes.xaxis, axes.yaxis)
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xticks=np.r_[0, _DECILES])
    _draw_gains(axes, curve, float(np.mean(outcome)))
    return figure


def _draw_gains(axes: Axes, curve: GainsCurve, default_rate: float) -> None:
    style.draw_reference(axes, (0, 0), (1, 1), "random order", at=0.75)
    axes.plot([0, default_rate, 1], [0, 1, 1], color=style.MUTED, lw=1, ls=":")
    style.note(axes, "perfect order", (default_rate, 0.97), (7, 0), va="top", color=style.MUTED)
    axes.plot(curve.applicants, curve.defaults, color=style.MODEL, lw=1.8)
    style.draw_hollow(axes, _DECILES, curve.found(_DECILES), "o")
    lifts = axes.secondary_xaxis("top")
    lifts.set_xticks(_DECILES, [f"{lift:.1f}{style.TIMES}" for lift in curve.lift(_DECILES)])
    lifts.set_xlabel("Lift: defaults found, as a multiple of random order", size=8.5, color=style.MUTED)
    lifts.tick_params(labelsize=8, length=0)
    lifts.spines["top"].set_visible(False)


def calibration_figure(
    model: str, outcome: Outcome, probability: Probability, estimates: Estimates | None = None
) -> Figure:
    """Draw observed against predicted default rates in ten quantile bins, above a histogram of the predictions.

    Parameters
    ----------
    model
        Name of the model, as in YAML.
    outcome, probability
        Shape (n,): 1 = default, and probability of default.
    estimates
        What ``estimate`` gave for the same rows, so that figure and tables agree; a missing metric is estimated.
    """
    predicted, observed = (percent(float(np.mean(part))) for part in (probability, outcome))
    answer = (
        f"Predicted {predicted}, observed {observed}",
        *_answer("brier", outcome, probability, estimates),
    )
    figure = style.canvas(f"Do the probabilities of {humanise(model)} match the default rates?", *answer)
    upper, lower = figure.subplots(2, 1, height_ratios=(4, 1), sharex=True)
    bins = calibration_bins(outcome, probability)
    end = style.scale_end(np.r_[bins.upper, np.quantile(probability, 0.99)])
    _draw_calibration(upper, bins, end)
    _draw_predictions(lower, np.asarray(probability), end)
    return figure


def _draw_calibration(axes: Axes, bins: CalibrationBins, end: float) -> None:
    style.quieten(axes, "", "Observed default rate")
    axes.set(xlim=(0, end), ylim=(0, end))
    axes.plot([0, end], [0, end], color=style.MUTED, lw=1, ls="--")
    errors = (bins.observed - bins.lower, bins.upper - bins.observed)
    axes.errorbar(bins.predicted, bins.observed, errors, fmt="o", ms=5, color=style.MODEL, capsize=2.5, clip_on=False)
    words = f"Marks: applicants in {len(bins.n)} groups, with 95 % intervals (Wilson). Dashed: predicted = observed."
    axes.set_title(words, size=8.5, color=style.MUTED, loc="left")


def _draw_predictions(axes: Axes, probability: Probability, end: float) -> None:
    beyond = float(np.mean(probability > end))
    remark = f" ({percent(beyond)} of applicants are beyond the axis)" if beyond else ""
    style.quieten(axes, f"Predicted probability of default{remark}", "Applicants")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.hist(probability, bins=_edges(end), color=style.FAINT, edgecolor=style.MUTED, lw=0.5)


def score_distribution_figure(model: str, outcome: Outcome, probability: Probability) -> Figure:
    """Draw the distribution of the probabilities of payers, above that of defaulters.

    Parameters
    ----------
    model
        Name of the model, as in YAML.
    outcome, probability
        Shape (n,): 1 = default, and probability of default.
    """
    outcome, probability = check_probabilities(outcome, probability)
    groups = {"payers": probability[outcome == 0], "defaulters": probability[outcome == 1]}
    medians = ", ".join(f"{number(float(np.median(values)))} for {name}" for name, values in groups.items())
    answer = (f"Median probability of default {medians}", sample_size(outcome))
    figure = style.canvas(f"Whom does {humanise(model)} give a high probability of default?", *answer)
    panels = figure.subplots(2, 1, sharex=True, sharey=True)
    looks = ((style.PAYER, ""), (style.DEFAULTER, "////"))
    for axes, (name, values), (colour, hatch) in zip(panels, groups.items(), looks, strict=True):
        _draw_distribution(axes, name, values, style.scale_end(probability), (colour, hatch))
    panels[1].set_xlabel("Probability of default", size=9)
    panels[1].set_ylim(0, 1.2 * panels[1].get_ylim()[1])
    for axes, values in zip(panels, groups.values(), strict=True):
        _mark_median(axes, float(np.median(values)))
    return figure


def _draw_distribution(axes: Axes, name: str, values: Probability, end: float, look: tuple[str, str]) -> None:
    style.quieten(axes, "", f"Share of {name}")
    style.format_shares(axes.yaxis)
    colour, hatch = look
    weights = np.full(len(values), 1 / len(values))
    axes.hist(values, bins=_edges(end), weights=weights, color=f"{colour}40", edgecolor=colour, lw=0.7, hatch=hatch)
    axes.set_xlim(0, end)
    axes.set_title(f"{len(values):,} {name}", size=9, weight="bold", loc="right", pad=0)


def _mark_median(axes: Axes, median: float) -> None:
    axes.axvline(median, color=style.INK, lw=1.2, ls="--")
    style.label_point(axes, f"median {number(median)}", (median, axes.get_ylim()[1]))


def _edges(end: float) -> list[float]:
    return [end * edge / _BARS for edge in range(_BARS + 1)]


def _answer(metric: str, outcome: Outcome, probability: Probability, estimates: Estimates | None) -> tuple[str, str]:
    known = (
        estimates if estimates is not None and metric in estimates else estimate([metric], Sample(outcome, probability))
    )
    return estimate_in_words(metric_named(metric).label, known[metric]), sample_size(outcome)


MODEL_FIGURES: Mapping[str, Callable[..., Figure]] = MappingProxyType(
    {
        "roc": roc_figure,
        "ks": ks_figure,
        "gains": gains_figure,
        "calibration": calibration_figure,
        "score_distribution": score_distribution_figure,
    }
)
"""The figures of the answers of one model, by name; each takes (model, outcome, probability)."""

WITH_ESTIMATES = frozenset({"roc", "ks", "calibration"})
"""The figures that also take ``estimates``."""
