"""The example of a scheduler: the DAG names every step in order, and Airflow loads and runs it."""

import ast
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import jinja2
import pytest

from conftest import ROOT, copy_project, run_to_end
from credit_pipeline.pipeline_registry import register_pipelines
from whole_runs import client_of

EXAMPLE = ROOT / "examples/airflow"
DAG = EXAMPLE / "credit_pipeline_dag.py"
BY_NAME_ALONE = {"__default__", "canary"}  # the lifecycle as a whole, and a test of the project's own honesty


def steps() -> list[str]:
    """Read the steps of the DAG without Airflow."""
    (named,) = (
        node.value
        for node in ast.parse(DAG.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "STEPS"
    )
    return list(ast.literal_eval(named))


def test_the_dag_names_every_pipeline_after_those_whose_data_it_reads() -> None:
    pipelines = {name: found for name, found in register_pipelines().items() if name not in BY_NAME_ALONE}
    ordered: list[str] = []
    while len(ordered) < len(pipelines):
        awaited = {output for name, found in pipelines.items() if name not in ordered for output in found.all_outputs()}
        (following,) = (
            name for name, found in pipelines.items() if name not in ordered and not found.inputs() & awaited
        )
        ordered.append(following)
    assert steps() == ordered


def test_the_dag_is_what_its_template_makes() -> None:
    templates = jinja2.Environment(autoescape=True, loader=jinja2.FileSystemLoader(EXAMPLE), lstrip_blocks=True)
    made = templates.get_template("dag.j2").render(dag_name="credit_pipeline", env="local", steps=" ".join(steps()))
    assert made == DAG.read_text(encoding="utf-8")


@pytest.fixture
def airflow(tmp_path: Path) -> dict[str, str]:
    """Give the variables with which the Airflow of ``AIRFLOW_PYTHON`` runs; it cannot share the project's packages."""
    python = os.environ.get("AIRFLOW_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import airflow.sdk"], check=False, capture_output=True).returncode:
        pytest.skip("no Airflow (pip install apache-airflow in an environment whose Python AIRFLOW_PYTHON names)")
    return {
        "PATH": f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(EXAMPLE),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "DO_NOT_TRACK": "true",
    }


def ran(command: list[str], folder: Path, variables: dict[str, str]) -> str:
    done = run_to_end(command, cwd=folder, env=variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


PARSED = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
assert not bag.import_errors, bag.import_errors
tasks = bag.get_dag("credit_pipeline").tasks
print(json.dumps({task.task_id: sorted(task.upstream_task_ids) for task in tasks}))
"""


@pytest.mark.slow
def test_airflow_loads_and_runs_the_dag(airflow: dict[str, str], tmp_path: Path) -> None:
    ran(["airflow", "db", "migrate"], tmp_path, airflow)
    parsed = json.loads(ran(["python", "-c", PARSED, str(EXAMPLE)], tmp_path, airflow).splitlines()[-1])
    assert parsed == {steps()[0]: [], **{after: [before] for before, after in pairwise(steps())}}
    project = copy_project(tmp_path / "project")
    kedro = project / ".venv/bin/kedro"
    kedro.parent.mkdir(parents=True)
    kedro.write_text(f'#!/bin/sh\nPYTHONPATH={project}/src exec {sys.executable} -m kedro "$@"\n')
    kedro.chmod(0o755)
    asked = ["airflow", "dags", "test", "credit_pipeline", "--conf", json.dumps({"env": "test"})]
    reported = ran(asked, tmp_path, {**airflow, "CREDIT_PIPELINE_PROJECT": str(project)})
    assert "state=success" in reported
    assert int(client_of(project).get_model_version_by_alias("credit_test", "champion").version) == 1
    assert list((project / "data/test/07_model_output/scores.parquet").glob("*/*"))
