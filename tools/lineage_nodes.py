"""Print what a picture of the lineage shows: ``python tools/lineage_nodes.py [PROJECT]``."""

import json
import sys
from pathlib import Path

from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.pipeline import Pipeline

PIPELINE = "__default__"


def shown(pipeline: Pipeline) -> list[str]:
    """Return the boxes of a lineage whose namespaces are closed, in alphabetical order.

    Kedro-Viz draws one box for each node outside a namespace, and one for each outermost namespace.
    """
    return sorted({node.namespace.split(".")[0] if node.namespace else node.name for node in pipeline.nodes})


def lineage_document(project: Path, environment: str = "base") -> str:
    """Return the boxes of the lifecycle of an environment as JSON.

    Parameters
    ----------
    project
        The folder of the project.
    environment
        A folder of ``conf``.
    """
    bootstrap_project(project)
    with KedroSession.create(project, env=environment) as session:
        session.load_context()  # the registry follows the models of the environment
        return json.dumps({"pipeline": PIPELINE, "nodes": shown(pipelines[PIPELINE])}, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(lineage_document(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parents[1]))
