"""Without MLflow: the same numbers, no state of MLflow's, and a word on what then cannot work."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import copy_project, run_to_end
from credit_pipeline.storage import run_record
from whole_runs import WITH_TIMES

NEEDS_A_REGISTRY = ("gate_report", "promotion_report", "smoke_report", "champion_comparison")


def payload(project: Path) -> dict[str, str]:
    (record,) = run_record.records(project / "data/test")
    outputs = record["outputs"].items()
    return {k: v["sha256"] for k, v in outputs if not any(word in k for word in (*WITH_TIMES, *NEEDS_A_REGISTRY))}


def kedro(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    variables = {"PYTHONPATH": str(project / "src"), "CREDIT_PIPELINE_TRACKING": "off", "COLUMNS": "200"}
    command = [sys.executable, "-m", "kedro", "run", "--env", "test", *words]
    return run_to_end(command, cwd=project, env={**os.environ, **variables})


@pytest.mark.slow
def test_an_untracked_run_writes_the_bytes_of_a_tracked_one_and_no_state_of_mlflow(
    finished_project: Path, tmp_path: Path
) -> None:
    project = copy_project(tmp_path)
    done = kedro(project)
    assert done.returncode == 0, done.stderr
    assert "xgboost.candidate" in payload(project)
    assert payload(project) == payload(finished_project)
    assert not [path for path in project.rglob("*ml*") if path.name in {"mlflow.db", "mlruns", "mlartifacts"}]
    assert "tracking is switched off" in " ".join((done.stdout + done.stderr).split())
    scoring = kedro(project, "--pipelines", "scoring")
    assert scoring.returncode == 1
    assert "champion" in scoring.stderr
    assert "Traceback" not in scoring.stderr
