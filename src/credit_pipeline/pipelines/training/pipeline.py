"""The pipeline training: a room for each entry of ``models.yml``, then all models together.

::

    every room of a model ──▶ <model>_metrics, <model>_test_predictions
    every <model>_metrics ──▶ rank_models ──▶ leaderboard, challenger, leaderboard_figure
    these, test, every <model>_test_predictions ──▶ compare_models ──▶ comparison, scorecard_cost, comparison_figure
"""

from collections.abc import Collection, Mapping, Sequence

from kedro.pipeline import Node, Pipeline

from credit_pipeline.pipelines.training import comparison_nodes
from credit_pipeline.pipelines.training.model_pipeline import SPECS, Shown, room_of

_PLAIN = Shown()


def create_pipeline(models: Mapping[str, str], scorecards: Collection[str] = (), shown: Shown = _PLAIN) -> Pipeline:
    """Build the pipeline.

    Parameters
    ----------
    models
        The recipe of each model, as in ``models.yml``.
    scorecards
        The models that can be written as points.
    shown
        What is drawn of each model; by default what every classification has.
    """
    rooms = sum(
        (room_of(model, recipe, shown, points=model in scorecards) for model, recipe in models.items()),
        start=Pipeline([]),
    )
    evaluations = {name: name for name in (f"{model}_metrics" for model in models)}
    # Tagged with every model: `--tags xgboost` trains that model and ranks it among the stored ones.
    rank = Node(
        comparison_nodes.rank_models,
        inputs={
            "manifest": "split_manifest",
            "models": "params:models",
            "recipes": "params:recipes",
            **SPECS,
            **evaluations,
        },
        outputs=["leaderboard", "challenger", "leaderboard_figure"],
        name="rank_models",
        tags=list(models),
    )
    return Pipeline([rooms, rank, _compare(list(models), evaluations)], tags="training")


def _compare(models: Sequence[str], evaluations: Mapping[str, str]) -> Node:
    return Node(
        comparison_nodes.compare_models,
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
