"""One candidate on one fold: the recipe is fitted on the fold, the estimator is fitted and scored on its output."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from threadpoolctl import threadpool_limits

from credit_pipeline.core import Outcome
from credit_pipeline.modelling.metrics import score_all
from credit_pipeline.modelling.scoring import answers
from credit_pipeline.modelling.splitting import Fold
from credit_pipeline.modelling.splitting.schemes import Positions
from credit_pipeline.modelling.training import early_stopping

Arguments = Mapping[str, object]
HoldOut = Callable[[Positions], Fold]


@dataclass(frozen=True)
class Candidate:
    """One combination: settings of the recipe, arguments of the estimator."""

    recipe_settings: Arguments
    arguments: Arguments


@dataclass(frozen=True)
class Blueprint:
    """How to make the unfitted parts of a model: ``recipe(settings)`` and ``estimator(arguments, features)``.

    ``features`` are the names of the recipe's output columns, in their order.
    """

    recipe: Callable[[Arguments], BaseEstimator]
    estimator: Callable[[Arguments, Sequence[str]], BaseEstimator]


@dataclass(frozen=True)
class Matrices:
    """A fold after its recipe: the matrices that the estimator is fitted on and scored on.

    ``inner`` are positions within ``fitted_on``, as (fitted on, held out), for boosting that stops early.
    """

    fitted_on: NDArray[np.float64]
    fitted_outcome: Outcome
    scored_on: NDArray[np.float64]
    scored_outcome: Outcome
    names: tuple[str, ...]
    inner: Fold | None = None


@dataclass(frozen=True)
class Fit:
    """One candidate on one fold.

    ``stopped`` are the arguments that early stopping chose; empty without it.
    """

    candidate: int
    fold: int
    scores: Mapping[str, float]
    seconds: float
    answers: NDArray[np.float64]
    stopped: Mapping[str, int]


def prepare(
    blueprint: Blueprint,
    setting: Arguments,
    features: pd.DataFrame,
    outcome: Outcome,
    fold: Fold,
    *,
    hold_out: HoldOut | None = None,
) -> Matrices:
    """Fit a recipe on a fold.

    Parameters
    ----------
    blueprint, setting
        Make the unfitted recipe.
    features, outcome
        Of train, shapes (rows, columns) and (rows,).
    fold
        Row positions (fitted on, validated on).
    hold_out
        Divides the rows that the estimator is fitted on, for boosting that stops early.
    """
    fitted, scored = fold
    recipe = blueprint.recipe(setting)
    with threadpool_limits(1):
        fitted_on, names = _matrix(recipe.fit_transform(features.iloc[fitted], outcome[fitted]))
        scored_on, _ = _matrix(recipe.transform(features.iloc[scored]))
    inner = None if hold_out is None else hold_out(fitted)
    return Matrices(fitted_on, outcome[fitted], scored_on, outcome[scored], names, inner)


def _matrix(made: pd.DataFrame | NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    return np.asarray(made), tuple(map(str, getattr(made, "columns", ())))


def fit_and_score(
    blueprint: Blueprint,
    candidate: Candidate,
    place: tuple[int, int],
    data: Matrices | Callable[[], Matrices],
    metrics: Sequence[str],
    scale: float,
) -> Fit:
    """Fit a candidate on a fold, on one thread, and score it there.

    Parameters
    ----------
    blueprint, candidate
        Make the unfitted estimator.
    place
        Numbers of the candidate and of the fold.
    data
        The fold after the recipe, or a function that makes it.
    metrics, scale
        As in ``metrics.score_all``.
    """
    made = data() if callable(data) else data
    estimator = blueprint.estimator(candidate.arguments, made.names)
    start = time.perf_counter()
    with threadpool_limits(1):
        stopped = early_stopping.fit(estimator, made.fitted_on, made.fitted_outcome, made.inner)
        seconds = time.perf_counter() - start
        answered = answers(estimator, made.scored_on)
    scores = score_all(metrics, made.scored_outcome, answered, scale=scale)
    return Fit(*place, scores, seconds, answered, stopped)
