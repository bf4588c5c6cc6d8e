"""The pipeline canary; it runs only when it is named: ``kedro run --pipelines canary``.

::

    train, test, split_manifest ──▶ plant_leaks ──▶ canary_report ──▶ require_exposed
"""

from kedro.pipeline import Node, Pipeline

from credit_pipeline.pipelines.canary import nodes


def create_pipeline() -> Pipeline:
    """Build the pipeline."""
    specs = ("data", "features", "recipes", "models", "canary")
    return Pipeline(
        [
            Node(
                nodes.plant_leaks,
                inputs={
                    "train": "train",
                    "test": "test",
                    "manifest": "split_manifest",
                    **{name: f"params:{name}" for name in specs},
                    "training_": "params:training",
                },
                outputs="canary_report",
                name="plant_leaks",
            ),
            Node(nodes.require_exposed, inputs="canary_report", outputs=None, name="require_exposed"),
        ],
        tags="canary",
    )
