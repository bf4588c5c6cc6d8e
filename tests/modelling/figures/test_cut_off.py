"""The figure of the cut-off says what the cut-off brings, and marks it."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from credit_pipeline.modelling.figures.cut_off import cut_off_figure
from credit_pipeline.modelling.scoring.cut_off import describe_cut_off
from credit_pipeline.spec import ProfitSpec

PROBABILITY = np.random.default_rng(2).uniform(0, 0.6, 500)
OUTCOME = (np.random.default_rng(3).random(500) < PROBABILITY).astype(np.int_)
AMOUNTS = ProfitSpec(payer=100, default=-500)


def words(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.texts)


def marks(figure: Figure) -> list[tuple[float, float]]:
    """Positions of the hollow marks, one per panel."""
    found = [line for axes in figure.axes for line in axes.lines if line.get_marker() == "o"]
    return [(float(np.ravel(line.get_xdata())[0]), float(np.ravel(line.get_ydata())[0])) for line in found]


def test_the_title_asks_and_the_line_beneath_answers() -> None:
    said = words(cut_off_figure("credit_trees", OUTCOME, PROBABILITY, 0.25))
    assert said.startswith("Whom does credit trees approve at a cut-off of 0.250?")
    approved = PROBABILITY < 0.25
    assert f"Approved {approved.mean():.1%}".replace("%", " %") in said
    assert f"defaults among them {OUTCOME[approved].mean():.1%}".replace("%", " %") in said
    assert "profit" not in said


def test_the_chosen_point_is_marked_in_both_panels() -> None:
    figure = cut_off_figure("trees", OUTCOME, PROBABILITY, 0.25, AMOUNTS)
    brings = describe_cut_off(0.25, OUTCOME, PROBABILITY, AMOUNTS)
    approval, defaults, profit = (
        brings[name].value for name in ("approval_rate", "approved_default_rate", "profit_per_applicant")
    )
    assert np.array(marks(figure)) == pytest.approx(np.array([[approval, defaults], [approval, profit]]))
    assert f"profit per applicant {profit:,.2f}" in words(figure)


@pytest.mark.parametrize("cut_off", [0.0, 1.0])
def test_approving_nobody_or_all_is_drawn_too(cut_off: float) -> None:
    figure = cut_off_figure("trees", OUTCOME, PROBABILITY, cut_off, AMOUNTS)
    assert [point[0] for point in marks(figure)] == [cut_off, cut_off]
    figure.canvas.draw()
