"""The rule that chooses the challenger from the leaderboard."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from credit_pipeline.core.metric_names import cross_validated
from credit_pipeline.modelling.selection.comparison import Folds
from credit_pipeline.modelling.selection.ranking import CURRENT, Row, _directed, _goodness, _value
from credit_pipeline.spec import ChallengerSpec


@dataclass(frozen=True)
class Choice:
    """The challenger, or none, and the reason."""

    model: str | None
    reason: str


def choose(table: pd.DataFrame, rule: ChallengerSpec, folds: Folds | None = None) -> Choice:
    """Choose the challenger by the rule, among comparable rows only.

    Parameters
    ----------
    table
        The leaderboard.
    rule
        Metric, minimum, the largest difference that is a tie, what breaks ties, and which models are the simplest.
    folds
        The rule's metric on the folds, by which ``simplest_first`` is decided. Without it the best model wins.
    """
    current = _directed(table[table["status"] == CURRENT], rule.metric).dropna()
    is_baseline = table.loc[current.index, "model"] == rule.baseline
    values = current[~is_baseline]
    if values.empty:
        return Choice(
            None,
            "no model has a comparable cross-validated result; see the status of each model",
        )
    best, minimum = values.max(), float(_goodness(rule.metric, rule.minimum))
    if best < minimum:
        shown = f"{table.loc[values.index, cross_validated(rule.metric).mean].iloc[int(values.argmax())]:.4f}"
        return Choice(None, f"the best cross-validated {rule.metric} is {shown}, the rule requires {rule.minimum:g}")
    if (current[is_baseline] >= best).any():
        return Choice(None, f"no model beats the baseline {rule.baseline} in cross-validated {rule.metric}")
    beaten = current[is_baseline].max() if is_baseline.any() else -np.inf
    eligible = table.loc[values.index[(values >= minimum) & (values > beaten)]]
    if simplest := _simplest(eligible, rule, folds):
        return simplest
    tied = table.loc[values[values >= best - rule.tie].index]
    winner = _break_ties(tied, [rule.metric] if not rule.tie_breaks else [*rule.tie_breaks, rule.metric])
    return Choice(str(winner["model"]), _reason(winner, tied, rule))


def _simplest(eligible: pd.DataFrame, rule: ChallengerSpec, folds: Folds | None) -> Choice | None:
    """Find the first of the simplest models that is within one corrected standard error of the best."""
    goodness = dict(zip(eligible["model"], _directed(eligible, rule.metric), strict=True))
    best = max(goodness, key=lambda model: goodness[model])
    rows = {str(row["model"]): row for row in eligible.to_dict("records")}
    for model in (name for name in rule.simplest_first if name in rows and folds is not None):
        if model == best:
            return Choice(
                model, f"best {_value(rows[model], rule)}; no simpler model is within one corrected standard error"
            )
        apart = folds.difference(model, best) if folds is not None else None
        if apart is not None and goodness[best] - goodness[model] <= apart.corrected_standard_error:
            return Choice(model, _reason_of_simplest(rows[model], rows[best], rule, apart.corrected_standard_error))
    return None


def _reason_of_simplest(row: Row, best: Row, rule: ChallengerSpec, error: float) -> str:
    return (
        f"{_value(row, rule)}, within one corrected standard error ({error:.4f}) of the best, {best['model']} with "
        f"{best[cross_validated(rule.metric).mean]:.4f}; the first such model of simplest_first"
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
    return f"{value}, within {rule.tie:g} of the best, as {others}; the tie is broken by {breaks}"
