"""What a fitted model relies on, how its answer runs, what moves single rows, for whom it errs: tables and figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import pandas as pd
from matplotlib.figure import Figure
from sklearn.pipeline import Pipeline

from credit_pipeline.modelling.estimators.wrapped_classifier import unwrapped
from credit_pipeline.modelling.explanation import (
    contributions,
    errors_by_segment,
    partial_dependence,
    permutation_importance,
)
from credit_pipeline.modelling.explanation.sampled_rows import draw_rows
from credit_pipeline.modelling.features import columns_of
from credit_pipeline.modelling.figures import style
from credit_pipeline.modelling.figures.columns import permutation_figure, shap_figure
from credit_pipeline.modelling.figures.dependence import partial_dependence_figure
from credit_pipeline.modelling.figures.segments import segment_course_figure, segment_figure
from credit_pipeline.modelling.figures.words import humanised
from credit_pipeline.modelling.metrics import Sample, estimate, metric_named
from credit_pipeline.spec import DataSpec, TrainingSpec

EXPLANATION_FIGURES = ("importance", "contributions", "partial_dependence")
"""Figures of every model, beside one for each segment."""

_COLUMNS, _ROWS, _MOST_LABELS, _BANDS, _FEW = 6, 500, 50, 4, 10
_LOST = {"classification": "fall of AUC", "regression": "rise of the mean absolute error"}
_QUICK = frozenset({"ks", "brier"})


@dataclass(frozen=True)
class Explanation:
    """Tables and figures that explain a model on rows that it was not fitted on, by name."""

    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    figures: Mapping[str, Figure] = field(repr=False)


def explain(
    name: str, model: Pipeline, rows: pd.DataFrame, sample: Sample, data: DataSpec, training: TrainingSpec
) -> Explanation:
    """Explain a fitted model.

    Parameters
    ----------
    name
        Of the model, as in YAML.
    model
        Fitted: derived columns, recipe, estimator.
    rows
        Raw columns of the test part, shape (n, columns).
    sample
        Outcomes and the model's answers of the same rows, in the same order.
    data, training
        Roles and task; segments, metrics, seed.

    Returns
    -------
    Explanation
        Tables ``importance``, ``partial_dependence`` and, with segments, ``segments``; the ``EXPLANATION_FIGURES`` and
        ``segment_1``, ``segment_2`` and so on. Contributions are those of the estimator before weights and calibration;
        where they cannot be computed exactly, their figure says so.
    """
    importance = permutation_importance(model, rows, sample.outcome, seed=training.seed)
    dependence = _dependence(model, rows, importance["feature"].head(_COLUMNS).tolist(), data)
    segments = [_segment(rows[column], sample, data, training) for column in training.segments]
    tables = {"importance": importance, "partial_dependence": dependence}
    if segments:
        tables["segments"] = pd.concat(segments, ignore_index=True)
    unit = None if data.task == "classification" else data.target
    figures = {
        "importance": permutation_figure(name, importance, _LOST[data.task]),
        "contributions": _contributions_figure(name, model, rows, data),
        "partial_dependence": partial_dependence_figure(name, dependence, unit),
        **{
            f"segment_{number}": _segment_figure(name, table, data, training)
            for number, table in enumerate(segments, 1)
        },
    }
    return Explanation(tables, figures)


def _dependence(model: Pipeline, rows: pd.DataFrame, columns: Sequence[str], data: DataSpec) -> pd.DataFrame:
    derived = [name for name in model[:1].transform(rows.head(1)).columns if name not in data.columns]
    return partial_dependence(model, rows, columns, columns_of(data, derived))


def _contributions_figure(name: str, model: Pipeline, rows: pd.DataFrame, data: DataSpec) -> Figure:
    plain = Pipeline([*model.steps[:-1], ("estimator", unwrapped(model[-1]))])
    asked = rows.iloc[draw_rows(rows[list(data.inputs)], _ROWS, seed=0)]
    found = contributions(plain, asked, background=rows)
    if found is None:
        question = f"What moves single applicants in {humanised(name)}?"
        kind = type(plain[-1]).__name__
        return style.canvas(question, f"No exact way is known to split an answer of a {kind}", height=1.2)
    features = model[:1].transform(asked).drop(columns=list(data.named("categorical")))
    return shap_figure(name, found, features)


def _segment(values: pd.Series, sample: Sample, data: DataSpec, training: TrainingSpec) -> pd.DataFrame:
    names = [name for name in training.metrics if _is_quick(name, training.challenger.metric)]
    found = errors_by_segment(
        labels(values),
        sample,
        partial(estimate, names, resamples=training.bootstrap, seed=training.seed),
        is_event=data.task == "classification",
    )
    column = str(values.name)
    if _is_course(column, found, data):
        found = found.sort_values("segment", key=_numbers, kind="stable", ignore_index=True)
    return found.assign(column=column)[["column", *found.columns]]


def _is_course(column: str, table: pd.DataFrame, data: DataSpec) -> bool:
    """Whether segments are values of a number, more than can be read one by one, and no codes."""
    return column in data.named("numeric") and int(_numbers(table["segment"]).notna().sum()) > _FEW


def _numbers(labels: pd.Series) -> pd.Series:
    return pd.to_numeric(labels, errors="coerce")


def _is_quick(name: str, ranked_by: str) -> bool:
    """Whether the interval of a metric is quick enough for many segments."""
    return name == ranked_by or name in _QUICK or metric_named(name).value_by_counts is None


def labels(values: pd.Series) -> pd.Series:
    """Name the segment of each row: the value itself, or the quarter of many numbers that it lies in.

    >>> labels(pd.Series(["a", None])).tolist()
    ['a', nan]
    """
    if not pd.api.types.is_numeric_dtype(values) or values.nunique() <= _MOST_LABELS:
        return values
    return pd.qcut(values, _BANDS, duplicates="drop").astype("str").where(values.notna())


def _segment_figure(name: str, table: pd.DataFrame, data: DataSpec, training: TrainingSpec) -> Figure:
    metric = training.challenger.metric
    column = str(table["column"].iloc[0])
    draw = segment_course_figure if _is_course(column, table, data) else segment_figure
    return draw(name, column, table.drop(columns="column"), metric, metric_named(metric).label)
