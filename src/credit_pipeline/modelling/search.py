"""The search: every candidate on the same folds, each recipe setting fitted once a fold."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, parallel_config
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.model_selection import ParameterGrid, ParameterSampler
from threadpoolctl import threadpool_limits

from credit_pipeline.modelling.counts import Outcome
from credit_pipeline.modelling.metrics import METRICS, score_all
from credit_pipeline.modelling.partition import Fold
from credit_pipeline.modelling.scoring_model import answers
from credit_pipeline.spec import SearchSpec

Arguments = Mapping[str, object]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Candidate:
    """One combination: settings of the recipe, arguments of the estimator."""

    recipe_settings: Arguments
    arguments: Arguments


@dataclass(frozen=True)
class Blueprint:
    """How to make the unfitted parts of a model: ``recipe(settings)`` and ``estimator(arguments, features)``.

    ``features`` are the names of what the recipe made, in their order.
    """

    recipe: Callable[[Arguments], BaseEstimator]
    estimator: Callable[[Arguments, Sequence[str]], BaseEstimator]


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    ``trials`` has one row a candidate and fold, with every metric. ``out_of_fold`` is the best candidate's answer for
    every row of train, by the fold's model that had not seen the row; NaN where no fold validates it.
    """

    best: Candidate
    trials: pd.DataFrame
    out_of_fold: NDArray[np.float64] = field(repr=False)

    @property
    def fold_scores(self) -> pd.DataFrame:
        """The best candidate's metrics, one row a fold."""
        best_rows = self.trials[self.trials["rank"] == 1]
        return best_rows.drop(columns=["rank", "candidate"]).reset_index(drop=True)


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


def search(  # noqa: PLR0913  # what is told by name
    blueprint: Blueprint,
    tried: Sequence[Candidate],
    features: pd.DataFrame,
    outcome: Outcome,
    folds: Sequence[Fold],
    *,
    metrics: Sequence[str],
    metric: str,
    scale: float = 1.0,
    jobs: int = -1,
    progress: Progress | None = None,
) -> SearchResult:
    """Score every candidate on every fold and rank them by the mean of one metric.

    A recipe with one setting is fitted once a fold, whatever the number of estimators that use it. All fits run on one
    thread each, in ``jobs`` processes, so the result does not depend on the number of cores.

    Parameters
    ----------
    blueprint
        Makes the unfitted recipe and estimator.
    tried
        The candidates.
    features
        Shape (rows, columns): raw and derived columns of train.
    outcome
        Shape (rows,), 1 = default; of a regression the target.
    folds
        Row positions (fitted on, validated on).
    metrics, metric
        Metrics to record, and the one that ranks.
    scale
        Mean absolute error of the naive forecast, see ``metrics.score``.
    jobs
        Number of worker processes, -1 for one a core.
    progress
        Called with (fits done, fits in all).

    Raises
    ------
    ValueError
        No candidate has a finite mean: a model that cannot be scored cannot be chosen.
    """
    settings = _distinct([candidate.recipe_settings for candidate in tried])
    keys = [_key(setting) for setting in settings]
    with parallel_config(backend="loky", n_jobs=jobs):
        prepared = _prepare_all(blueprint, settings, features, outcome, folds)
        tasks = [
            delayed(_fit_and_score)(blueprint, tried[position], position, number, matrices, metrics, scale)
            for position in range(len(tried))
            for number, matrices in enumerate(prepared[keys.index(_key(tried[position].recipe_settings))])
        ]
        fits = _watched(Parallel(return_as="generator_unordered")(tasks), len(tasks), progress)
    in_order = sorted(fits, key=lambda fit: (fit.candidate, fit.fold))
    return _result(tried, in_order, folds, metric, rows=len(outcome))


@dataclass(frozen=True)
class _Matrices:
    """A fold after its recipe: what the estimator is fitted on and what it is scored on."""

    fitted_on: NDArray[np.float64]
    fitted_outcome: Outcome
    scored_on: NDArray[np.float64]
    scored_outcome: Outcome
    names: tuple[str, ...]


