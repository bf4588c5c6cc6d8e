"""The search: every candidate on the same folds, each recipe setting fitted once per fold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, parallel_config
from numpy.typing import NDArray
from sklearn.model_selection import ParameterGrid, ParameterSampler

from credit_pipeline.core import Outcome
from credit_pipeline.modelling.metrics import metric_named
from credit_pipeline.modelling.training import early_stopping, racing
from credit_pipeline.modelling.training.fold_fits import (
    Arguments,
    Blueprint,
    Candidate,
    Fit,
    Matrices,
    fit_and_score,
    prepare,
)
from credit_pipeline.modelling.training.search_plan import Progress, SearchPlan
from credit_pipeline.spec import SearchSpec

__all__ = ["SearchResult", "candidates", "search"]

DROPPED = "dropped_after"
_MAPPED_FROM = "100K"  # joblib's own 1M would copy each column of a table that has fewer than 131,072 rows


@dataclass(frozen=True)
class SearchResult:
    """The result of a search.

    ``trials`` has one row per candidate and fold, with every metric. ``out_of_fold`` is the best candidate's answer for
    every row of train, given by a fold's model that was not fitted on the row; NaN where no fold validates the row. A
    race has a column ``dropped_after``: the number of folds after which a candidate was dropped, missing for those that
    were not. ``best`` has the number of trees that early stopping chose, see ``early_stopping.final_arguments``.
    """

    best: Candidate
    trials: pd.DataFrame
    out_of_fold: NDArray[np.float64] = field(repr=False)

    @property
    def fold_scores(self) -> pd.DataFrame:
        """The best candidate's metrics, one row per fold."""
        best_rows = self.trials[self.trials["rank"] == 1]
        return best_rows.drop(columns=["rank", "candidate", DROPPED], errors="ignore").reset_index(drop=True)


def candidates(spec: SearchSpec) -> list[Candidate]:
    """List the candidates of a search in a fixed order; an empty space is one candidate.

    >>> [dict(candidate.arguments) for candidate in candidates(SearchSpec(space={"C": [0.1, 1.0]}))]
    [{'C': 0.1}, {'C': 1.0}]
    """
    space = {**{f"recipe {k}": v for k, v in spec.recipe_space.items()}, **spec.space}
    if spec.candidates is None:
        combinations = list(ParameterGrid(space))
    else:
        size = min(spec.candidates, len(ParameterGrid(space)))
        combinations = list(ParameterSampler(space, size, random_state=spec.seed))
    return [_candidate(combination) for combination in combinations]


def _candidate(combination: Arguments) -> Candidate:
    settings = {k.removeprefix("recipe "): v for k, v in combination.items() if k.startswith("recipe ")}
    return Candidate(settings, {k: v for k, v in combination.items() if not k.startswith("recipe ")})


def search(
    blueprint: Blueprint, tried: Sequence[Candidate], features: pd.DataFrame, outcome: Outcome, plan: SearchPlan
) -> SearchResult:
    """Score every candidate on every fold and rank them by the mean of one metric.

    Each setting of the recipe is fitted once per fold, whatever the number of estimators that use it. Where candidates
    share a setting, its matrices of all folds are kept; where each candidate has its own, they are made fold by fold.
    Every fit runs on one thread, in one of ``plan.jobs`` processes, so the result does not depend on the number of
    cores.

    Parameters
    ----------
    blueprint
        Makes the unfitted recipe and estimator.
    tried
        The candidates.
    features
        Shape (rows, columns): raw and derived columns of train.
    outcome
        Shape (rows,), 1 = default; the target of a regression.
    plan
        Folds, metrics, and how the search runs.

    Raises
    ------
    ValueError
        No candidate has a finite mean: a model that cannot be scored cannot be chosen.
    """
    settings = _distinct([candidate.recipe_settings for candidate in tried])
    keys = [_key(setting) for setting in settings]
    with parallel_config(backend="loky", n_jobs=plan.jobs, max_nbytes=_MAPPED_FROM):
        ways = [
            [
                partial(prepare, blueprint, setting, features, outcome, fold, hold_out=plan.hold_out)
                for fold in plan.folds
            ]
            for setting in settings
        ]
        prepared = _prepare_all(ways) if len(tried) > len(settings) else ways
        setting_of = [keys.index(_key(candidate.recipe_settings)) for candidate in tried]
        matrices = [prepared[setting] for setting in setting_of]

        def fit(place: tuple[int, int]) -> DelayedFit:
            candidate, fold = place
            made: DelayedFit = delayed(fit_and_score)(
                blueprint, tried[candidate], place, matrices[candidate][fold], plan.metrics, plan.scale
            )
            return made

        run = _Run(fit, setting_of, len(tried) * len(plan.folds), plan.progress)
        dropped = _race(run, len(tried), outcome, plan)
    in_order = sorted(run.done, key=lambda fit: (fit.candidate, fit.fold))
    return _result(tried, in_order, plan, rows=len(outcome), dropped=dropped)


