"""The room of one model: every entry of ``models.yml`` has the same nodes.

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
                  <model>.draw ──▶ roc, ks, gains, calibration, score_distribution, cut_off; residuals of a regression
                        │
                        ▼
                 <model>.explain ──▶ importance, contributions, partial_dependence, a figure for each segment
                        │
                        ▼
                 <model>.record ──▶ <model>_run (the MLflow child run)

    A scorecard has a node <model>.count_points beside draw ──▶ points, selection
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import TypeVar

from kedro.pipeline import Node, Pipeline, pipeline

from credit_pipeline.modelling.figures import explanation
from credit_pipeline.pipelines.training import model_nodes
from credit_pipeline.spec import Task

Result = TypeVar("Result")
SPECS = {"data": "params:data", "features": "params:features", "training_": "params:training"}
"""Specifications that all models share, by argument of a node."""


@dataclass(frozen=True)
class Shown:
    """What is drawn of each model: the task decides, and whether there are a cut-off and segments."""

    task: Task = "classification"
    cut_off: bool = False
    segments: int = 0

    @property
    def drawn(self) -> tuple[str, ...]:
        """Figures of answers and outcomes."""
        return (*model_nodes.FIGURES_BY_TASK[self.task], *(("cut_off",) if self.cut_off else ()))

    @property
    def explained(self) -> tuple[str, ...]:
        """Figures that explain."""
        return (*explanation.EXPLANATION_FIGURES, *(f"segment_{number}" for number in range(1, self.segments + 1)))

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables that explain."""
        return ("importance", "partial_dependence", *(("segments",) if self.segments else ()))


def room_of(model: str, recipe: str, shown: Shown, *, points: bool) -> Pipeline:
    """Build the nodes of one model in its namespace.

    Parameters
    ----------
    model, recipe
        The entry of ``models.yml``, and the name of its recipe.
    shown
        What is drawn.
    points
        Whether the model can be written as points: it is a scorecard.
    """
    return pipeline(
        [
            _search(model),
            _evaluate(),
            _draw(model, shown),
            _explain(model, shown),
            *([_count_points()] if points else []),
            _record(model, shown, points=points),
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
            **{name: name for name in SPECS.values()},
            "params:model": f"params:models.{model}",
            "params:recipe": f"params:recipes.{recipe}",
        },
        tags=model,
    )


def _search(model: str) -> Node:
    return Node(
        _for(model, model_nodes.search_model),
        inputs={
            "train_features": "train_features",
            "train_table": "train_table",
            "fitted_recipe": "recipe",
            "manifest": "split_manifest",
            "model": "params:model",
            "recipe": "params:recipe",
            **SPECS,
        },
        outputs=["candidate", "search_result", "trials"],
        name="search",
    )


def _evaluate() -> Node:
    return Node(
        model_nodes.evaluate_model,
        inputs={
            "candidate": "candidate",
            "result": "search_result",
            "test": "test",
            "manifest": "split_manifest",
            **SPECS,
        },
        outputs=["metrics", "test_predictions"],
        name="evaluate",
    )


def _draw(model: str, shown: Shown) -> Node:
    return Node(
        _for(model, model_nodes.draw_figures),
        inputs={
            "predictions": "test_predictions",
            "evaluation": "metrics",
            "data": "params:data",
            "training_": "params:training",
        },
        outputs=[f"{kind}_figure" for kind in shown.drawn],
        name="draw",
    )


def _explain(model: str, shown: Shown) -> Node:
    written = (*shown.tables, *(f"{kind}_figure" for kind in shown.explained))
    return Node(
        _for(model, model_nodes.explain_model),
        inputs={
            "candidate": "candidate",
            "predictions": "test_predictions",
            "test": "test",
            "evaluation": "metrics",
            "data": "params:data",
            "training_": "params:training",
        },
        outputs={name: name for name in written},
        name="explain",
    )


def _count_points() -> Node:
    inputs = {"candidate": "candidate", "training_": "params:training"}
    return Node(model_nodes.count_points, inputs=inputs, outputs=["points", "selection"], name="count_points")


def _record(model: str, shown: Shown, *, points: bool) -> Node:
    return Node(
        _for(model, model_nodes.record_model),
        inputs={
            "candidate": "candidate",
            "evaluation": "metrics",
            "trials": "trials",
            "recipe_source": "recipe_source",
            "train_features": "train_features",
            "manifest": "split_manifest",
            "data": "params:data",
            **({"scorecard": "points", "selection": "selection"} if points else {}),
            **{name: name for name in shown.tables},
            **{f"{kind}_figure": f"{kind}_figure" for kind in (*shown.drawn, *shown.explained)},
        },
        outputs="run",
        name="record",
    )


def _for(model: str, function: Callable[..., Result]) -> Callable[..., Result]:
    """Give a node function its model's name."""
    named = partial(function, model)
    update_wrapper(named, function)
    return named
