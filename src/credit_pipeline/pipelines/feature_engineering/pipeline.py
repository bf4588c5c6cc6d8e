"""The pipeline feature_engineering: a room for each recipe.

::

    train, test, split_manifest ──▶ derive_features ──▶ train_features, test_features
                                                              │
                   ┌──────────────────────────┬───────────────┴──────────┐
                   ▼                          ▼                          ▼
       recipes.one_hot.fit        recipes.ordinal.fit     recipes.weight_of_evidence.fit
                   │                                                     │
                   │                                                     ▼
                   │                            recipes.weight_of_evidence.draw_bins ──▶ .selection, .bins_figure
                   │
                   └──▶ one_hot_recipe, one_hot_train_table; recipes.one_hot.source, .tables, .test_table
"""

from collections.abc import Mapping
from functools import partial, update_wrapper

from kedro.pipeline import Node, Pipeline, pipeline

from credit_pipeline.pipelines.feature_engineering import nodes


def create_pipeline(recipes: Mapping[str, str]) -> Pipeline:
    """Build the pipeline.

    Parameters
    ----------
    recipes
        The function of each recipe, as in ``recipes.yml``. The bins of ``weight_of_evidence`` are drawn.
    """
    derive = Node(
        nodes.derive_features,
        inputs=["train", "test", "split_manifest", "params:data", "params:features"],
        outputs=["train_features", "test_features"],
        name="derive_features",
    )
    rooms = (_room(recipe, bins=function == "weight_of_evidence") for recipe, function in recipes.items())
    return sum(rooms, start=Pipeline([derive], tags="feature_engineering"))


def _room(recipe: str, *, bins: bool) -> Pipeline:
    fit = Node(
        nodes.fit_recipe,
        inputs=["train_features", "test_features", "params:recipe", "params:data", "params:features"],
        outputs=["recipe", "source", "tables", "train_table", "test_table"],
        name="fit",
    )
    return pipeline(
        [fit, *([_draw_bins(recipe)] if bins else [])],
        namespace=f"recipes.{recipe}",
        inputs={"train_features", "test_features"},
        outputs={"recipe": f"{recipe}_recipe", "train_table": f"{recipe}_train_table", "source": f"{recipe}_source"},
        parameters={
            "params:recipe": f"params:recipes.{recipe}",
            "params:data": "params:data",
            "params:features": "params:features",
        },
        tags=["feature_engineering", recipe],
    )


def _draw_bins(recipe: str) -> Node:
    named = partial(nodes.draw_bins, recipe)
    update_wrapper(named, nodes.draw_bins)
    return Node(named, inputs="recipe", outputs=["selection", "bins_figure"], name="draw_bins")
