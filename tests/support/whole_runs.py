"""Whole runs of the test environment in processes of their own, and what they leave."""

import os
import sys
from pathlib import Path

from mlflow import MlflowClient

from conftest import run_to_end
from credit_pipeline.storage import run_record

MODEL = "credit_test"
SCRIPT = Path(__file__).with_name("interrupted_run.py")
WITH_TIMES = ("search_result", "trials", "_metrics", "leaderboard", "_run", "registered_version", "challenger")


def interrupted(project: Path, step: str, action: str, *options: str, **variables: str) -> tuple[int, str]:
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), "COLUMNS": "200", **variables}
    done = run_to_end([sys.executable, str(SCRIPT), str(project), step, action, *options], env=environment)
    return done.returncode, done.stdout + done.stderr


def client_of(project: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{project / 'mlflow.db'}")


def mlflow_runs(project: Path) -> dict[str, str]:
    """Status by run id."""
    client = client_of(project)
    experiments = [found.experiment_id for found in client.search_experiments()]
    return {run.info.run_id: run.info.status for run in client.search_runs(experiments)}


def statuses(project: Path) -> list[str]:
    return [record["status"] for record in run_record.records(project / "data/test")]


def digests(project: Path) -> dict[str, str]:
    """Content of the last run's data, by dataset; reports with times, run ids or versions are left out."""
    last = list(run_record.records(project / "data/test"))[-1]
    reporting = ("_run", "registered_version", "promotion_report", "gate_report", "champion_comparison", "smoke_report")
    timed = ("search_result", "trials", "_metrics", "leaderboard", "challenger")
    return {
        name: wrote["sha256"]
        for name, wrote in last["outputs"].items()
        if not any(word in name for word in (*reporting, *timed))
    }


def server(store: Path, port: int) -> list[str]:
    options = ["--backend-store-uri", f"sqlite:///{store / 'mlflow.db'}", "--workers", "1", "--port", str(port)]
    return [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", *options]


def mlflow_runs_in(store: Path) -> list[tuple[str, str]]:
    client = MlflowClient(f"sqlite:///{store / 'mlflow.db'}")
    experiments = [found.experiment_id for found in client.search_experiments()]
    return [(run.info.status, str(run.info.run_name)) for run in client.search_runs(experiments)]


def kedro(project: Path, *arguments: str, **variables: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), "COLUMNS": "200", **variables}
    done = run_to_end([sys.executable, "-m", "kedro", *arguments], cwd=project, env=environment)
    return done.stdout + done.stderr
