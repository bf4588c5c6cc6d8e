"""The leaderboard and the rule that picks the challenger: on cross-validation, never on test."""

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
class Standing:
    """What a row of the leaderboard must share with today's run to be comparable."""

    split_id: str
    folds_id: str
    specification: Mapping[str, str]


def status(model: str, result: Evaluation | None, standing: Standing) -> str:
    """Say whether a model's result can be compared today.

    Parameters
    ----------
    model
        Its name.
    result
        What its evaluation stored; ``None`` if it never was trained.
    standing
        Today's split, folds and specifications by model.

    Examples
    --------
    >>> status("xgboost", None, Standing("s1", "f1", {"xgboost": "h1"}))
    'not trained'
    """
    if result is None:
        return "not trained"
    if result.split_id != standing.split_id:
        return "stale: another split"
    if result.folds_id != standing.folds_id:
        return "stale: other folds"
    if result.specification_sha256 != standing.specification[model]:
        return "stale: other settings"
    return f"{BREAKS}: {', '.join(result.direction_breaks)}" if result.direction_breaks else CURRENT


def leaderboard(results: Mapping[str, Evaluation | None], standing: Standing, metric: str) -> pd.DataFrame:
    """Rank the models by the cross-validated mean of one metric, comparable ones first.

    Parameters
    ----------
    results
        By model: its stored evaluation, ``None`` if it never was trained.
    standing
        Today's split, folds and specifications.
    metric
        The metric that ranks.

    Returns
    -------
    pandas.DataFrame
        One row a model: ``model``, ``status``, ``fit_seconds`` and every tracked metric.
    """
    rows = [_row(model, result, status(model, result, standing)) for model, result in results.items()]
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
    """Values of a metric, turned so that greater is better; what is not finite counts as missing."""
    column = FIT_SECONDS if metric == FIT_SECONDS else cross_validated(metric).mean
    values = table[column] if column in table else pd.Series(np.nan, index=table.index)
    finite = values.astype(float).replace([np.inf, -np.inf], np.nan)
    return pd.Series(_goodness(metric, finite), index=table.index)


def _goodness(metric: str, values: ArrayLike) -> NDArray[np.float64]:
    return -np.asarray(values, dtype=np.float64) if metric == FIT_SECONDS else metric_named(metric).goodness(values)


def comparable(table: pd.DataFrame) -> pd.DataFrame:
    """Give the rows of a leaderboard that are of today's split, folds and settings, in its order."""
    return table[table["status"].str.startswith((CURRENT, BREAKS))]


def folds_of(results: Mapping[str, Evaluation | None], metric: str, held_out_ratio: float) -> Folds:
    """Give one metric of every trained model fold by fold."""
    scores = {name: fold_scores_of(result.fold_scores, metric) for name, result in results.items() if result}
    return Folds(scores, held_out_ratio)


def _value(row: Row, rule: ChallengerSpec) -> str:
    return f"cross-validated {rule.metric} {row[cross_validated(rule.metric).mean]:.4f}"
