"""Leaks planted on purpose, and the quick model that they are planted for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from credit_pipeline.errors import UnsupportedRunError
from credit_pipeline.modelling.splitting import schemes
from credit_pipeline.modelling.splitting.row_hashes import row_keys
from credit_pipeline.spec import CanarySpec, DataSpec, ModelSpec, RecipeSpec, SearchSpec, TrainingSpec

PLANTED = "planted_by_the_canary"
_BOOSTED = ("XGB", "LGBM", "CatBoost", "GradientBoosting")
_LOGISTIC = ("LogisticRegression",)
_TREES = ("n_estimators", "max_iter", "iterations")
_MOST_TREES, _MOST_FOLDS = 50, 3
_TAKEN_FROM_THE_NEXT = 0.1


@dataclass(frozen=True)
class Parts:
    """A train and a test part, each of shape (rows, columns)."""

    train: pd.DataFrame
    test: pd.DataFrame


def require_classification(data: DataSpec) -> None:
    """Refuse a regression: the checks that the canary tries ask for an event.

    Raises
    ------
    UnsupportedRunError
        The task is a regression.
    """
    if data.task != "classification":
        raise UnsupportedRunError(
            "The canary is for classification: its leaks are of an outcome that happens or does not.",
            expected="data.task: classification",
            got=data.task,
            fix="kedro run --pipelines canary --env <a use case with defaults>",
        )


def quick_model(
    models: Mapping[str, ModelSpec], recipes: Mapping[str, RecipeSpec], spec: CanarySpec
) -> tuple[str, ModelSpec, RecipeSpec]:
    """Give the model that is run, with one candidate, and few trees if it has trees; and its recipe.

    Parameters
    ----------
    models, recipes
        As ``models.yml`` and ``recipes.yml`` have them.
    spec
        Names a model, or leaves the first boosted or logistic one that is not on weights of evidence: they drop a
        column that tells the outcome outright. Without such a model a logistic regression of its own.
    """
    fit = (
        name
        for name, model in models.items()
        if any(word in _class_of(model) for word in _BOOSTED + _LOGISTIC)
        and recipes[model.recipe].function != "weight_of_evidence"
    )
    if (name := spec.model or next(fit, None)) is None:
        own = ModelSpec(recipe="one_hot", estimator="sklearn.linear_model.LogisticRegression", fixed={"max_iter": 1000})
        return "logistic regression", own, RecipeSpec(function="one_hot")
    model = models[name]
    chosen = {**model.fixed, **{key: values[0] for key, values in model.search.space.items()}}
    few = {key: min(int(chosen[key] or 0), _MOST_TREES) for key in _trees(model) if chosen.get(key) is not None}
    quick = ModelSpec(recipe=model.recipe, estimator=model.estimator, fixed={**chosen, **few}, search=SearchSpec())
    return name, quick, recipes[model.recipe]


def _class_of(model: ModelSpec) -> str:
    return model.estimator.rpartition(".")[2]


def _trees(model: ModelSpec) -> Sequence[str]:
    return () if _class_of(model) in _LOGISTIC else _TREES


def quick_training(training: TrainingSpec) -> TrainingSpec:
    """Give settings of a training that measures AUC alone, on three folds at most."""
    folds = training.folds.model_copy(update={"count": min(training.folds.count, _MOST_FOLDS)})
    rule = {"metric": "roc_auc", "minimum": 0.0}
    return TrainingSpec.model_validate(
        {
            "metrics": ["roc_auc"],
            "challenger": rule,
            "folds": folds.model_dump(),
            "seed": training.seed,
            "jobs": training.jobs,
        }
    )


def sampled(parts: Parts, spec: CanarySpec) -> Parts:
    """Draw at most so many rows of either part, in their order."""
    return Parts(_sample(parts.train, spec), _sample(parts.test, spec))


def _sample(part: pd.DataFrame, spec: CanarySpec) -> pd.DataFrame:
    if len(part) <= spec.rows:
        return part
    drawn = np.sort(np.random.default_rng(spec.seed).choice(len(part), spec.rows, replace=False))
    return _kept(part.iloc[drawn].reset_index(drop=True), part)


def _kept(made: pd.DataFrame, origin: pd.DataFrame) -> pd.DataFrame:
    made.attrs = dict(origin.attrs)
    return made


def with_planted_column(data: DataSpec) -> DataSpec:
    """Give the contract of a table with the planted column: a number like any other."""
    column = {PLANTED: {"role": "numeric", "type": "number"}}
    return DataSpec.model_validate({**data.model_dump(), "columns": {**data.model_dump()["columns"], **column}})


def target_on_train(parts: Parts, data: DataSpec, seed: int) -> Parts:
    """Plant a column that is the outcome on train, and noise with the same share of ones on test."""
    known = schemes.outcome(parts.train, data)
    noise = np.random.default_rng(seed).uniform(size=len(parts.test)) < known.mean()
    return Parts(
        _with_column(parts.train, known.astype(np.float64)), _with_column(parts.test, noise.astype(np.float64))
    )


def column_of_the_future(parts: Parts, data: DataSpec, seed: int) -> Parts:
    """Plant on both parts what is known only after the date: the outcome, of a tenth that of the next application."""
    draw = np.random.default_rng(seed)
    return Parts(*(_with_column(part, _later(part, data, draw)) for part in (parts.train, parts.test)))


def _later(part: pd.DataFrame, data: DataSpec, draw: np.random.Generator) -> np.ndarray:
    known, in_time = schemes.outcome(part, data), np.argsort(part[data.date].to_numpy(), kind="stable")
    following = np.empty(len(part))
    following[in_time] = np.roll(known[in_time], -1)
    return np.where(draw.uniform(size=len(part)) < _TAKEN_FROM_THE_NEXT, following, known).astype(np.float64)


def _with_column(part: pd.DataFrame, values: np.ndarray) -> pd.DataFrame:
    return _kept(part.assign(**{PLANTED: values}), part)


def shuffled_target(parts: Parts, data: DataSpec, seed: int) -> Parts:
    """Deal the outcomes of either part out anew among its rows."""
    draw = np.random.default_rng(seed)
    dealt = (
        _kept(part.assign(**{data.target: part[data.target].to_numpy()[draw.permutation(len(part))]}), part)
        for part in (parts.train, parts.test)
    )
    return Parts(*dealt)


def copied_rows(parts: Parts, spec: CanarySpec) -> tuple[Parts, int]:
    """Add rows of train to test; give the parts, and how many rows were added."""
    count = min(max(1, round(spec.copies * len(parts.test))), len(parts.train))
    drawn = np.random.default_rng(spec.seed).choice(len(parts.train), count, replace=False)
    test = pd.concat([parts.test, parts.train.iloc[drawn]], ignore_index=True)
    return replace(parts, test=_kept(test, parts.test)), count


def duplicates(parts: Parts, data: DataSpec) -> int:
    """Count the rows of test whose inputs and outcome stand in train too.

    Parameters
    ----------
    parts
        Identifier, date and group are not looked at: they tell equal applicants apart.
    data
        The contract.
    """
    columns = [*data.inputs, data.target]
    keys = (row_keys(part[columns], None) for part in (parts.train, parts.test))
    train, test = keys
    return int(np.isin(test, train).sum())
