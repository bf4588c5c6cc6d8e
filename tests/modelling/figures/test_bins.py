"""The figure of the bins of a recipe."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from credit_pipeline.modelling.features.weight_of_evidence import WeightOfEvidence
from credit_pipeline.modelling.figures.bins import PANELS, bins_figure
from drawn_words import unreadable, words


@cache
def fitted() -> WeightOfEvidence:
    """Bins of a delay with a special code, of an income that may be missing, of housing, and of noise."""
    generator = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "delay": generator.integers(-1, 6, 2000),
            "income": np.where(generator.random(2000) < 0.1, np.nan, generator.lognormal(10, 0.6, 2000)),
            "housing": generator.choice(["own", "rent", "free"], 2000),
            "noise": generator.normal(size=2000),
        }
    )
    risk = (
        0.1 + 0.08 * table["delay"].clip(lower=0) + 0.3 * (table["income"] < 20_000) + 0.1 * (table["housing"] == "own")
    )
    outcome = (generator.random(2000) < risk).astype(int)
    bounds = {"minimum_information_value": 0.01, "special_codes": {"delay": [-1]}}
    return WeightOfEvidence(categorical=["housing"], **bounds).fit(table, outcome)


@cache
def panels() -> dict[str, Axes]:
    figure = bins_figure("weight_of_evidence", fitted().table(), fitted().selection())
    return {axes.get_title(loc="left").split("\n")[0]: axes for axes in figure.axes if axes.axison}


def labels(axes: Axes) -> list[str]:
    return [label.get_text() for label in axes.get_xticklabels()]


def test_the_title_asks_and_the_answer_names_the_best() -> None:
    selection = fitted().selection()
    question, answer, *said = words(bins_figure("weight_of_evidence", fitted().table(), selection))
    assert question == "How safe is each bin of the recipe weight of evidence?"
    best = selection.iloc[0]
    most = f"{best['characteristic']} has the highest information value (IV), {best['information_value']:.3f}"
    assert answer.startswith(f"{most}, 3 kept, 1 dropped")
    assert "Weight of evidence" in said


def test_there_is_a_panel_for_each_kept_characteristic_by_falling_information_value() -> None:
    selection = fitted().selection()
    kept = selection[selection["kept"]]
    assert list(panels()) == kept["characteristic"].tolist()
    titles = [axes.get_title(loc="left") for axes in panels().values()]
    values = kept["information_value"]
    assert titles == [f"{name}\nIV {value:.3f}" for name, value in zip(kept["characteristic"], values, strict=True)]


@pytest.mark.parametrize("name", ["delay", "income", "housing"])
def test_dots_are_the_weights_and_bars_the_shares_of_the_table(name: str) -> None:
    bins = fitted().table().query("characteristic == @name")
    axes = panels()[name]
    drawn = [
        weight for line in axes.lines if line.get_marker() in ("o", "s") for weight in np.asarray(line.get_ydata())
    ]
    assert drawn == bins["weight_of_evidence"].tolist()
    heights = np.array([bar.get_height() for bar in axes.patches])
    assert heights / heights.sum() == pytest.approx((bins["count"] / bins["count"].sum()).to_numpy())


def test_bars_of_all_panels_have_one_scale() -> None:
    counts = fitted().table()["count"]
    highest = max(bar.get_height() for axes in panels().values() for bar in axes.patches)
    assert highest == pytest.approx(0.2)
    per_row = [sum(bar.get_height() for bar in axes.patches) for axes in panels().values()]
    assert per_row == pytest.approx([0.2 * 2000 / counts.max()] * 3)


def test_special_codes_and_missing_values_are_hollow_and_stand_apart_behind_a_line() -> None:
    for name, label in {"delay": "\u22121", "income": "missing"}.items():
        axes = panels()[name]
        assert labels(axes)[-1] == label
        dots, squares = (next(line for line in axes.lines if line.get_marker() == mark) for mark in ("o", "s"))
        assert squares.get_color() == "white"
        (border,) = (line for line in axes.lines if line.get_linestyle() == ":")
        places = [np.asarray(line.get_xdata(), dtype=float) for line in (dots, border, squares)]
        assert places[0].max() < places[1].min() < places[2].min()


def test_intervals_are_on_a_line_and_categories_are_not() -> None:
    line = {name: axes.lines[1].get_linestyle() for name, axes in panels().items()}
    assert line == {"delay": "-", "income": "-", "housing": "None"}


def test_intervals_are_named_by_where_they_begin() -> None:
    cuts = fitted().splits_["delay"]
    assert labels(panels()["delay"]) == [f"< {cuts[0]:g}", *(f"\u2265 {cut:g}" for cut in cuts), "\u22121"]


def _many(characteristics: int, bins: list[str], kind: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bins alike of so many characteristics with long names."""
    names = [f"characteristic_with_a_very_long_name_{number}" for number in range(characteristics)]
    one = pd.DataFrame({"bin": bins, "kind": kind, "count": 10, "weight_of_evidence": np.linspace(-1, 1, len(bins))})
    table = pd.concat([one.assign(characteristic=name) for name in names], ignore_index=True)
    selection = {"characteristic": names, "bins": len(bins), "information_value": 0.1, "kept": True, "reason": ""}
    return table, pd.DataFrame(selection)


@pytest.mark.parametrize(("characteristics", "bins"), [(1, 8), (2, 30), (5, 2), (40, 10)])
def test_nothing_written_is_cut_off_or_overlaps(characteristics: int, bins: int) -> None:
    names = [f"{place} has a long name, and more" for place in range(bins)]
    table, selection = _many(characteristics, names, "category")
    assert unreadable(bins_figure("weight_of_evidence", table, selection)) == []


def test_nothing_written_on_small_panels_overlaps() -> None:
    assert unreadable(bins_figure("weight_of_evidence", fitted().table(), fitted().selection())) == []


def test_the_best_twelve_are_drawn_and_their_number_is_shown() -> None:
    table, selection = _many(40, ["own", "rent"], "category")
    figure = bins_figure("weight_of_evidence", table, selection)
    assert len(figure.axes) == PANELS == 12
    assert "12 of 40 kept are shown, 0 dropped" in words(figure)[1]


@pytest.mark.parametrize("kind", ["special code", "missing"])
def test_a_characteristic_that_has_no_ordinary_bin_is_drawn(kind: str) -> None:
    table, selection = _many(1, ["-2", "-1"], kind)
    (axes,) = bins_figure("weight_of_evidence", table, selection).axes
    assert labels(axes) == ["\u22122", "\u22121"]
    assert not [line for line in axes.lines if line.get_linestyle() == ":"]
