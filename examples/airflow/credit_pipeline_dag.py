"""The lifecycle and the scoring as an Airflow DAG: a task for each pipeline, each in a process of its own.

Made by kedro-airflow from dag.j2; docs/scheduling.md has the command.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param, chain

PROJECT = os.environ.get("CREDIT_PIPELINE_PROJECT") or str(Path(__file__).resolve().parents[2])
STEPS = (
    "data_split",
    "feature_engineering",
    "training",
    "deployment",
    "scoring",
)


def task(pipeline: str) -> BashOperator:
    """Run one pipeline with the Python of the project, not with that of Airflow."""
    return BashOperator(
        task_id=pipeline,
        bash_command=f".venv/bin/kedro run --pipelines {pipeline}",
        cwd=PROJECT,
        env={"KEDRO_ENV": "{{ params.env }}"},
        append_env=True,
    )


with DAG(
    dag_id="credit_pipeline",
    description="From the raw table to the champion and its scores",
    schedule="@monthly",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    params={"env": Param("local", pattern="^[a-z0-9_]+$", description="a folder of conf")},
):
    chain(*map(task, STEPS))
