"""Adapters between the catalog and search, evaluation, figures and leaderboard."""

import logging
from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from credit_pipeline.errors import TrainingError
from credit_pipeline.modelling.contract import example_applications
from credit_pipeline.modelling.figures import (
    comparison_figure,
    cut_off_figure,
    explanation,
    figure_rows,
    leaderboard_figure,
    one_model,
    residual_figure,
    residual_table,
)
from credit_pipeline.modelling.metrics import Sample, estimate
from credit_pipeline.modelling.scoring import answers, cut_off, points_table
from credit_pipeline.modelling.scoring.score_stability import SCORE_PSI, score_stability
from credit_pipeline.modelling.scoring.scorecard import selection_table
from credit_pipeline.modelling.scoring.scoring_model import OUTCOME, answer_name, answers_in
from credit_pipeline.modelling.selection import choose, held_out
from credit_pipeline.modelling.selection import ranking as selection
from credit_pipeline.modelling.selection.monotonicity import wrong_directions
from credit_pipeline.modelling.splitting import require_one_split, require_parts_of, row_keys, schemes
from credit_pipeline.modelling.training import Evaluation, training
from credit_pipeline.modelling.training.evaluation import SearchSummary, evaluate
from credit_pipeline.pipelines.training.progress import progress
from credit_pipeline.spec import DataSpec, FeaturesSpec, ModelSpec, RecipeSpec, Task, TrainingSpec
from credit_pipeline.tracking import ModelRecord

Document = dict[str, object]
FIGURES: Mapping[Task, tuple[str, ...]] = {
    "classification": ("roc", "ks", "gains", "calibration", "score_distribution"),
    "regression": ("residuals",),
}
"""Figures of answers and outcomes, by task; a classification with a cut-off has one of that too."""
_log = logging.getLogger(__name__)


def assignment(
    model: Document,
    recipe: Document,
    data: Document,
    features: Document,
    training_: Document,
    manifest: Document | None = None,
) -> training.Assignment:
    """Validate all that a model's training depends on."""
    return training.Assignment(
        model=ModelSpec.model_validate(model),
        recipe=RecipeSpec.model_validate(recipe),
        data=DataSpec.model_validate(data),
        features=FeaturesSpec.model_validate(features),
        training=TrainingSpec.model_validate(training_),
        split=schemes.scheme_of(manifest or {}),
    )


def search_model(
    name: str,
    train_features: pd.DataFrame,
    train_table: pd.DataFrame,
    fitted_recipe: BaseEstimator,
    manifest: Document,
    **specs: Document,
) -> tuple[Pipeline, Document, pd.DataFrame]:
    """Search and fit one model; give it, what is known of it so far, and every trial."""
    assigned = assignment(**specs, manifest=manifest)
    parts = {"train_features": train_features, "train_table": train_table}
    split_id = require_parts_of(manifest, parts)
    try:
        trained = training.train(assigned, train_features, fitted_recipe, train_table, progress=progress(name))
    except (ValueError, TypeError) as error:
        raise _not_trained(name, assigned, error) from error
    summary = training.describe(name, assigned, trained, split_id)
    return trained.pipeline, summary.model_dump(), trained.result.trials


def _not_trained(name: str, assigned: training.Assignment, error: Exception) -> TrainingError:
    lines = str(error).strip().splitlines() or [""]
    return TrainingError(
        f"The model '{name}' cannot be trained.",
        expected=f"that {assigned.model.estimator} can be fitted on what the recipe '{assigned.model.recipe}' makes",
        got=f"{type(error).__name__}: {lines[0]}",
        fix=f"models.{name} in conf/<environment>/parameters/models.yml: its recipe, its arguments",
    )


