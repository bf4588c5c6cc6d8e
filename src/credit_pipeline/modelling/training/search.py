"""The search: every candidate on the same folds, each recipe setting fitted once a fold."""

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
from credit_pipeline.modelling.splitting import Fold
from credit_pipeline.modelling.training import early_stopping, racing
from credit_pipeline.modelling.training.fold_fits import (
    Arguments,
    Blueprint,
    Candidate,
    Fit,
    HoldOut,
    Matrices,
    fit_and_score,
    prepare,
)
from credit_pipeline.spec import SearchSpec

__all__ = ["Arguments", "Blueprint", "Candidate", "Progress", "SearchResult", "candidates", "search"]

Progress = Callable[[int, int], None]
DROPPED = "dropped_after"
_MAPPED_FROM = "100K"  # joblib's own 1M would copy each column of a table that has fewer than 131,072 rows


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    ``trials`` has one row a candidate and fold, with every metric. ``out_of_fold`` is the best candidate's answer for
    every row of train, by the fold's model that had not seen the row; NaN where no fold validates it. A race has a
    column ``dropped_after``: the number of folds after which a candidate fell behind, missing for those that did not.
    ``best`` has the number of trees that early stopping chose, see ``early_stopping.chosen``.
    """

    best: Candidate
    trials: pd.DataFrame
    out_of_fold: NDArray[np.float64] = field(repr=False)

    @property
    def fold_scores(self) -> pd.DataFrame:
        """The best candidate's metrics, one row a fold."""
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
    hold_out: HoldOut | None = None,
    tolerance: float | None = None,
) -> SearchResult:
    """Score every candidate on every fold and rank them by the mean of one metric.

    A recipe with one setting is fitted once a fold, whatever the number of estimators that use it. What it makes is
    held for all folds where candidates share it; where each has its own, a fold at a time. All fits run on one thread
    each, in ``jobs`` processes, so the result does not depend on the number of cores.

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
    hold_out
        Divides the rows that a fold is fitted on, for boosting that stops early.
    tolerance
        Of a race: what may be lost against an exhaustive search, in the unit of the metric; see ``racing.behind``.
        None fits every candidate on every fold.

    Raises
    ------
    ValueError
        No candidate has a finite mean: a model that cannot be scored cannot be chosen.
    """
    settings = _distinct([candidate.recipe_settings for candidate in tried])
    keys = [_key(setting) for setting in settings]
    with parallel_config(backend="loky", n_jobs=jobs, max_nbytes=_MAPPED_FROM):
        ways = [
            [partial(prepare, blueprint, setting, features, outcome, fold, hold_out=hold_out) for fold in folds]
            for setting in settings
        ]
        prepared = _prepare_all(ways) if len(tried) > len(settings) else ways
        setting_of = [keys.index(_key(candidate.recipe_settings)) for candidate in tried]
        task = partial(_task, blueprint, tried, [prepared[setting] for setting in setting_of], metrics, scale)
        run = _Run(task, setting_of, len(tried) * len(folds), progress)
        standing_of = partial(racing.standings, outcome=outcome, folds=folds, metric=metric, scale=scale)
        dropped = _race(run, len(tried), len(folds), standing_of, tolerance)
    in_order = sorted(run.done, key=lambda fit: (fit.candidate, fit.fold))
    return _result(tried, in_order, folds, metric, rows=len(outcome), dropped=dropped)


Task = tuple[Callable[..., Fit], tuple[object, ...], dict[str, object]]


def _task(
    blueprint: Blueprint,
    tried: Sequence[Candidate],
    matrices: Sequence[Sequence[Matrices | Callable[[], Matrices]]],
    metrics: Sequence[str],
    scale: float,
    place: tuple[int, int],
) -> Task:
    candidate, fold = place
    made: Task = delayed(fit_and_score)(blueprint, tried[candidate], place, matrices[candidate][fold], metrics, scale)
    return made


