"""Adapters between the catalog and all models together: the leaderboard, the challenger, the comparison."""

import logging
from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from credit_pipeline.configuration import as_specification, takes_specifications
from credit_pipeline.modelling.figures import comparison_figure, figure_rows, leaderboard_figure
from credit_pipeline.modelling.selection import choose, held_out, ranking
from credit_pipeline.modelling.splitting import require_parts_of, schemes
from credit_pipeline.modelling.training import Assignment, Evaluation
from credit_pipeline.spec import DataSpec, FeaturesSpec, ModelSpec, RecipeSpec, SplitSpec, TrainingSpec

Document = dict[str, object]
_log = logging.getLogger(__name__)


@takes_specifications
def rank_models(
    manifest: Document,
    models: Mapping[str, ModelSpec],
    recipes: Mapping[str, RecipeSpec],
    data: DataSpec,
    features: FeaturesSpec,
    training_: TrainingSpec,
    **evaluations: Evaluation | None,
) -> tuple[pd.DataFrame, Document, Figure]:
    """Rank the stored models, pick the challenger by the rule, draw the leaderboard.

    Parameters
    ----------
    manifest
        The split of this run.
    models, recipes, data, features, training_
        The specifications of this run. A model that was trained on others is stale.
    **evaluations
        ``<model>_metrics`` by that name; ``None`` for a model that was never trained.
    """
    scheme, rule = as_specification(SplitSpec, schemes.scheme_of(manifest)), training_.challenger
    assigned = {
        name: Assignment(model, recipes[model.recipe], data, features, training_, scheme)
        for name, model in models.items()
    }
    run = _identity(str(manifest["split_id"]), scheme, assigned, training_)
    results = {name: evaluations[f"{name}_metrics"] for name in models}
    table = ranking.leaderboard(results, run, rule.metric)
    ratio = schemes.held_out_ratio(training_.folds, scheme)
    choice = choose(table, rule, ranking.folds_of(results, rule.metric, ratio))
    _log.info("challenger: %s (%s)", choice.model or "none", choice.reason)
    marked = table.assign(challenger=table["model"] == choice.model)
    challenger: Document = {"model": choice.model, "reason": choice.reason, "split_id": run.split_id}
    return marked, challenger, leaderboard_figure(figure_rows(marked, rule.metric))


def _identity(
    split_id: str, scheme: SplitSpec, assigned: Mapping[str, Assignment], training: TrainingSpec
) -> ranking.RunIdentity:
    folds_id = schemes.folds_id(split_id, training.folds, scheme)
    return ranking.RunIdentity(split_id, folds_id, {name: one.specification_sha256 for name, one in assigned.items()})


@takes_specifications
def compare_models(
    leaderboard: pd.DataFrame,
    challenger: Document,
    manifest: Document,
    test: pd.DataFrame,
    models: Mapping[str, ModelSpec],
    recipes: Mapping[str, RecipeSpec],
    data: DataSpec,
    training_: TrainingSpec,
    **stored: Evaluation | pd.DataFrame | None,
) -> tuple[pd.DataFrame, Document, Figure]:
    """Compare every comparable model with the challenger, and the scorecard with the best model.

    Parameters
    ----------
    leaderboard, challenger
        As from ``rank_models``.
    manifest, test
        The split, and its test part, shape (rows, columns).
    models, recipes, data, training_
        The specifications of this run.
    **stored
        ``<model>_metrics`` and ``<model>_test_predictions`` by these names; ``None`` for a model that was never
        trained.
    """
    require_parts_of(manifest, {"test": test})
    named = ranking.comparable_rows(leaderboard)["model"].tolist()
    results = {name: one for name in named if isinstance(one := stored[f"{name}_metrics"], Evaluation)}
    predictions = {name: one for name in named if isinstance(one := stored[f"{name}_test_predictions"], pd.DataFrame)}
    samples = held_out.answered_test_rows(test, predictions, results, data)
    ratio = schemes.held_out_ratio(training_.folds, as_specification(SplitSpec, schemes.scheme_of(manifest)))
    against = None if challenger["model"] is None else str(challenger["model"])
    table = held_out.comparison_table(samples, results, against, training_, ratio)
    functions = {name: (recipes[model.recipe].function, model.estimator) for name, model in models.items()}
    cost = held_out.cost_of_scorecard(samples, results, functions, training_)
    return table, cost, comparison_figure(table, training_.challenger.metric, len(test))