def evaluate_model(
    candidate: Pipeline, result: Document, test: pd.DataFrame, manifest: Document, **specs: Document
) -> tuple[Document, pd.DataFrame]:
    """Score the test part; give the tracked metrics with their intervals, and the predictions."""
    summary = SearchSummary.model_validate(result)
    split_id = require_parts_of(manifest, {"test": test})
    require_one_split({"test": split_id, summary.model: summary.split_id})
    data_spec, spec = DataSpec.model_validate(specs["data"]), TrainingSpec.model_validate(specs["training_"])
    outcome, answered = schemes.outcome(test, data_spec), answers(candidate, test)
    sample = Sample(outcome, answered, summary.naive_error, schemes.keys_of(test, data_spec).group)
    estimates = estimate(spec.metrics, sample, resamples=spec.bootstrap, seed=spec.seed)
    if summary.score_bins is not None:
        estimates[SCORE_PSI] = score_stability(summary.score_bins, answered, sample.cluster)
    if spec.cut_off is not None and (limit := summary.metrics.get(cut_off.CUT_OFF)) is not None:
        estimates |= cut_off.describe_cut_off(limit, outcome, answered, spec.cut_off.profit)
    keyed = {"row_key": row_keys(test, data_spec.identifier), OUTCOME: outcome, answer_name(candidate): answered}
    breaks = wrong_directions(candidate, test, data_spec, FeaturesSpec.model_validate(specs["features"]).direction)
    return evaluate(summary, estimates, outcome, breaks).model_dump(), pd.DataFrame(keyed)


def draw_figures(
    name: str, predictions: pd.DataFrame, evaluation: Document, data: Document, training_: Document
) -> tuple[Figure, ...]:
    """Draw the figures of a model's answers on the test part, in the order of ``FIGURES`` for its task."""
    outcome, answered = predictions[OUTCOME].to_numpy(), answers_in(predictions)
    spec, known = DataSpec.model_validate(data), Evaluation.model_validate(evaluation)
    if spec.task == "regression":
        return (residual_figure(name, residual_table(outcome, answered), spec.target),)
    drawn = [
        one_model.MODEL_FIGURES[kind](
            name, outcome, answered, *([known.estimates] if kind in one_model.WITH_ESTIMATES else [])
        )
        for kind in FIGURES[spec.task]
    ]
    rule = TrainingSpec.model_validate(training_).cut_off
    if rule is not None:
        # Where no cut-off keeps the rule nobody is approved: nobody is below 0.
        limit = known.metrics.get(cut_off.CUT_OFF, 0.0)
        drawn.append(cut_off_figure(name, outcome, answered, limit, rule.profit))
    return tuple(drawn)


def explain_model(
    name: str, candidate: Pipeline, predictions: pd.DataFrame, test: pd.DataFrame, **told: Document
) -> dict[str, object]:
    """Explain a model on the test part: tables, and figures by the name that they have in the catalog."""
    spec, rule = DataSpec.model_validate(told["data"]), TrainingSpec.model_validate(told["training_"])
    scale, cluster = Evaluation.model_validate(told["evaluation"]).naive_error, schemes.keys_of(test, spec).group
    sample = Sample(predictions[OUTCOME].to_numpy(), answers_in(predictions), scale, cluster)
    found = explanation.explain(name, candidate, test, sample, spec, rule)
    return {**found.tables, **{f"{kind}_figure": figure for kind, figure in found.figures.items()}}