@dataclass(frozen=True)
class _Fit:
    """One candidate on one fold."""

    candidate: int
    fold: int
    scores: Mapping[str, float]
    seconds: float
    answers: NDArray[np.float64]


def _distinct(settings: Sequence[Arguments]) -> list[Arguments]:
    return list({_key(setting): setting for setting in settings}.values())


def _key(setting: Arguments) -> str:
    """Tell settings apart by value and type: to scikit-learn 1 is one, and 1.0 all of them."""
    return repr(sorted(setting.items()))


def _prepare_all(
    blueprint: Blueprint,
    settings: Sequence[Arguments],
    features: pd.DataFrame,
    outcome: Outcome,
    folds: Sequence[Fold],
) -> list[list[_Matrices]]:
    prepared = Parallel()(
        delayed(_prepare)(blueprint, setting, features, outcome, fold) for setting in settings for fold in folds
    )
    return [prepared[start : start + len(folds)] for start in range(0, len(prepared), len(folds))]


def _prepare(
    blueprint: Blueprint, setting: Arguments, features: pd.DataFrame, outcome: Outcome, fold: Fold
) -> _Matrices:
    fitted, scored = fold
    recipe = blueprint.recipe(setting)
    with threadpool_limits(1):
        fitted_on = recipe.fit_transform(features.iloc[fitted], outcome[fitted])
        scored_on = recipe.transform(features.iloc[scored])
    names = tuple(map(str, getattr(fitted_on, "columns", ())))
    return _Matrices(np.asarray(fitted_on), outcome[fitted], np.asarray(scored_on), outcome[scored], names)


def _fit_and_score(
    blueprint: Blueprint,
    candidate: Candidate,
    position: int,
    fold: int,
    data: _Matrices,
    metrics: Sequence[str],
    scale: float,
) -> _Fit:
    estimator = blueprint.estimator(candidate.arguments, data.names)
    start = time.perf_counter()
    with threadpool_limits(1):
        estimator.fit(data.fitted_on, data.fitted_outcome)
        seconds = time.perf_counter() - start
        answered = answers(estimator, data.scored_on)
    scores = score_all(metrics, data.scored_outcome, answered, scale=scale)
    return _Fit(position, fold, scores, seconds, answered)


def _watched(fits: Iterable[_Fit], total: int, progress: Progress | None) -> list[_Fit]:
    done: list[_Fit] = []
    for fit in fits:
        done.append(fit)
        if progress is not None:
            progress(len(done), total)
    return done


def _result(
    tried: Sequence[Candidate], fits: Sequence[_Fit], folds: Sequence[Fold], metric: str, *, rows: int
) -> SearchResult:
    trials = pd.DataFrame([_row(tried[fit.candidate], fit) for fit in fits])
    ranks = _ranks(trials.groupby("candidate")[metric].mean(), metric)
    best = int(ranks.to_numpy().argmin())
    out_of_fold = np.full(rows, np.nan)
    for fit in fits:
        if fit.candidate == best:
            out_of_fold[folds[fit.fold][1]] = fit.answers
    return SearchResult(tried[best], trials.assign(rank=trials["candidate"].map(ranks)), out_of_fold)


def _row(candidate: Candidate, fit: _Fit) -> dict[str, object]:
    recipe = {f"recipe.{name}": value for name, value in candidate.recipe_settings.items()}
    head = {"candidate": fit.candidate, **recipe, **candidate.arguments, "fold": fit.fold}
    return {**head, **fit.scores, "fit_seconds": fit.seconds}


def _ranks(means: "pd.Series[float]", metric: str) -> "pd.Series[int]":
    """Rank candidates, 1 = best; equal means keep their order; what is not finite comes last."""
    if not np.isfinite(means).any():
        raise ValueError(f"no candidate has a finite mean {metric}")
    goodness = pd.Series(METRICS[metric].goodness(means), index=means.index).replace([np.inf, -np.inf], np.nan)
    return goodness.rank(method="first", ascending=False, na_option="bottom").astype(int)
