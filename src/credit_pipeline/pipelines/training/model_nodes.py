"""Adapters between the catalog and one model: its search, its evaluation, its figures, its record."""

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd
from matplotlib.figure import Figure
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from credit_pipeline.configuration import as_specification, takes_specifications
from credit_pipeline.modelling.contract import example_applications
from credit_pipeline.modelling.explanation import explain
from credit_pipeline.modelling.figures import (
    cut_off_figure,
    explanation_figures,
    one_model,
    residual_figure,
    residual_table,
)
from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.scoring import cut_off, points_table
from credit_pipeline.modelling.scoring.scorecard import selection_table
from credit_pipeline.modelling.scoring.scoring_model import OUTCOME, answers_in
from credit_pipeline.modelling.selection.monotonicity import wrong_directions
from credit_pipeline.modelling.splitting import require_one_split, require_parts_of, row_keys, schemes
from credit_pipeline.modelling.training import Assignment, Evaluation, describe, lifecycle
from credit_pipeline.modelling.training.evaluation import SearchSummary, evaluate
from credit_pipeline.pipelines.training.progress import progress
from credit_pipeline.spec import DataSpec, FeaturesSpec, ModelSpec, RecipeSpec, SplitSpec, Task, TrainingSpec
from credit_pipeline.tracking import ModelRecord

Document = dict[str, object]
FIGURES_BY_TASK: Mapping[Task, tuple[str, ...]] = MappingProxyType(
    {
        "classification": ("roc", "ks", "gains", "calibration", "score_distribution"),
        "regression": ("residuals",),
    }
)
"""Figures of answers and outcomes, by task. A classification with a cut-off has a figure of it too."""


@takes_specifications
def search_model(  # noqa: PLR0913, PLR0917  # a node names each of its inputs
    name: str,
    train_features: pd.DataFrame,
    train_table: pd.DataFrame,
    fitted_recipe: BaseEstimator,
    manifest: Document,
    model: ModelSpec,
    recipe: RecipeSpec,
    data: DataSpec,
    features: FeaturesSpec,
    training_: TrainingSpec,
) -> tuple[Pipeline, Document, pd.DataFrame]:
    """Search and fit one model; return it, what is known of it so far, and every trial.

    Parameters
    ----------
    name
        The entry of ``models.yml``.
    train_features, train_table, fitted_recipe
        The training part before and after the model's recipe, and the recipe.
    manifest
        The split that both tables must belong to.
    model, recipe, data, features, training_
        All that the training depends on beside the data.
    """
    split_id = require_parts_of(manifest, {"train_features": train_features, "train_table": train_table})
    assigned = Assignment(
        model, recipe, data, features, training_, as_specification(SplitSpec, schemes.scheme_of(manifest))
    )
    trained = lifecycle.train_named(name, assigned, train_features, fitted_recipe, train_table, progress=progress(name))
    return trained.pipeline, describe(name, assigned, trained, split_id).document(), trained.result.trials


@takes_specifications
def evaluate_model(
    candidate: Pipeline,
    result: SearchSummary,
    test: pd.DataFrame,
    manifest: Document,
    data: DataSpec,
    features: FeaturesSpec,
    training_: TrainingSpec,
) -> tuple[Document, pd.DataFrame]:
    """Score the test part; return the tracked metrics with their intervals, and the predictions.

    Parameters
    ----------
    candidate, result
        The fitted model, and what is known of it from its search.
    test
        The test part, shape (rows, columns).
    manifest
        The split that the model and the test part must belong to.
    data, features, training_
        The contract; the directions that the risk must keep; metrics, bootstrap and cut-off.
    """
    split_id = require_parts_of(manifest, {"test": test})
    require_one_split({"test": split_id, result.model: result.split_id})
    tested = lifecycle.measure_on_test(candidate, result, test, data, training_)
    breaks = wrong_directions(candidate, test, data, features.direction)
    evaluation = evaluate(result, tested.estimates, tested.sample.outcome, breaks)
    return evaluation.document(), lifecycle.predictions_table(candidate, test, tested, data)


