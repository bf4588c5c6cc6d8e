"""The pipeline scoring.

::

    applicants, champion ──▶ score_applicants ──▶ scores, scores_csv, quarantined_applicants
"""

from kedro.pipeline import Node, Pipeline

from credit_pipeline.pipelines.scoring import nodes


def create_pipeline() -> Pipeline:
    """Build the pipeline."""
    score = Node(
        nodes.score_applicants,
        inputs=["applicants", "champion", "params:data"],
        outputs=["scores", "scores_csv", "quarantined_applicants"],
        name="score_applicants",
    )
    return Pipeline([score], tags="scoring")