DelayedFit = tuple[Callable[..., Fit], tuple[object, ...], dict[str, object]]
"""A call of ``fit_and_score`` that joblib makes in a worker process: function, arguments, arguments by name."""


@dataclass
class _Run:
    """Fits candidates on folds in worker processes, matrix by matrix for ``xgboost_bins``; keeps the results."""

    fit: Callable[[tuple[int, int]], DelayedFit]
    setting_of: Sequence[int]
    planned: int
    progress: Progress | None
    done: list[Fit] = field(default_factory=list)

    def __call__(self, places: Sequence[tuple[int, int]]) -> None:
        by_matrix = sorted(places, key=lambda place: (place[1], self.setting_of[place[0]]))
        for fit in Parallel(return_as="generator_unordered")([self.fit(place) for place in by_matrix]):
            self.done.append(fit)
            if self.progress is not None:
                self.progress(len(self.done), self.planned)


def _race(run: _Run, candidates: int, outcome: Outcome, plan: SearchPlan) -> dict[int, int]:
    folds, tolerance = len(plan.folds), plan.tolerance
    if tolerance is None:
        run([(candidate, fold) for candidate in range(candidates) for fold in range(folds)])
        return {}

    def fall_behind(left: Sequence[int], done: int) -> list[int]:
        fits = {kept: [fit for fit in run.done if fit.candidate == kept] for kept in left}
        lost = racing.candidates_to_drop(racing.goodness_so_far(fits, outcome, plan), done, folds, tolerance)
        run.planned -= len(lost) * (folds - done)
        return lost

    return racing.race(candidates, folds, run, fall_behind)


def _distinct(settings: Sequence[Arguments]) -> list[Arguments]:
    return list({_key(setting): setting for setting in settings}.values())


def _key(setting: Arguments) -> str:
    """Distinguish settings by value and type: scikit-learn reads 1 as one, and 1.0 as all of them."""
    return repr(sorted(setting.items()))


def _prepare_all(ways: Sequence[Sequence[Callable[[], Matrices]]]) -> Sequence[Sequence[Matrices]]:
    made = Parallel()(delayed(way)() for by_fold in ways for way in by_fold)
    folds = len(ways[0])
    return [made[start : start + folds] for start in range(0, len(made), folds)]


def _result(
    tried: Sequence[Candidate], fits: Sequence[Fit], plan: SearchPlan, *, rows: int, dropped: Mapping[int, int]
) -> SearchResult:
    trials = pd.DataFrame([_row(tried[fit.candidate], fit) for fit in fits])
    means = trials.groupby("candidate")[plan.metric].mean()
    ranks = _ranks(means.mask(means.index.isin(list(dropped))), plan.metric)
    best = int(ranks.to_numpy().argmin())
    of_best = [fit for fit in fits if fit.candidate == best]
    out_of_fold = np.full(rows, np.nan)
    for fit in of_best:
        out_of_fold[plan.folds[fit.fold][1]] = fit.answers
    stopped = early_stopping.final_arguments([fit.stopped for fit in of_best])
    winner = replace(tried[best], arguments={**tried[best].arguments, **stopped})
    ranked = trials.assign(rank=trials["candidate"].map(ranks))
    if dropped:
        ranked[DROPPED] = ranked["candidate"].map(dropped)
    return SearchResult(winner, ranked, out_of_fold)


def _row(candidate: Candidate, fit: Fit) -> dict[str, object]:
    recipe = {f"recipe.{name}": value for name, value in candidate.recipe_settings.items()}
    head = {"candidate": fit.candidate, **recipe, **candidate.arguments, **fit.stopped, "fold": fit.fold}
    return {**head, **fit.scores, "fit_seconds": fit.seconds}


def _ranks(means: "pd.Series[float]", metric: str) -> "pd.Series[int]":
    """Rank candidates, 1 = best; equal means keep their order; means that are not finite come last."""
    if not np.isfinite(means).any():
        raise ValueError(f"no candidate has a finite mean {metric}")
    goodness = pd.Series(metric_named(metric).goodness(means), index=means.index).replace([np.inf, -np.inf], np.nan)
    return goodness.rank(method="first", ascending=False, na_option="bottom").astype(int)
