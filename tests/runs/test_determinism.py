"""Equal input and seed give equal bytes, whatever the hash seed, the number of cores and the folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import copy_project
from credit_pipeline.storage import run_record
from whole_runs import WITH_TIMES

# Trials, metrics and what they are copied into tell seconds; MLflow's ids are drawn.
DEPLOYMENT = ("gate_report", "promotion_report", "smoke_report", "champion_comparison")


def payload(project: Path, cores: str, hash_seed: str) -> dict[str, str]:
    """SHA-256 of every file of data and models that a run writes, by dataset."""
    variables = {
        "PYTHONPATH": str(project / "src"),
        "PYTHONHASHSEED": hash_seed,
        "OMP_NUM_THREADS": cores,
        "CREDIT_PIPELINE_TRACKING": "off",
    }
    jobs = ["--params", f"training.jobs={cores}"]
    done = subprocess.run(
        [sys.executable, "-m", "kedro", "run", "--env", "test", *jobs],
        cwd=project,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (record,) = run_record.records(project / "data/test")
    return {
        name: wrote["sha256"]
        for name, wrote in record["outputs"].items()
        if not any(word in name for word in (*WITH_TIMES, *DEPLOYMENT))
    }


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return payload(copy_project(tmp_path_factory.mktemp("first")), cores="1", hash_seed="0")


def test_another_hash_seed_folder_and_number_of_cores_give_the_same_bytes(
    first: dict[str, str], tmp_path: Path
) -> None:
    assert {"train", "test", "xgboost.candidate", "ordinal_recipe", "xgboost_test_predictions"} <= set(first)
    assert payload(copy_project(tmp_path), cores="2", hash_seed="1") == first


@pytest.mark.slow
@pytest.mark.parametrize("cores", ["1", "2"])
@pytest.mark.parametrize("hash_seed", ["0", "1", "2"])
def test_every_hash_seed_and_number_of_cores_gives_the_same_bytes(
    cores: str, hash_seed: str, first: dict[str, str], tmp_path: Path
) -> None:
    assert payload(copy_project(tmp_path), cores, hash_seed) == first