@takes_specifications
def draw_figures(
    name: str, predictions: pd.DataFrame, evaluation: Evaluation, data: DataSpec, training_: TrainingSpec
) -> tuple[Figure, ...]:
    """Draw the figures of a model's answers on the test part, in the order of ``FIGURES_BY_TASK`` for its task.

    Parameters
    ----------
    name
        The entry of ``models.yml``.
    predictions, evaluation
        As from ``evaluate_model``.
    data, training_
        The contract; the cut-off.
    """
    outcome, answered = predictions[OUTCOME].to_numpy(), answers_in(predictions)
    if data.task == "regression":
        return (residual_figure(name, residual_table(outcome, answered), data.target),)
    drawn = []
    for kind in FIGURES_BY_TASK[data.task]:
        estimates = [evaluation.estimates] if kind in one_model.WITH_ESTIMATES else []
        drawn.append(one_model.MODEL_FIGURES[kind](name, outcome, answered, *estimates))
    if training_.cut_off is not None:
        # Where no cut-off keeps the rule nobody is approved: nobody has a probability below 0.
        limit = evaluation.metrics.get(cut_off.CUT_OFF, 0.0)
        drawn.append(cut_off_figure(name, outcome, answered, limit, training_.cut_off.profit))
    return tuple(drawn)


@takes_specifications
def explain_model(
    name: str,
    candidate: Pipeline,
    predictions: pd.DataFrame,
    test: pd.DataFrame,
    evaluation: Evaluation,
    data: DataSpec,
    training_: TrainingSpec,
) -> dict[str, object]:
    """Explain a model on the test part; return tables and figures by their name in the catalog.

    Parameters
    ----------
    name
        The entry of ``models.yml``.
    candidate, predictions, evaluation
        The fitted model, and what ``evaluate_model`` returned.
    test
        The test part, shape (rows, columns).
    data, training_
        The contract; segments, metrics, seed.
    """
    scale, cluster = evaluation.naive_error, schemes.keys_of(test, data).group
    sample = Sample(predictions[OUTCOME].to_numpy(), answers_in(predictions), scale, cluster)
    found = explain(candidate, test, sample, data, training_)
    figures = explanation_figures(name, found, data, training_)
    return {**found.tables, **{f"{kind}_figure": figure for kind, figure in figures.items()}}


@takes_specifications
def count_points(candidate: Pipeline, training_: TrainingSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write a scorecard as points, and list which characteristics it has and why it lacks the others."""
    card = candidate["recipe"], candidate["estimator"]
    return points_table(*card, training_.points), selection_table(*card)


@takes_specifications
def record_model(
    name: str,
    candidate: Pipeline,
    evaluation: Evaluation,
    trials: pd.DataFrame,
    recipe_source: str,
    train_features: pd.DataFrame,
    manifest: Document,
    data: DataSpec,
    **shown: bytes | pd.DataFrame,
) -> ModelRecord:
    """Gather what the model's child run shows.

    Parameters
    ----------
    name
        The entry of ``models.yml``.
    candidate, evaluation, trials
        The fitted model, its evaluation, every trial of its search.
    recipe_source
        The source code of its recipe.
    train_features, manifest, data
        The rows that it was fitted on, the split, the contract.
    **shown
        Tables, and figures as PNG, by their name in the catalog.
    """
    return ModelRecord(
        model=name,
        pipeline=candidate,
        columns={column: data.columns[column] for column in data.inputs},
        example=example_applications(data),
        row_keys=row_keys(train_features, data.identifier),
        parameters=evaluation.tracked_parameters,
        metrics=evaluation.tracked_metrics,
        tables={"trials.json": trials, "fold_scores.json": pd.DataFrame(evaluation.fold_scores), **_tables(shown)},
        figures=_figures(shown),
        texts={f"recipe/{evaluation.recipe}.py": recipe_source},
        manifest=manifest,
        facts=evaluation.facts,
    )


def _tables(shown: Mapping[str, bytes | pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {f"{name}.json": table for name, table in shown.items() if isinstance(table, pd.DataFrame)}


def _figures(shown: Mapping[str, bytes | pd.DataFrame]) -> dict[str, bytes]:
    figures = {name: content for name, content in shown.items() if isinstance(content, bytes)}
    return {f"figures/{name.removesuffix('_figure')}.png": content for name, content in figures.items()}
