"""Training one model: search, the final fit, and its record."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from credit_pipeline.core import Outcome, document_hash
from credit_pipeline.modelling.estimators import Calibrated, EventWeighted, building
from credit_pipeline.modelling.estimators.calibration import cross_fit
from credit_pipeline.modelling.estimators.calibration_map import fit_map
from credit_pipeline.modelling.features import Columns, RowFeatures, build
from credit_pipeline.modelling.features import columns as feature_columns
from credit_pipeline.modelling.metrics import score_all
from credit_pipeline.modelling.scoring import cut_off
from credit_pipeline.modelling.scoring.score_stability import ScoreBins
from credit_pipeline.modelling.splitting import schemes
from credit_pipeline.modelling.training import early_stopping
from credit_pipeline.modelling.training.evaluation import SearchSummary, track_cross_validation
from credit_pipeline.modelling.training.fold_fits import Arguments, Blueprint
from credit_pipeline.modelling.training.search import SearchResult, candidates, search
from credit_pipeline.modelling.training.search_plan import Progress, SearchPlan
from credit_pipeline.spec import DataSpec, FeaturesSpec, ModelSpec, RecipeSpec, SplitSpec, TrainingSpec

_FEW_ROWS = 10_000


@dataclass(frozen=True)
class Assignment:
    """All specifications that the training of a model depends on."""

    model: ModelSpec
    recipe: RecipeSpec
    data: DataSpec
    features: FeaturesSpec
    training: TrainingSpec
    split: SplitSpec = field(default_factory=SplitSpec)

    @property
    def specification_sha256(self) -> str:
        """Hash of everything that can change the fitted model, without what can only change its speed."""
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
    """A fitted model that takes raw columns, its search, and the seconds of the search and of the final fit.

    ``out_of_fold`` and ``fold_scores`` are those of the search. For a calibrated model they are those of the calibrated
    answers: the map of each fold was fitted on the other folds. The trials of the search are never calibrated.
    ``naive_error`` is the mean absolute error of the naive forecast on train, the unit of the metric ``mase``.
    Applicants with the probability ``cut_off`` or more are refused; it is chosen on ``out_of_fold``, if the
    configuration has a rule. ``score_bins`` count ``out_of_fold`` of a classification, unless all answers are equal.
    """

    pipeline: Pipeline = field(repr=False)
    result: SearchResult
    out_of_fold: NDArray[np.float64] = field(repr=False)
    fold_scores: pd.DataFrame = field(repr=False)
    search_seconds: float
    fit_seconds: float
    naive_error: float = 1.0
    cut_off: float | None = None
    score_bins: ScoreBins | None = None


def train(
    assignment: Assignment,
    train_features: pd.DataFrame,
    fitted_recipe: BaseEstimator,
    train_table: pd.DataFrame,
    *,
    progress: Progress | None = None,
) -> Trained:
    """Search on the shared folds, then fit the winner on the whole training part.

    A winner with the recipe's own settings is assembled from the recipe that was fitted before; a winner of a search
    over recipe settings gets a new recipe.

    Parameters
    ----------
    assignment
        Specifications.
    train_features
        Raw and derived columns of train, with target and identifier, shape (rows, columns).
    fitted_recipe, train_table
        The model's recipe, fitted on the whole training part, and its output.
    progress
        Called with (fits done, fits in total).
    """
    data, spec = assignment.data, assignment.training
    keys = schemes.keys_of(train_features, data)
    outcome = keys.outcome
    inputs = train_features.drop(
        columns=list(data.beside)
    )  # does not copy the table, as selecting the other columns would
    blueprint = _blueprint(assignment, feature_columns.roles(train_features, data, assignment.features.direction))
    scale = naive_error(train_features, data)
    folds = schemes.folds(keys, spec.folds, assignment.split)
    start = time.perf_counter()
    plan = SearchPlan(
        folds,
        spec.metrics,
        spec.challenger.metric,
        scale=scale,
        jobs=spec.jobs,
        progress=progress,
        hold_out=partial(early_stopping.hold_out, keys, assignment.split)
        if early_stopping.is_asked(assignment.model)
        else None,
        tolerance=assignment.model.search.allowed_loss,
    )
    result = search(blueprint, candidates(assignment.model.search), inputs, outcome, plan)
    searched = time.perf_counter()
    ready = (fitted_recipe, train_table.drop(columns=data.target))
    recipe, made = _own_recipe(blueprint, result.best.recipe_settings, inputs, outcome) or ready
    estimator = blueprint.estimator(result.best.arguments, list(made.columns))
    threads = (os.cpu_count() or 1) if len(made) > _FEW_ROWS else 1  # on few rows threads cost more than they save
    fitted = building.fit(estimator, made, outcome, threads=threads)
    features = RowFeatures(assignment.features.function, data.inputs).fit(train_features)
    pipeline = building.assemble(features, recipe, _calibrated(fitted, assignment.model, outcome, result))
    fit_seconds = time.perf_counter() - searched
    mapped, scores = _as_calibrated(assignment, outcome, result, folds)
    limit, bins = _cut_off(spec, outcome, mapped), _score_bins(data, mapped)
    return Trained(pipeline, result, mapped, scores, searched - start, fit_seconds, scale, limit, bins)


def _calibrated(fitted: BaseEstimator, model: ModelSpec, outcome: Outcome, result: SearchResult) -> BaseEstimator:
    if model.calibration == "none":
        return fitted
    answered = np.isfinite(result.out_of_fold)
    return Calibrated.of(fitted, fit_map(model.calibration, outcome[answered], result.out_of_fold[answered]))


def _as_calibrated(
    assignment: Assignment, outcome: Outcome, result: SearchResult, folds: Sequence[schemes.Fold]
) -> tuple[NDArray[np.float64], pd.DataFrame]:
    """Give the out-of-fold answers and fold scores of the calibrated model."""
    if assignment.model.calibration == "none":
        return result.out_of_fold, result.fold_scores
    mapped = cross_fit(assignment.model.calibration, outcome, result.out_of_fold, folds)
    scores = [score_all(assignment.training.metrics, outcome[scored], mapped[scored]) for _, scored in folds]
    return mapped, result.fold_scores.assign(**pd.DataFrame(scores))


def _cut_off(spec: TrainingSpec, outcome: Outcome, out_of_fold: NDArray[np.float64]) -> float | None:
    answered = np.isfinite(out_of_fold)
    return (
        None if spec.cut_off is None else cut_off.choose_cut_off(spec.cut_off, outcome[answered], out_of_fold[answered])
    )


def _score_bins(data: DataSpec, out_of_fold: NDArray[np.float64]) -> ScoreBins | None:
    return None if data.task == "regression" else ScoreBins.of(out_of_fold[np.isfinite(out_of_fold)])


def naive_error(train: pd.DataFrame, data: DataSpec) -> float:
    """Mean absolute error of the naive forecast on train, in the unit of the target; 1 without a naive forecast."""
    if data.naive is None:
        return 1.0
    error = (train[data.target] - train[data.naive]).abs().mean()
    return float(error) if error > 0 else 1.0


def _blueprint(assignment: Assignment, columns: Columns) -> Blueprint:
    return Blueprint(
        recipe=partial(_make_recipe, assignment.recipe, columns),
        estimator=partial(_make_estimator, assignment),
    )


def _make_recipe(spec: RecipeSpec, columns: Columns, searched: Arguments) -> BaseEstimator:
    return build(spec.function, columns, {**spec.settings, **searched}, spec.leave_out)


def _make_estimator(assignment: Assignment, searched: Arguments, features: Sequence[str]) -> BaseEstimator:
    spec = assignment.model
    made = building.build(spec.estimator, {**spec.fixed, **searched}, seed=assignment.training.seed)
    bound = building.constrain(made, features, assignment.features.direction)
    return bound if spec.event_weight is None else EventWeighted(bound, spec.event_weight)


def _own_recipe(
    blueprint: Blueprint, settings: Arguments, inputs: pd.DataFrame, outcome: Outcome
) -> tuple[BaseEstimator, pd.DataFrame] | None:
    if not settings:
        return None
    recipe = blueprint.recipe(settings)
    made: pd.DataFrame = recipe.fit_transform(inputs, outcome)
    return recipe, made


def describe(model: str, assignment: Assignment, trained: Trained, split_id: str) -> SearchSummary:
    """Gather the record of a model before the test part.

    Parameters
    ----------
    model
        Its name.
    assignment
        Specifications.
    trained
        The fitted model and its search.
    split_id
        Identifies the split that it was trained on.
    """
    best, spec = trained.result.best, assignment.training
    return SearchSummary(
        model=model,
        recipe=assignment.model.recipe,
        estimator=assignment.model.estimator,
        arguments={**assignment.model.fixed, **best.arguments},
        recipe_settings={**assignment.recipe.settings, **best.recipe_settings},
        split_id=split_id,
        folds_id=schemes.folds_id(split_id, spec.folds, assignment.split),
        specification_sha256=assignment.specification_sha256,
        candidates=int(trained.result.trials["candidate"].nunique()),
        search_seconds=round(trained.search_seconds, 3),
        fit_seconds=round(trained.fit_seconds, 3),
        naive_error=trained.naive_error,
        event_weight=assignment.model.event_weight,
        calibration=assignment.model.calibration,
        metrics={
            **track_cross_validation(trained.fold_scores, spec.metrics),
            **({} if trained.cut_off is None else {cut_off.CUT_OFF: trained.cut_off}),
        },
        fold_scores=trained.fold_scores.to_dict("records"),
        score_bins=trained.score_bins,
    )