@dataclass
class _Run:
    """Fits candidates on folds in worker processes, matrix by matrix for ``shared_bins``; keeps what came of it."""

    task: Callable[[tuple[int, int]], Task]
    setting_of: Sequence[int]
    planned: int
    progress: Progress | None
    done: list[Fit] = field(default_factory=list)

    def __call__(self, places: Sequence[tuple[int, int]]) -> None:
        by_matrix = sorted(places, key=lambda place: (place[1], self.setting_of[place[0]]))
        for fit in Parallel(return_as="generator_unordered")([self.task(place) for place in by_matrix]):
            self.done.append(fit)
            if self.progress is not None:
                self.progress(len(self.done), self.planned)


def _race(
    run: _Run,
    candidates: int,
    folds: int,
    standing_of: Callable[..., Mapping[int, racing.Standing]],
    tolerance: float | None,
) -> dict[int, int]:
    if tolerance is None:
        run([(candidate, fold) for candidate in range(candidates) for fold in range(folds)])
        return {}

    def fall_behind(left: Sequence[int], done: int) -> list[int]:
        fits = {kept: [fit for fit in run.done if fit.candidate == kept] for kept in left}
        lost = racing.behind(standing_of(fits), done, folds, tolerance)
        run.planned -= len(lost) * (folds - done)
        return lost

    return racing.race(candidates, folds, run, fall_behind)


def _distinct(settings: Sequence[Arguments]) -> list[Arguments]:
    return list({_key(setting): setting for setting in settings}.values())


def _key(setting: Arguments) -> str:
    """Tell settings apart by value and type: to scikit-learn 1 is one, and 1.0 all of them."""
    return repr(sorted(setting.items()))


def _prepare_all(ways: Sequence[Sequence[Callable[[], Matrices]]]) -> Sequence[Sequence[Matrices]]:
    made = Parallel()(delayed(way)() for by_fold in ways for way in by_fold)
    folds = len(ways[0])
    return [made[start : start + folds] for start in range(0, len(made), folds)]


def _result(  # what is told by name
    tried: Sequence[Candidate],
    fits: Sequence[Fit],
    folds: Sequence[Fold],
    metric: str,
    *,
    rows: int,
    dropped: Mapping[int, int],
) -> SearchResult:
    trials = pd.DataFrame([_row(tried[fit.candidate], fit) for fit in fits])
    means = trials.groupby("candidate")[metric].mean()
    ranks = _ranks(means.mask(means.index.isin(list(dropped))), metric)
    best = int(ranks.to_numpy().argmin())
    of_best = [fit for fit in fits if fit.candidate == best]
    out_of_fold = np.full(rows, np.nan)
    for fit in of_best:
        out_of_fold[folds[fit.fold][1]] = fit.answers
    stopped = early_stopping.chosen([fit.stopped for fit in of_best])
    winner = replace(tried[best], arguments={**tried[best].arguments, **stopped})
    told = {"rank": trials["candidate"].map(ranks), **({DROPPED: trials["candidate"].map(dropped)} if dropped else {})}
    return SearchResult(winner, trials.assign(**told), out_of_fold)


def _row(candidate: Candidate, fit: Fit) -> dict[str, object]:
    recipe = {f"recipe.{name}": value for name, value in candidate.recipe_settings.items()}
    head = {"candidate": fit.candidate, **recipe, **candidate.arguments, **fit.stopped, "fold": fit.fold}
    return {**head, **fit.scores, "fit_seconds": fit.seconds}


def _ranks(means: "pd.Series[float]", metric: str) -> "pd.Series[int]":
    """Rank candidates, 1 = best; equal means keep their order; what is not finite comes last."""
    if not np.isfinite(means).any():
        raise ValueError(f"no candidate has a finite mean {metric}")
    goodness = pd.Series(metric_named(metric).goodness(means), index=means.index).replace([np.inf, -np.inf], np.nan)
    return goodness.rank(method="first", ascending=False, na_option="bottom").astype(int)
