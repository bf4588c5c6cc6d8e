"""The pipeline data_split.

::

    applications ──▶ set_aside_faulty_rows ──▶ clean_applications ──▶ split_applications ──▶ train, test
                              │                                              ▲        └────▶ split_manifest
                              └──▶ quarantined_applications, quarantine_report ┘
"""

from kedro.pipeline import Node, Pipeline

from credit_pipeline.pipelines.data_split import nodes


def create_pipeline() -> Pipeline:
    """Build the pipeline."""
    return Pipeline(
        [
            Node(
                nodes.set_aside,
                inputs=["applications", "params:data"],
                outputs=["clean_applications", "quarantined_applications", "quarantine_report"],
                name="set_aside_faulty_rows",
            ),
            Node(
                nodes.split_applications,
                inputs=[
                    "clean_applications",
                    "quarantined_applications",
                    "quarantine_report",
                    "params:data",
                    "params:split",
                ],
                outputs=["train", "test", "split_manifest"],
                name="split_applications",
            ),
        ],
        tags="data_split",
    )
