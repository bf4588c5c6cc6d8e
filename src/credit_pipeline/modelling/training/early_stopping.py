"""Early stopping of boosting, decided inside the fold, on rows held out of those that the fold is fitted on."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from credit_pipeline.core import Outcome
from credit_pipeline.modelling.splitting import Fold, Keys, halves
from credit_pipeline.modelling.splitting.schemes import Positions
from credit_pipeline.modelling.training import xgboost_bins
from credit_pipeline.spec import ModelSpec, SplitSpec

ROUNDS = "early_stopping_rounds"
_HELD_OUT = 0.2
_BOOSTING = ("xgboost", "lightgbm", "catboost")
_FIRST_ITERATION_IS_0 = ("xgboost", "catboost")


def is_asked(model: ModelSpec) -> bool:
    """Check whether the YAML of a boosted model has ``early_stopping_rounds``; other estimators have other rules."""
    return model.estimator.partition(".")[0] in _BOOSTING and ROUNDS in {*model.fixed, *model.search.space}


def hold_out(keys: Keys, split: SplitSpec, fitted: Positions) -> Fold:
    """Hold a fifth of a fold's fitted part out, by the scheme that divides train and test.

    Parameters
    ----------
    keys
        Of the training part.
    split
        The scheme: the rows of a borrower stay together; of dated rows the latest are held out, after the gap.
    fitted
        Row positions that the fold is fitted on.

    Returns
    -------
    tuple
        Positions within ``fitted``, as (fitted on, held out).

    Raises
    ------
    DataError
        One side would have no row.
    """
    part = Keys(
        outcome=keys.outcome[fitted],
        stratum=None if keys.stratum is None else keys.stratum[fitted],
        date=None if keys.date is None else keys.date[fitted],
        group=None if keys.group is None else np.unique(keys.group[fitted], return_inverse=True)[1],
    )
    return halves(part, split.model_copy(update={"test_share": _HELD_OUT, "test_from": None}))


def _watched(package: str, features: NDArray[np.float64], outcome: Outcome) -> dict[str, object]:
    if package == "lightgbm":
        return {"eval_X": (features,), "eval_y": (outcome,)}
    return {"eval_set": [(features, outcome)], "verbose": False}


def fit(
    estimator: BaseEstimator, features: NDArray[np.float64], outcome: Outcome, inner: Fold | None
) -> dict[str, int]:
    """Fit an estimator in place; one with early stopping uses the held-out rows only to stop.

    It keeps the trees up to the best round and predicts with them. It is not fitted again with the held-out rows, so
    its scores are those of a model fitted on four fifths of the rows.

    Parameters
    ----------
    estimator
        Unfitted.
    features, outcome
        Shapes (rows, features) and (rows,).
    inner
        Row positions (fitted on, held out).

    Returns
    -------
    dict
        The number of trees at the best round, by the name of the estimator's argument; empty without early stopping.
    """
    if inner is None or not estimator.get_params().get(ROUNDS):
        xgboost_bins.fit(estimator, features, outcome)
        return {}
    kept, held = inner
    package = type(estimator).__module__.split(".")[0]
    estimator.fit(features[kept], outcome[kept], **_watched(package, features[held], outcome[held]))
    best = estimator.best_iteration if package == "xgboost" else estimator.best_iteration_
    name = "iterations" if "iterations" in estimator.get_params() else "n_estimators"
    return {name: max(1, int(best) + (package in _FIRST_ITERATION_IS_0))}


def final_arguments(stopped: Sequence[Mapping[str, int]]) -> dict[str, int | None]:
    """Give the arguments of the final fit, which has no rows to stop on: the mean number of trees over the folds.

    >>> final_arguments([{"n_estimators": 80}, {"n_estimators": 101}])
    {'n_estimators': 90, 'early_stopping_rounds': None}
    >>> final_arguments([{}, {}])
    {}
    """
    names = sorted({name for fold in stopped for name in fold})
    means: dict[str, int | None] = {name: round(float(np.mean([fold[name] for fold in stopped]))) for name in names}
    return {**means, ROUNDS: None} if means else {}
