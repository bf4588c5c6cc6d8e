"""One model explained: what it relies on, how its answer varies, what moves single rows, and for whom it errs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import pandas as pd
from sklearn.pipeline import Pipeline

from credit_pipeline.modelling.estimators.wrapped_classifier import unwrap
from credit_pipeline.modelling.explanation.dependence import partial_dependence
from credit_pipeline.modelling.explanation.permutation import permutation_importance
from credit_pipeline.modelling.explanation.sampled_rows import draw_rows
from credit_pipeline.modelling.explanation.segments import errors_by_segment
from credit_pipeline.modelling.explanation.shap_values import Contributions, contributions
from credit_pipeline.modelling.features import columns_of
from credit_pipeline.modelling.metrics import Sample, estimate, metric_named
from credit_pipeline.spec import DataSpec, TrainingSpec

_COLUMNS, _ROWS, _MOST_LABELS, _BANDS, _FEW = 6, 500, 50, 4, 10
_QUICK = frozenset({"ks", "brier"})


@dataclass(frozen=True)
class SampledContributions:
    """What moves single rows, for at most 500 of them.

    ``found`` is ``None`` if no exact contributions are known for the estimator, whose class is ``estimator``.
    ``features`` holds raw and derived columns of the same rows in the same order, without the categorical ones.
    """

    found: Contributions | None
    features: pd.DataFrame = field(repr=False)
    estimator: str


@dataclass(frozen=True)
class Explanation:
    """What explains a model on rows that it was not fitted on; ``segments`` has one table for each segment column."""

    importance: pd.DataFrame = field(repr=False)
    dependence: pd.DataFrame = field(repr=False)
    contributions: SampledContributions = field(repr=False)
    segments: tuple[pd.DataFrame, ...] = field(repr=False)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that are stored: ``importance``, ``partial_dependence`` and, if there are any, ``segments``."""
        found = {"importance": self.importance, "partial_dependence": self.dependence}
        return {**found, "segments": pd.concat(self.segments, ignore_index=True)} if self.segments else found


def explain(model: Pipeline, rows: pd.DataFrame, sample: Sample, data: DataSpec, training: TrainingSpec) -> Explanation:
    """Explain a fitted model.

    Parameters
    ----------
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
        Partial dependence is that of the six most important columns. Contributions are those of the estimator before
        weights and calibration.
    """
    importance = permutation_importance(model, rows, sample.outcome, seed=training.seed)
    return Explanation(
        importance=importance,
        dependence=_dependence(model, rows, importance["feature"].head(_COLUMNS).tolist(), data),
        contributions=_contributions(model, rows, data),
        segments=tuple(_segment(rows[column], sample, data, training) for column in training.segments),
    )


def _dependence(model: Pipeline, rows: pd.DataFrame, columns: Sequence[str], data: DataSpec) -> pd.DataFrame:
    derived = [name for name in model[:1].transform(rows.head(1)).columns if name not in data.columns]
    return partial_dependence(model, rows, columns, columns_of(data, derived))


def _contributions(model: Pipeline, rows: pd.DataFrame, data: DataSpec) -> SampledContributions:
    plain = Pipeline([*model.steps[:-1], ("estimator", unwrap(model[-1]))])
    sampled = rows.iloc[draw_rows(rows[list(data.inputs)], _ROWS, seed=0)]
    features = model[:1].transform(sampled).drop(columns=list(data.named("categorical")))
    return SampledContributions(contributions(plain, sampled, background=rows), features, type(plain[-1]).__name__)


def _segment(values: pd.Series, sample: Sample, data: DataSpec, training: TrainingSpec) -> pd.DataFrame:
    names = [name for name in training.metrics if _is_quick(name, training.challenger.metric)]
    found = errors_by_segment(
        segment_labels(values),
        sample,
        partial(estimate, names, resamples=training.bootstrap, seed=training.seed),
        is_event=data.task == "classification",
    )
    column = str(values.name)
    if is_course(column, found, data):
        found = found.sort_values("segment", key=_numbers, kind="stable", ignore_index=True)
    return found.assign(column=column)[["column", *found.columns]]


def is_course(column: str, table: pd.DataFrame, data: DataSpec) -> bool:
    """Return whether segments are best drawn as a line: many values of a numeric column.

    Parameters
    ----------
    column
        Name of the column that makes the segments.
    table
        One row per segment, with its ``segment``.
    data
        The contract.
    """
    return column in data.named("numeric") and int(_numbers(table["segment"]).notna().sum()) > _FEW


def _numbers(labels: pd.Series) -> pd.Series:
    return pd.to_numeric(labels, errors="coerce")


def _is_quick(name: str, ranked_by: str) -> bool:
    """Return whether the interval of a metric is quick enough for many segments."""
    return name == ranked_by or name in _QUICK or metric_named(name).value_by_counts is None


def segment_labels(values: pd.Series) -> pd.Series:
    """Name the segment of each row: its value, or for a column of many numbers the quarter that it lies in.

    >>> segment_labels(pd.Series(["a", None])).tolist()
    ['a', nan]
    """
    if not pd.api.types.is_numeric_dtype(values) or values.nunique() <= _MOST_LABELS:
        return values
    return pd.qcut(values, _BANDS, duplicates="drop").astype("str").where(values.notna())
