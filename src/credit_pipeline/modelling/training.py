"""Training one model: search, the final fit, and what is known of it afterwards."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from credit_pipeline.modelling import estimators, feature_columns, partition, recipes
from credit_pipeline.modelling.content_hash import document_hash
from credit_pipeline.modelling.counts import Outcome
from credit_pipeline.modelling.evaluation import SearchSummary, cross_validated
from credit_pipeline.modelling.features import RowFeatures
from credit_pipeline.modelling.search import Arguments, Blueprint, Progress, SearchResult, candidates, search
from credit_pipeline.spec import DataSpec, FeaturesSpec, ModelSpec, RecipeSpec, SplitSpec, TrainingSpec

_FEW_ROWS = 10_000


@dataclass(frozen=True)
class Assignment:
    """All that a model's training depends on beside the data."""

    model: ModelSpec
    recipe: RecipeSpec
    data: DataSpec
    features: FeaturesSpec
    training: TrainingSpec
    split: SplitSpec = field(default_factory=SplitSpec)

    @property
    def specification_sha256(self) -> str:
        """Hash of everything that can change the fitted model; not of what can only change its speed."""
        parts = {
            "model": self.model.model_dump(),
            "recipe": self.recipe.model_dump(),
            "data": self.data.model_dump(),
            "features": self.features.model_dump(),
            "seed": self.training.seed,
            "folds": self.training.folds.model_dump(),
            "ranked_by": self.training.challenger.metric,
        }
        return document_hash(parts)


@dataclass(frozen=True)
class Trained:
    """A fitted model that takes raw columns, the search behind it, and seconds of the search and of the final fit.

    ``naive_error`` is the mean absolute error of the naive forecast on train, the unit of the metric ``mase``.
    """

    pipeline: Pipeline = field(repr=False)
    result: SearchResult
    search_seconds: float
    fit_seconds: float
    naive_error: float = 1.0


def train(
    assignment: Assignment,
    train_features: pd.DataFrame,
    fitted_recipe: BaseEstimator,
    train_table: pd.DataFrame,
    *,
    progress: Progress | None = None,
) -> Trained:
    """Search on the shared folds, then fit the winner on the whole training part.

    A winner that keeps the recipe's settings is assembled from the very recipe that was fitted before; one that
    searched them gets a recipe of its own.

    Parameters
    ----------
    assignment
        Specifications.
    train_features
        Raw and derived columns of train, with target and identifier, shape (rows, columns).
    fitted_recipe, train_table
        The model's recipe, fitted on the whole training part, and what it made of it.
    progress
        Called with (fits done, fits in all).
    """
    data, spec = assignment.data, assignment.training
    keys = partition.keys_of(train_features, data)
    outcome = keys.outcome
    inputs = train_features[feature_columns.inputs(train_features, data)]
    blueprint = _blueprint(assignment, feature_columns.roles(train_features, data, assignment.features.direction))
    scale = naive_error(train_features, data)
    start = time.perf_counter()
    result = search(
        blueprint,
        candidates(assignment.model.search),
        inputs,
        outcome,
        partition.folds(keys, spec.folds, assignment.split),
        metrics=spec.metrics,
        metric=spec.challenger.metric,
        scale=scale,
        jobs=spec.jobs,
        progress=progress,
    )
    searched = time.perf_counter()
    ready = (fitted_recipe, train_table.drop(columns=data.target))
    recipe, made = _own_recipe(blueprint, result.best.recipe_settings, inputs, outcome) or ready
    estimator = blueprint.estimator(result.best.arguments, list(made.columns))
    threads = (os.cpu_count() or 1) if len(made) > _FEW_ROWS else 1  # waiting for each other costs more than they save
    fitted = estimators.fit(estimator, made, outcome, threads=threads)
    features = RowFeatures(assignment.features.function, data.inputs).fit(train_features)
    pipeline = estimators.assemble(features, recipe, fitted)
    return Trained(pipeline, result, searched - start, time.perf_counter() - searched, scale)


def naive_error(train: pd.DataFrame, data: DataSpec) -> float:
    """Mean absolute error of the naive forecast on train, in the unit of the target; 1 where there is none."""
    if data.naive is None:
        return 1.0
    error = (train[data.target] - train[data.naive]).abs().mean()
    return float(error) if error > 0 else 1.0


def _blueprint(assignment: Assignment, columns: recipes.Columns) -> Blueprint:
    return Blueprint(
        recipe=partial(_make_recipe, assignment.recipe, columns),
        estimator=partial(_make_estimator, assignment),
    )


def _make_recipe(spec: RecipeSpec, columns: recipes.Columns, searched: Arguments) -> BaseEstimator:
    return feature_columns.build(spec.function, columns, {**spec.settings, **searched})


def _make_estimator(assignment: Assignment, searched: Arguments, features: Sequence[str]) -> BaseEstimator:
    spec = assignment.model
    made = estimators.build(spec.estimator, {**spec.fixed, **searched}, seed=assignment.training.seed)
    return estimators.constrained(made, features, assignment.features.direction)


def _own_recipe(
    blueprint: Blueprint, settings: Arguments, inputs: pd.DataFrame, outcome: Outcome
) -> tuple[BaseEstimator, pd.DataFrame] | None:
    if not settings:
        return None
    recipe = blueprint.recipe(settings)
    made: pd.DataFrame = recipe.fit_transform(inputs, outcome)
    return recipe, made


def describe(model: str, assignment: Assignment, trained: Trained, split_id: str) -> SearchSummary:
    """Gather what is known of a model before it meets the test part."""
    best, spec = trained.result.best, assignment.training
    return SearchSummary(
        model=model,
        recipe=assignment.model.recipe,
        estimator=assignment.model.estimator,
        arguments={**assignment.model.fixed, **best.arguments},
        recipe_settings={**assignment.recipe.settings, **best.recipe_settings},
        split_id=split_id,
        folds_id=partition.folds_id(split_id, spec.folds, assignment.split),
        specification_sha256=assignment.specification_sha256,
        candidates=int(trained.result.trials["candidate"].nunique()),
        search_seconds=round(trained.search_seconds, 3),
        fit_seconds=round(trained.fit_seconds, 3),
        naive_error=trained.naive_error,
        metrics=cross_validated(trained.result.fold_scores, spec.metrics),
        fold_scores=trained.result.fold_scores.to_dict("records"),
    )