def count_points(candidate: Pipeline, training_: Document) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write a scorecard as points, and tell which characteristics it has and why not the others."""
    card = candidate["recipe"], candidate["estimator"]
    return points_table(*card, TrainingSpec.model_validate(training_).points), selection_table(*card)


def record_model(
    name: str,
    candidate: Pipeline,
    evaluation: Document,
    trials: pd.DataFrame,
    recipe_source: str,
    train_features: pd.DataFrame,
    manifest: Document,
    data: Document,
    **shown: bytes | pd.DataFrame,
) -> ModelRecord:
    """Gather what the model's child run shows."""
    spec, known = DataSpec.model_validate(data), Evaluation.model_validate(evaluation)
    figures = {name: content for name, content in shown.items() if isinstance(content, bytes)}
    tables = {name: table for name, table in shown.items() if isinstance(table, pd.DataFrame)}
    return ModelRecord(
        model=name,
        pipeline=candidate,
        columns={column: spec.columns[column] for column in spec.inputs},
        example=example_applications(spec),
        row_keys=row_keys(train_features, spec.identifier),
        parameters=known.tracked_parameters,
        metrics=known.tracked_metrics,
        tables={
            "trials.json": trials,
            "fold_scores.json": pd.DataFrame(known.fold_scores),
            **{f"{name}.json": table for name, table in tables.items()},
        },
        figures={f"figures/{name.removesuffix('_figure')}.png": content for name, content in figures.items()},
        texts={f"recipe/{known.recipe}.py": recipe_source},
        manifest=manifest,
        facts=known.model_dump(include={"split_id", "folds_id", "specification_sha256"}),
    )


def rank_models(
    manifest: Document,
    models: Mapping[str, Document],
    recipes: dict[str, Document],
    data: Document,
    features: Document,
    training_: Document,
    **evaluations: Document | None,
) -> tuple[pd.DataFrame, Document, Figure]:
    """Rank what stands, pick the challenger by the rule, draw the comparison."""
    spec = TrainingSpec.model_validate(training_)
    run = selection.RunIdentity(
        split_id=str(manifest["split_id"]),
        folds_id=schemes.folds_id(str(manifest["split_id"]), spec.folds, schemes.scheme_of(manifest)),
        specification={
            name: assignment(model, recipes[str(model["recipe"])], data, features, training_).specification_sha256
            for name, model in models.items()
        },
    )
    stored = {name: evaluations[f"{name}_metrics"] for name in models}
    results = {name: Evaluation.model_validate(found) if found else None for name, found in stored.items()}
    table = selection.leaderboard(results, run, spec.challenger.metric)
    ratio = schemes.held_out_ratio(spec.folds, schemes.scheme_of(manifest))
    choice = choose(table, spec.challenger, selection.folds_of(results, spec.challenger.metric, ratio))
    _log.info("challenger: %s (%s)", choice.model or "none", choice.reason)
    marked = table.assign(challenger=table["model"] == choice.model)
    document: Document = {"model": choice.model, "reason": choice.reason, "split_id": run.split_id}
    return marked, document, leaderboard_figure(figure_rows(marked, spec.challenger.metric))


def compare_models(
    leaderboard: pd.DataFrame,
    challenger: Document,
    manifest: Document,
    test: pd.DataFrame,
    models: Mapping[str, Document],
    recipes: dict[str, Document],
    data: Document,
    training_: Document,
    **stored: Document | pd.DataFrame | None,
) -> tuple[pd.DataFrame, Document, Figure]:
    """Set what stands against the challenger, and a scorecard against the best."""
    spec, data_spec = TrainingSpec.model_validate(training_), DataSpec.model_validate(data)
    require_parts_of(manifest, {"test": test})
    named = selection.comparable_rows(leaderboard)["model"].tolist()
    results = {name: Evaluation.model_validate(stored[f"{name}_metrics"]) for name in named}
    predictions = {name: pd.DataFrame(stored[f"{name}_test_predictions"]) for name in named}
    samples = held_out.answered_test_rows(test, predictions, results, data_spec)
    ratio = schemes.held_out_ratio(spec.folds, schemes.scheme_of(manifest))
    against = challenger["model"]
    table = held_out.comparison_table(samples, results, None if against is None else str(against), spec, ratio)
    functions = {name: (str(recipes[str(m["recipe"])]["function"]), str(m["estimator"])) for name, m in models.items()}
    cost = held_out.cost_of_scorecard(samples, results, functions, spec)
    return table, cost, comparison_figure(table, spec.challenger.metric, len(test))
