"""The figures that explain one model, by name."""

import pandas as pd
from matplotlib.figure import Figure

from credit_pipeline.modelling.explanation import Explanation
from credit_pipeline.modelling.explanation.whole_model import SampledContributions, is_course
from credit_pipeline.modelling.figures import style
from credit_pipeline.modelling.figures.columns import permutation_figure, shap_figure
from credit_pipeline.modelling.figures.dependence import partial_dependence_figure
from credit_pipeline.modelling.figures.segments import segment_course_figure, segment_figure
from credit_pipeline.modelling.figures.words import humanise
from credit_pipeline.modelling.metrics import metric_named
from credit_pipeline.spec import DataSpec, TrainingSpec

EXPLANATION_FIGURES = ("importance", "contributions", "partial_dependence")
"""Figures of every model; each segment has one more."""

_LOST = {"classification": "fall of AUC", "regression": "rise of the mean absolute error"}


def explanation_figures(name: str, explained: Explanation, data: DataSpec, training: TrainingSpec) -> dict[str, Figure]:
    """Draw the explanation of a model.

    Parameters
    ----------
    name
        Of the model, as in YAML.
    explained
        What ``explain`` gave.
    data, training
        The same as there.

    Returns
    -------
    dict
        The ``EXPLANATION_FIGURES`` and ``segment_1``, ``segment_2`` and so on. If contributions cannot be computed
        exactly, their figure says so.
    """
    unit = None if data.task == "classification" else data.target
    return {
        "importance": permutation_figure(name, explained.importance, _LOST[data.task]),
        "contributions": _contributions_figure(name, explained.contributions),
        "partial_dependence": partial_dependence_figure(name, explained.dependence, unit),
        **{
            f"segment_{number}": _segment_figure(name, table, data, training)
            for number, table in enumerate(explained.segments, 1)
        },
    }


def _contributions_figure(name: str, sampled: SampledContributions) -> Figure:
    if sampled.found is None:
        question = f"What drives {humanise(name)}'s answers for single applicants?"
        reason = "the contributions of the columns to an answer cannot be calculated exactly"
        return style.canvas(question, f"For a {sampled.estimator}", reason, height=1.2)
    return shap_figure(name, sampled.found, sampled.features)


def _segment_figure(name: str, table: pd.DataFrame, data: DataSpec, training: TrainingSpec) -> Figure:
    metric = training.challenger.metric
    column = str(table["column"].iloc[0])
    draw = segment_course_figure if is_course(column, table, data) else segment_figure
    return draw(name, column, table.drop(columns="column"), metric, metric_named(metric).label)
