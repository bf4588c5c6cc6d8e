"""The pipeline feature_engineering: a room for each recipe.

::

    train, test, split_manifest ──▶ derive_features ──▶ train_features, test_features
                                                              │
                   ┌──────────────────────────┬───────────────┴──────────┐
                   ▼                          ▼                          ▼
       recipes.one_hot.fit        recipes.ordinal.fit     recipes.weight_of_evidence.fit
                   │
                   └──▶ one_hot_recipe, one_hot_train_table; recipes.one_hot.source, .tables, .test_table
"""

from collections.abc import Sequence

from kedro.pipeline import Node, Pipeline, pipeline

from credit_pipeline.pipelines.feature_engineering import nodes


def create_pipeline(recipes: Sequence[str]) -> Pipeline:
    """Build the pipeline for the recipes named in ``recipes.yml``."""
    derive = Node(
        nodes.derive_features,
        inputs=["train", "test", "split_manifest", "params:data", "params:features"],
        outputs=["train_features", "test_features"],
        name="derive_features",
    )
    return sum((_room(recipe) for recipe in recipes), start=Pipeline([derive], tags="feature_engineering"))


def _room(recipe: str) -> Pipeline:
    template = Node(
        nodes.fit_recipe,
        inputs=["train_features", "test_features", "params:recipe", "params:data", "params:features"],
        outputs=["recipe", "source", "tables", "train_table", "test_table"],
        name="fit",
    )
    return pipeline(
        [template],
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
