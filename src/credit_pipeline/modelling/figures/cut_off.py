"""The figure of the cut-off: how defaults rise with the approval rate, and where profit is greatest."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from credit_pipeline.core import Outcome, Probability
from credit_pipeline.modelling.figures import style
from credit_pipeline.modelling.figures.words import MINUS, humanise, number, percent, percent_range, sample_size
from credit_pipeline.modelling.scoring.cut_off import Choices, choices, describe_cut_off
from credit_pipeline.spec import ProfitSpec

_FEW = 0.02  # Of the rows: rates of fewer rows are noise and would determine the scale.


def cut_off_figure(
    model: str, outcome: Outcome, probability: Probability, cut_off: float, amounts: ProfitSpec | None = None
) -> Figure:
    """Draw the default rate among the approved by approval rate, the chosen point, and the profit below.

    Parameters
    ----------
    model
        Name of the model, as in YAML.
    outcome, probability
        Shape (n,): 1 = default, and probability of default, of rows on which the cut-off was not chosen.
    cut_off
        Applicants with this probability of default or a higher one are refused.
    amounts
        Profit of an approved payer and of an approved default; without them no profit is drawn.

    Raises
    ------
    ValueError
        As in ``metrics.score``.
    """
    brings = describe_cut_off(cut_off, outcome, probability, amounts)
    words = [
        f"{label} {percent(brings[name].value)} (95 % {percent_range(brings[name].lower, brings[name].upper)})"
        for name, label in (("approval_rate", "Approved"), ("approved_default_rate", "defaults among them"))
        if name in brings
    ]
    question = f"Whom does {humanise(model)} approve at a cut-off of {number(cut_off)}?"
    if "profit_per_applicant" in brings:
        profit = brings["profit_per_applicant"]
        words.append(f"profit per applicant {profit.value:,.2f} (95 % {profit.lower:,.2f} to {profit.upper:,.2f})")
    taller = 0 if amounts is None else 1
    figure = style.canvas(question, *words, sample_size(outcome), height=style.HEIGHT + taller)
    heights = (3, 2)[: 1 + taller]
    panels = figure.subplots(len(heights), 1, height_ratios=heights, sharex=True, squeeze=False)[:, 0]
    found = choices(outcome, probability)
    _draw_defaults(panels[0], found, cut_off, float(np.mean(outcome)))
    if amounts is not None:
        _draw_profit(panels[1], found, cut_off, amounts)
    panels[-1].set_xlabel("Applicants approved, safest first", size=9)
    return figure


def _draw_defaults(axes: Axes, found: Choices, cut_off: float, overall: float) -> None:
    style.quieten(axes, "", "Defaults among the approved")
    style.format_shares(axes.xaxis, axes.yaxis)
    shown = found.approval_rate >= _FEW
    axes.set(xlim=(0, 1), ylim=(0, 1.1 * max(overall, float(found.default_rate[shown].max(initial=0)))))
    axes.plot(found.approval_rate[shown], found.default_rate[shown], color=style.MODEL, lw=1.8)
    axes.axhline(overall, color=style.MUTED, lw=1, ls="--")
    style.note(axes, "all approved", (0.01, overall), (0, -3), va="top", color=style.MUTED)
    _mark(axes, found.approval_rate, found.default_rate, found, cut_off)


def _draw_profit(axes: Axes, found: Choices, cut_off: float, amounts: ProfitSpec) -> None:
    style.quieten(axes, "", "Profit per applicant")
    profit = found.profit(amounts)
    axes.axhline(0, color=style.MUTED, lw=1, ls="--")
    axes.plot(found.approval_rate, profit, color=style.MODEL, lw=1.8)
    _mark(axes, found.approval_rate, profit, found, cut_off)
    words = f"A payer brings {amounts.payer:,.6g}, a default {amounts.default:,.6g}.".replace("-", MINUS)
    axes.set_title(words, size=8.5, color=style.MUTED, loc="left")


def _mark(axes: Axes, x: Probability, y: Probability, found: Choices, cut_off: float) -> None:
    """Mark the chosen cut-off."""
    position = min(int(np.searchsorted(found.cut_off, cut_off)), len(x) - 1)
    axes.axvline(float(x[position]), color=style.FAINT, lw=1, zorder=0)
    style.draw_hollow(axes, x[position], y[position], "o")
