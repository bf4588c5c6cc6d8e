"""The leaderboard and the rule that picks the challenger: on cross-validation, never on test."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from credit_pipeline.modelling.figures.many_models import LeaderboardRow
from credit_pipeline.modelling.metrics.metrics import metric_named
from credit_pipeline.modelling.selection.comparison import Folds, fold_scores_of
from credit_pipeline.modelling.training.evaluation import Evaluation
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


@dataclass(frozen=True)
class Choice:
    """The challenger, or none, and why."""

    model: str | None
    reason: str


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
    column = FIT_SECONDS if metric == FIT_SECONDS else f"cv_{metric}_mean"
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


def figure_rows(table: pd.DataFrame, metric: str) -> list[LeaderboardRow]:
    """Give the comparable rows of a leaderboard as the figure takes them."""
    label = metric_named(metric).label
    return [
        LeaderboardRow(
            model=row["model"],
            cv_mean=row[f"cv_{metric}_mean"],
            cv_std=row[f"cv_{metric}_std"],
            test_value=row[f"test_{metric}"],
            lower=row[f"test_{metric}_lower"],
            upper=row[f"test_{metric}_upper"],
            n=int(row["test_rows"]),
            is_challenger=bool(row["challenger"]),
            metric_label=label,
        )
        for row in comparable(table).to_dict("records")
    ]


def choose(table: pd.DataFrame, rule: ChallengerSpec, folds: Folds | None = None) -> Choice:
    """Pick the challenger by the rule, among comparable rows only.

    Parameters
    ----------
    table
        The leaderboard.
    rule
        Metric, minimum, how near counts as a tie, what breaks it, and which models are the simplest.
    folds
        The rule's metric on the folds: what ``simplest_first`` is decided by. Without it the best wins.
    """
    standing = _directed(table[table["status"] == CURRENT], rule.metric).dropna()
    is_baseline = table.loc[standing.index, "model"] == rule.baseline
    values = standing[~is_baseline]
    if values.empty:
        return Choice(
            None,
            "no model has a comparable cross-validated result; see the status of each model",
        )
    best, minimum = values.max(), float(_goodness(rule.metric, rule.minimum))
    if best < minimum:
        shown = f"{table.loc[values.index, f'cv_{rule.metric}_mean'].iloc[int(values.argmax())]:.4f}"
        return Choice(None, f"the best cross-validated {rule.metric} is {shown}, the rule asks for {rule.minimum:g}")
    if (standing[is_baseline] >= best).any():
        return Choice(None, f"no model beats the baseline {rule.baseline} in cross-validated {rule.metric}")
    beaten = standing[is_baseline].max() if is_baseline.any() else -np.inf
    eligible = table.loc[values.index[(values >= minimum) & (values > beaten)]]
    if simplest := _simplest(eligible, rule, folds):
        return simplest
    tied = table.loc[values[values >= best - rule.tie].index]
    winner = _break_ties(tied, [rule.metric] if not rule.tie_breaks else [*rule.tie_breaks, rule.metric])
    return Choice(str(winner["model"]), _reason(winner, tied, rule))


def _simplest(eligible: pd.DataFrame, rule: ChallengerSpec, folds: Folds | None) -> Choice | None:
    """Find the first of the simplest models that lies within one corrected standard error of the best."""
    goodness = dict(zip(eligible["model"], _directed(eligible, rule.metric), strict=True))
    best = max(goodness, key=lambda model: goodness[model])
    rows = {str(row["model"]): row for row in eligible.to_dict("records")}
    for model in (name for name in rule.simplest_first if name in rows and folds is not None):
        if model == best:
            return Choice(model, f"best {_value(rows[model], rule)}; no simpler model lies within its reach")
        apart = folds.difference(model, best) if folds is not None else None
        if apart is not None and goodness[best] - goodness[model] <= apart.corrected_standard_error:
            return Choice(model, _reason_of_simplest(rows[model], rows[best], rule, apart.corrected_standard_error))
    return None


def _reason_of_simplest(row: Row, best: Row, rule: ChallengerSpec, error: float) -> str:
    return (
        f"{_value(row, rule)}, within one corrected standard error ({error:.4f}) of the best, {best['model']} with "
        f"{best[f'cv_{rule.metric}_mean']:.4f}; the first such model of simplest_first"
    )


def _break_ties(tied: pd.DataFrame, by: Sequence[str]) -> Row:
    directed = pd.DataFrame({name: _directed(tied, name) for name in by}, index=tied.index)
    best = directed.sort_values(list(by), ascending=False, kind="stable").index[0]
    return dict(tied.loc[best])


def _reason(winner: Row, tied: pd.DataFrame, rule: ChallengerSpec) -> str:
    value = _value(winner, rule)
    if len(tied) == 1:
        return f"best {value}"
    others = ", ".join(name for name in tied["model"] if name != winner["model"])
    breaks = ", ".join(rule.tie_breaks) or rule.metric
    return f"{value}, within {rule.tie:g} of the best beside {others}; told apart by {breaks}"


def _value(row: Row, rule: ChallengerSpec) -> str:
    return f"cross-validated {rule.metric} {row[f'cv_{rule.metric}_mean']:.4f}"
