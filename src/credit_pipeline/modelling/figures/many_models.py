"""The figures that compare all models, or all runs of a sweep."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from credit_pipeline.core.metric_names import cross_validated, on_test
from credit_pipeline.modelling.figures import style
from credit_pipeline.modelling.figures.words import EN_DASH, bounds, capitalise, humanise, number, value_with_interval
from credit_pipeline.modelling.metrics import metric_named
from credit_pipeline.modelling.selection.ranking import comparable_rows


@dataclass(frozen=True)
class LeaderboardRow:
    """One row of the figure: a metric of one model, cross-validated and on test.

    Attributes
    ----------
    model
        Name, as in YAML.
    cv_mean, cv_std
        Mean and standard deviation over the folds.
    test_value, lower, upper
        Value on test with its 95 % interval.
    n
        Rows of test.
    is_challenger
        Whether the rule chose this model.
    metric_label
        Label of the metric, ``Metric.label``; the same for all rows.
    """

    model: str
    cv_mean: float
    cv_std: float
    test_value: float
    lower: float
    upper: float
    n: int
    is_challenger: bool
    metric_label: str


def leaderboard_figure(rows: Sequence[LeaderboardRow]) -> Figure:
    """Draw a forest plot: one line per model in the given order; the challenger is marked.

    Parameters
    ----------
    rows
        One per model, all with the same metric. Without rows the figure says so.

    Raises
    ------
    ValueError
        The rows have different metrics.
    """
    if not rows:
        return style.canvas("Which model is best?", "no model has a result that can be compared", height=1)
    if len(labels := {row.metric_label for row in rows}) != 1:
        raise ValueError(f"all rows of a leaderboard must have the same metric, got {sorted(labels)}")
    (label,) = labels
    figure = style.canvas(
        f"Which model is best by {label}?", *_challenger_in_words(rows), height=2.1 + 0.42 * len(rows)
    )
    axes = style.quieten(figure.subplots(), capitalise(label))
    for height, row in enumerate(rows):
        _draw_model(axes, height, row)
    _name_models(axes, rows)
    return figure


def _challenger_in_words(rows: Sequence[LeaderboardRow]) -> tuple[str, ...]:
    tested = sorted({row.n for row in rows})
    size = f"n = {EN_DASH.join(f'{n:,}' for n in tested[:: len(tested) - 1 or 1])}"
    for row in rows:
        if row.is_challenger:
            cross_validated = f"cross-validated {number(row.cv_mean)} ± {number(row.cv_std)}"
            test = f"test {value_with_interval(row.test_value, row.lower, row.upper)}"
            return f"Challenger {humanise(row.model)}: {cross_validated}", test, size
    return "No model is the challenger", size


def _draw_model(axes: Axes, height: int, row: LeaderboardRow) -> None:
    colour = style.MODEL if row.is_challenger else style.MUTED
    folds = (row.cv_mean - row.cv_std, row.cv_mean, row.cv_mean + row.cv_std)
    style.spread_above_interval(axes, height, folds, (row.lower, row.test_value, row.upper), colour)


def _name_models(axes: Axes, rows: Sequence[LeaderboardRow]) -> None:
    for side in style.rows_with_values(axes, [_name(row) for row in rows], [_tested(row) for row in rows]):
        for label, row in zip(side.get_yticklabels(), rows, strict=True):
            label.set_fontweight("bold" if row.is_challenger else "normal")
    style.explain_marks(axes, "cross-validation, mean ± standard deviation")


def _name(row: LeaderboardRow) -> str:
    return humanise(row.model) + ("\nchallenger" if row.is_challenger else "")


def _tested(row: LeaderboardRow) -> str:
    return f"{number(row.test_value)} ({bounds(row.lower, row.upper)})"


def figure_rows(table: pd.DataFrame, metric: str) -> list[LeaderboardRow]:
    """Turn the comparable rows of a leaderboard into rows of the figure."""
    label, folds, test = metric_named(metric).label, cross_validated(metric), on_test(metric)
    return [
        LeaderboardRow(
            model=row["model"],
            cv_mean=row[folds.mean],
            cv_std=row[folds.std],
            test_value=row[test.value],
            lower=row[test.lower],
            upper=row[test.upper],
            n=int(row["test_rows"]),
            is_challenger=bool(row["challenger"]),
            metric_label=label,
        )
        for row in comparable_rows(table).to_dict("records")
    ]


Row = Mapping[Any, Any]

_SURE = 0.05


def comparison_figure(table: pd.DataFrame, metric: str, n: int) -> Figure:
    """Draw the difference of each model to a reference model, on test and over the folds, with 95 % intervals.

    Parameters
    ----------
    table
        As ``comparison.compare`` gives it. Without rows of the metric the figure says so.
    metric
        Name of the metric that is drawn.
    n
        Rows of the test part.
    """
    label = metric_named(metric).label
    rows = table[table["metric"] == metric].to_dict("records")
    if not rows:
        return style.canvas("How far apart are the models?", "there are fewer than two results to compare", height=1)
    against = humanise(rows[0]["against"])
    question = f"How far is each model from {against} in {label}?"
    figure = style.canvas(question, *_differences_in_words(rows), f"n = {n:,}", height=2.4 + 0.42 * len(rows))
    axes = style.quieten(figure.subplots(), f"Difference in {label}")
    for height, row in enumerate(rows):
        _draw_difference(axes, height, row)
    _name_differences(axes, rows)
    return figure


def _differences_in_words(rows: Sequence[Row]) -> tuple[str, ...]:
    apart = [humanise(row["model"]) for row in rows if row["p_value"] < _SURE]
    if not apart:
        return ("On test no model differs by more than chance",)
    named = " and ".join([", ".join(apart[:-1]), apart[-1]]) if len(apart) > 1 else apart[0]
    return (f"On test {named} {'differs' if len(apart) == 1 else 'differ'} by more than chance",)


def _draw_difference(axes: Axes, height: int, row: Row) -> None:
    colour = style.MODEL if row["p_value"] < _SURE else style.MUTED
    folds = (row["fold_lower"], row["fold_difference"], row["fold_upper"])
    style.spread_above_interval(axes, height, folds, (row["lower"], row["difference"], row["upper"]), colour)


def _name_differences(axes: Axes, rows: Sequence[Row]) -> None:
    axes.axvline(0, color=style.MUTED, lw=1, ls="--", zorder=0)
    style.rows_with_values(axes, [humanise(row["model"]) for row in rows], [_difference(row) for row in rows])
    style.explain_marks(axes, "over the folds, corrected 95 % interval")


def _difference(row: Row) -> str:
    return f"{number(row['difference'])} ({bounds(row['lower'], row['upper'])})"


_MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")


def sweep_figure(table: pd.DataFrame, varied: Sequence[str], metric: str) -> Figure:
    """Draw a cross-validated metric of every model over the runs of a sweep.

    Parameters
    ----------
    table
        One row per run and model: ``run``, ``model``, ``cv_<metric>_mean``, ``cv_<metric>_std``, the varied parameters.
    varied
        Names of the parameters that differ between runs.
    metric
        A key of ``METRICS``, or a dotted path.
    """
    known, (mean, deviation) = metric_named(metric), cross_validated(metric)
    best = table.iloc[int(np.nanargmax(known.goodness(table[mean])))].to_dict()
    answer = f"{humanise(str(best['model']))} in run {best['run'] + 1}, {known.label} {best[mean]:.3f}"
    figure = style.canvas(f"Which of {table['run'].nunique()} runs is best?", answer, *_varied_in_words(best, varied))
    axes = style.quieten(figure.subplots(), "Run", f"{known.label}, cross-validated (mean and standard deviation)")
    for mark, (model, rows) in zip(_MARKS * len(table), table.groupby("model", sort=False), strict=False):
        axes.errorbar(
            rows["run"] + 1,
            rows[mean],
            rows[deviation],
            fmt=f"{mark}-",
            lw=1,
            ms=5,
            capsize=2,
            label=humanise(str(model)),
        )
    axes.set_xticks(sorted(table["run"].unique() + 1))
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _varied_in_words(best: Mapping[Hashable, object], varied: Sequence[str]) -> list[str]:
    return [f"{name} = {best[name]}" for name in varied]
