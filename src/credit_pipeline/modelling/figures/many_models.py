"""The figure that sets all models against each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from credit_pipeline.modelling.figures import style


@dataclass(frozen=True)
class LeaderboardRow:
    """One model's place: a metric cross-validated and on test.

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
        Whether the rule picked this model.
    metric_label
        The metric's words, ``Metric.label``; the same for all rows.
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
    """Draw a forest plot: one line a model in the order given, the challenger marked.

    Parameters
    ----------
    rows
        One a model, all with one metric. Without rows the figure says so.

    Raises
    ------
    ValueError
        The rows have different metrics.
    """
    if not rows:
        return style.canvas("Which model is best?", "no model has a result that can be compared today", height=1)
    if len(labels := {row.metric_label for row in rows}) != 1:
        raise ValueError(f"a leaderboard has rows of one metric, got {sorted(labels)}")
    (label,) = labels
    figure = style.canvas(f"Which model is best by {label}?", *_answer(rows), height=2.1 + 0.42 * len(rows))
    axes = style.quieten(figure.subplots(), style.capitalised(label))
    for height, row in enumerate(rows):
        _draw_row(axes, height, row)
    _finish(axes, rows)
    return figure


def _answer(rows: Sequence[LeaderboardRow]) -> tuple[str, ...]:
    tested = sorted({row.n for row in rows})
    size = f"n = {style.EN_DASH.join(f'{n:,}' for n in tested[:: len(tested) - 1 or 1])}"
    for row in rows:
        if row.is_challenger:
            cross_validated = f"cross-validated {style.number(row.cv_mean)} ± {style.number(row.cv_std)}"
            test = f"test {style.with_interval(row.test_value, row.lower, row.upper)}"
            return f"Challenger {style.humanised(row.model)}: {cross_validated}", test, size
    return "No model is the challenger", size


def _draw_row(axes: Axes, height: int, row: LeaderboardRow) -> None:
    colour = style.MODEL if row.is_challenger else style.MUTED
    folds = (row.cv_mean - row.cv_std, row.cv_mean, row.cv_mean + row.cv_std)
    style.spread_above_interval(axes, height, folds, (row.lower, row.test_value, row.upper), colour)


def _finish(axes: Axes, rows: Sequence[LeaderboardRow]) -> None:
    for side in style.rows_with_values(axes, [_name(row) for row in rows], [_value(row) for row in rows]):
        for label, row in zip(side.get_yticklabels(), rows, strict=True):
            label.set_fontweight("bold" if row.is_challenger else "normal")
    style.explain_marks(axes, "cross-validation, mean ± standard deviation")


def _name(row: LeaderboardRow) -> str:
    return style.humanised(row.model) + ("\nchallenger" if row.is_challenger else "")


def _value(row: LeaderboardRow) -> str:
    return f"{style.number(row.test_value)} ({style.bounds(row.lower, row.upper)})"
