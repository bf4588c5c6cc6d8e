"""The pipeline deployment.

::

    challenger, <model>_run, <model>_metrics, split_manifest, provenance
            │
            ▼
     request_version ──▶ registered_version ──▶ smoke_test ──▶ smoke_report ─────────┐
                                 │                                                   ▼
                                 ├──▶ compare_with_champion ──▶ comparison ──▶ check_gates ──▶ gate_report
     standing_champion ──────────┘                                                   │
                                                                                     ▼
                                          promote ──▶ promotion_report, challenger_alias, champion
"""

from collections.abc import Sequence

from kedro.pipeline import Node, Pipeline

from credit_pipeline.pipelines.deployment import nodes

_VERSION = {"version": "registered_version"}
_DEPLOYMENT = {"deployment": "params:deployment"}
_TEST = {"test": "test", "data": "params:data"}


TAG = "one_at_a_time"
"""Tag of a node that holds the promotion lock from loading its first input to saving its last output."""


def create_pipeline(models: Sequence[str]) -> Pipeline:
    """Build the pipeline for the models named in ``models.yml``."""
    predictions = {name: name for name in (f"{model}_test_predictions" for model in models)}
    evaluations = {name: name for name in (f"{model}_metrics" for model in models)}
    return Pipeline(
        [
            _request(models),
            Node(
                nodes.smoke_test,
                inputs={**_VERSION, **_TEST, **predictions},
                outputs="smoke_report",
                name="smoke_test",
            ),
            Node(
                nodes.compare_with_champion,
                inputs={**_VERSION, "current": "standing_champion", **_DEPLOYMENT, **_TEST, **predictions},
                outputs="champion_comparison",
                name="compare_with_champion",
            ),
            Node(
                nodes.check_gates,
                inputs={
                    **_VERSION,
                    "smoke_report": "smoke_report",
                    "comparison": "champion_comparison",
                    **_DEPLOYMENT,
                    **evaluations,
                },
                outputs="gate_report",
                name="check_gates",
            ),
            Node(
                nodes.promote,
                inputs={**_VERSION, "gate_report": "gate_report", "current": "standing_champion"},
                outputs=["promotion_report", "challenger_alias", "champion"],
                name="promote",
                tags=TAG,
            ),
        ],
        tags="deployment",
    )


def _request(models: Sequence[str]) -> Node:
    stored = {f"{model}_{kind}": f"{model}_{kind}" for model in models for kind in ("run", "metrics")}
    return Node(
        nodes.request_version,
        inputs={
            "challenger": "challenger",
            "manifest": "split_manifest",
            "provenance": "provenance",
            "deployment": "params:deployment",
            **stored,
        },
        outputs="registered_version",
        name="request_version",
    )
