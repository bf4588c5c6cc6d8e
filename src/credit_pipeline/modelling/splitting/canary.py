"""Leaks planted on purpose, and the quick model that is trained on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from credit_pipeline.errors import UnsupportedRunError
from credit_pipeline.modelling.splitting import schemes
from credit_pipeline.modelling.splitting.row_hashes import row_keys
from credit_pipeline.spec import (
    CanarySpec,
    ChallengerSpec,
    ColumnSpec,
    DataSpec,
    ModelSpec,
    RecipeSpec,
    SearchSpec,
    TrainingSpec,
)

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
    """Refuse a regression: the checks that the canary tests need an event.

    Raises
    ------
    UnsupportedRunError
        The task is a regression.
    """
    if data.task != "classification":
        raise UnsupportedRunError(
            "The canary needs a classification: it plants leaks of an outcome that happens or does not happen.",
            expected="data.task: classification",
            got=data.task,
            fix="kedro run --pipelines canary --env <a use case with defaults>",
        )


def quick_model(
    models: Mapping[str, ModelSpec], recipes: Mapping[str, RecipeSpec], spec: CanarySpec
) -> tuple[str, ModelSpec, RecipeSpec]:
    """Give the model that is run, and its recipe. It has one candidate, and few trees if it has trees.

    Parameters
    ----------
    models, recipes
        As in ``models.yml`` and ``recipes.yml``.
    spec
        May name a model. By default it is the first boosted or logistic model that does not use weights of evidence:
        these drop a column that reveals the outcome outright. If there is none, a custom logistic regression is used.
    """
    fit = (
        name
        for name, model in models.items()
        if any(word in _class_of(model) for word in _BOOSTED + _LOGISTIC)
        and recipes[model.recipe].function != "weight_of_evidence"
    )
    if (name := spec.model or next(fit, None)) is None:
        custom = ModelSpec(
            recipe="one_hot", estimator="sklearn.linear_model.LogisticRegression", fixed={"max_iter": 1000}
        )
        return "logistic regression", custom, RecipeSpec(function="one_hot")
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
    """Give training settings that measure only AUC, on at most three folds."""
    folds = training.folds.model_copy(update={"count": min(training.folds.count, _MOST_FOLDS)})
    rule = ChallengerSpec(metric="roc_auc", minimum=0.0)
    return TrainingSpec(metrics=(rule.metric,), challenger=rule, folds=folds, seed=training.seed, jobs=training.jobs)


def sample_parts(parts: Parts, spec: CanarySpec) -> Parts:
    """Draw at most ``spec.rows`` rows of each part; they keep their order."""
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
    """Add the planted column to the contract, as an ordinary numeric column."""
    return data.with_column(PLANTED, ColumnSpec(role="numeric", type="number"))


def target_on_train(parts: Parts, data: DataSpec, seed: int) -> Parts:
    """Plant a column that is the outcome on train, and noise with the same share of ones on test.

    Parameters
    ----------
    parts
        Shape (rows, columns) each.
    data
        The contract.
    seed
        Seed of the noise.
    """
    known = schemes.outcome(parts.train, data)
    noise = np.random.default_rng(seed).uniform(size=len(parts.test)) < known.mean()
    return Parts(
        _with_column(parts.train, known.astype(np.float64)), _with_column(parts.test, noise.astype(np.float64))
    )


def column_of_the_future(parts: Parts, data: DataSpec, seed: int) -> Parts:
    """Plant on both parts a column that is known only after the date.

    It is the outcome of the row; in a tenth of the rows it is the outcome of the next application instead.

    Parameters
    ----------
    parts
        Shape (rows, columns) each.
    data
        The contract; it has a column of the role ``date``.
    seed
        Seed of the draw of that tenth.
    """
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
    """Shuffle the outcomes of each part among its rows.

    Parameters
    ----------
    parts
        Shape (rows, columns) each.
    data
        The contract.
    seed
        Seed of the shuffle.
    """
    draw = np.random.default_rng(seed)
    shuffled = (
        _kept(part.assign(**{data.target: part[data.target].to_numpy()[draw.permutation(len(part))]}), part)
        for part in (parts.train, parts.test)
    )
    return Parts(*shuffled)


def copied_rows(parts: Parts, spec: CanarySpec) -> tuple[Parts, int]:
    """Add copies of training rows to test; return the parts and the number of added rows."""
    count = min(max(1, round(spec.copies * len(parts.test))), len(parts.train))
    drawn = np.random.default_rng(spec.seed).choice(len(parts.train), count, replace=False)
    test = pd.concat([parts.test, parts.train.iloc[drawn]], ignore_index=True)
    return replace(parts, test=_kept(test, parts.test)), count


def duplicates(parts: Parts, data: DataSpec) -> int:
    """Count the test rows whose inputs and outcome also occur in train.

    Parameters
    ----------
    parts
        Identifier, date and group are ignored: by them equal applicants would differ.
    data
        The contract.
    """
    columns = [*data.inputs, data.target]
    keys = (row_keys(part[columns], None) for part in (parts.train, parts.test))
    train, test = keys
    return int(np.isin(test, train).sum())
