"""The leaderboard: models ranked by cross-validation, never by the test part."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from credit_pipeline.core.metric_names import cross_validated
from credit_pipeline.modelling.metrics import metric_named
from credit_pipeline.modelling.selection.comparison import Folds, fold_scores_of
from credit_pipeline.modelling.training import Evaluation
from credit_pipeline.spec import ChallengerSpec

CURRENT = "current"
BREAKS = "wrong direction"
FIT_SECONDS = "fit_seconds"
Row = Mapping[Hashable, Any]


@dataclass(frozen=True)
class RunIdentity:
    """What a row of the leaderboard must share with the current run to be comparable.

    ``specification`` has the hash of each model's settings.
    """

    split_id: str
    folds_id: str
    specification: Mapping[str, str]


def status(model: str, result: Evaluation | None, run: RunIdentity) -> str:
    """Give the status of a model: whether its stored result is comparable in the current run.

    Parameters
    ----------
    model
        Its name.
    result
        Its stored evaluation; ``None`` if it was never trained.
    run
        Split, folds and specifications of the current run.

    Examples
    --------
    >>> status("xgboost", None, RunIdentity("s1", "f1", {"xgboost": "h1"}))
    'not trained'
    """
    if result is None:
        return "not trained"
    if result.split_id != run.split_id:
        return "stale: another split"
    if result.folds_id != run.folds_id:
        return "stale: other folds"
    if result.specification_sha256 != run.specification[model]:
        return "stale: other settings"
    return f"{BREAKS}: {', '.join(result.direction_breaks)}" if result.direction_breaks else CURRENT


def leaderboard(results: Mapping[str, Evaluation | None], run: RunIdentity, metric: str) -> pd.DataFrame:
    """Rank the models by the cross-validated mean of one metric, comparable ones first.

    Parameters
    ----------
    results
        By model: its stored evaluation, ``None`` if it was never trained.
    run
        Split, folds and specifications of the current run.
    metric
        The metric that ranks.

    Returns
    -------
    pandas.DataFrame
        One row per model: ``model``, ``status``, ``fit_seconds`` and every tracked metric.
    """
    rows = [_row(model, result, status(model, result, run)) for model, result in results.items()]
    table = pd.DataFrame(rows)
    ranked = table.assign(_current=table["status"] == CURRENT, _value=_directed(table, metric))
    order = ranked.sort_values(["_current", "_value"], ascending=[False, False], kind="stable", na_position="last")
    return order.drop(columns=["_current", "_value"]).reset_index(drop=True)


def _row(model: str, result: Evaluation | None, verdict: str) -> dict[str, object]:
    if result is None:
        return {"model": model, "status": verdict}
    described = result.model_dump(include={"recipe", "candidates", FIT_SECONDS, "test_rows", "test_events"})
    return {"model": model, "status": verdict, **described, **result.metrics}


def _directed(table: pd.DataFrame, metric: str) -> "pd.Series[float]":
    """Values of a metric, turned so that greater is better; values that are not finite count as missing."""
    column = FIT_SECONDS if metric == FIT_SECONDS else cross_validated(metric).mean
    values = table[column] if column in table else pd.Series(np.nan, index=table.index)
    finite = values.astype(float).replace([np.inf, -np.inf], np.nan)
    return pd.Series(_goodness(metric, finite), index=table.index)


def _goodness(metric: str, values: ArrayLike) -> NDArray[np.float64]:
    return -np.asarray(values, dtype=np.float64) if metric == FIT_SECONDS else metric_named(metric).goodness(values)


def comparable_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Give the rows of a leaderboard with the split, folds and settings of the current run, in their order."""
    return table[table["status"].str.startswith((CURRENT, BREAKS))]


def folds_of(results: Mapping[str, Evaluation | None], metric: str, held_out_ratio: float) -> Folds:
    """Give one metric of every trained model fold by fold.

    Parameters
    ----------
    results
        By model: its stored evaluation, ``None`` if it was never trained.
    metric
        Name of the metric.
    held_out_ratio
        Rows that a fold validates over rows that it is fitted on.
    """
    scores = {name: fold_scores_of(result.fold_scores, metric) for name, result in results.items() if result}
    return Folds(scores, held_out_ratio)


def _value(row: Row, rule: ChallengerSpec) -> str:
    return f"cross-validated {rule.metric} {row[cross_validated(rule.metric).mean]:.4f}"
