"""The pipeline training: a room for each entry of ``models.yml``, all of one plan.

::

    train_features, <recipe>_recipe, <recipe>_train_table
                        │
                        ▼
                  <model>.search ──▶ candidate, search_result, trials
                        │
               test ──▶ │
                        ▼
                 <model>.evaluate ──▶ <model>_metrics, <model>_test_predictions
                        │
                        ▼
                  <model>.draw ──▶ roc, ks, gains, calibration, score_distribution, importance
                        │
                        ▼
                 <model>.record ──▶ <model>_run (the MLflow child run)

    A scorecard has a node <model>.count_points beside draw ──▶ points

    every <model>_metrics ──▶ rank_models ──▶ leaderboard, challenger, leaderboard_figure
    these, test, every <model>_test_predictions ──▶ compare_models ──▶ comparison, scorecard_cost, comparison_figure
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial, update_wrapper
from typing import TypeVar

from kedro.pipeline import Node, Pipeline, pipeline

from credit_pipeline.pipelines.training import nodes
from credit_pipeline.spec import Task

Result = TypeVar("Result")
_SPECS = {"data": "params:data", "features": "params:features", "training_": "params:training"}


def create_pipeline(
    models: Mapping[str, str], scorecards: Collection[str] = (), task: Task = "classification"
) -> Pipeline:
    """Build the pipeline.

    Parameters
    ----------
    models
        Recipe by model, as ``models.yml`` has them.
    scorecards
        Those of the models that can be written as points.
    task
        What the models do; it decides which figures are drawn.
    """
    rooms = sum(
        (_room(model, recipe, task, points=model in scorecards) for model, recipe in models.items()),
        start=Pipeline([]),
    )
    evaluations = {name: name for name in (f"{model}_metrics" for model in models)}
    # Tagged with every model, so that `--tags xgboost` trains one model and ranks it among those that stand.
    rank = Node(
        nodes.rank_models,
        inputs={
            "manifest": "split_manifest",
            "models": "params:models",
            "recipes": "params:recipes",
            **_SPECS,
            **evaluations,
        },
        outputs=["leaderboard", "challenger", "leaderboard_figure"],
        name="rank_models",
        tags=list(models),
    )
    return Pipeline([rooms, rank, _compare(list(models), evaluations)], tags="training")


def _compare(models: Sequence[str], evaluations: Mapping[str, str]) -> Node:
    return Node(
        nodes.compare_models,
        inputs={
            "leaderboard": "leaderboard",
            "challenger": "challenger",
            "manifest": "split_manifest",
            "test": "test",
            "models": "params:models",
            "recipes": "params:recipes",
            "data": "params:data",
            "training_": "params:training",
            **evaluations,
            **{name: name for name in (f"{model}_test_predictions" for model in models)},
        },
        outputs=["comparison", "scorecard_cost", "comparison_figure"],
        name="compare_models",
        tags=list(models),
    )


def _room(model: str, recipe: str, task: Task, *, points: bool) -> Pipeline:
    return pipeline(
        [
            _search(model),
            _evaluate(),
            _draw(model, task),
            *([_count_points()] if points else []),
            _record(model, task, points=points),
        ],
        namespace=model,
        inputs={
            "train_features": "train_features",
            "test": "test",
            "split_manifest": "split_manifest",
            "recipe": f"{recipe}_recipe",
            "train_table": f"{recipe}_train_table",
            "recipe_source": f"{recipe}_source",
        },
        outputs={
            "metrics": f"{model}_metrics",
            "test_predictions": f"{model}_test_predictions",
            "run": f"{model}_run",
        },
        parameters={
            **{name: name for name in _SPECS.values()},
            "params:model": f"params:models.{model}",
            "params:recipe": f"params:recipes.{recipe}",
        },
        tags=model,
    )


def _search(model: str) -> Node:
    return Node(
        _for(model, nodes.search_model),
        inputs={
            "train_features": "train_features",
            "train_table": "train_table",
            "fitted_recipe": "recipe",
            "manifest": "split_manifest",
            "model": "params:model",
            "recipe": "params:recipe",
            **_SPECS,
        },
        outputs=["candidate", "search_result", "trials"],
        name="search",
    )


def _evaluate() -> Node:
    return Node(
        nodes.evaluate_model,
        inputs={
            "candidate": "candidate",
            "result": "search_result",
            "test": "test",
            "manifest": "split_manifest",
            **_SPECS,
        },
        outputs=["metrics", "test_predictions"],
        name="evaluate",
    )


def _draw(model: str, task: Task) -> Node:
    return Node(
        _for(model, nodes.draw_figures),
        inputs={
            "candidate": "candidate",
            "predictions": "test_predictions",
            "test": "test",
            "evaluation": "metrics",
        },
        outputs=[f"{kind}_figure" for kind in nodes.FIGURES[task]],
        name="draw",
    )


def _count_points() -> Node:
    return Node(
        nodes.count_points,
        inputs={"candidate": "candidate", "training_": "params:training"},
        outputs="points",
        name="count_points",
    )


def _record(model: str, task: Task, *, points: bool) -> Node:
    return Node(
        _for(model, nodes.record_model),
        inputs={
            "candidate": "candidate",
            "evaluation": "metrics",
            "trials": "trials",
            "recipe_source": "recipe_source",
            "train_features": "train_features",
            "manifest": "split_manifest",
            "data": "params:data",
            **({"points": "points"} if points else {}),
            **{kind: f"{kind}_figure" for kind in nodes.FIGURES[task]},
        },
        outputs="run",
        name="record",
    )


def _for(model: str, function: Callable[..., Result]) -> Callable[..., Result]:
    """Give a node function its model's name."""
    named = partial(function, model)
    update_wrapper(named, function)
    return named
