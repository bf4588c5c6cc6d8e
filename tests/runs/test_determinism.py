"""Equal input and seed give equal bytes, whatever the hash seed, the number of cores and the folder."""

import os
import sys
from pathlib import Path

import pytest

from conftest import copy_project, run_to_end
from credit_pipeline.storage import run_record
from whole_runs import WITH_TIMES

pytestmark = pytest.mark.takes_long

# Trials, metrics and their copies hold seconds; MLflow's ids are random.
DEPLOYMENT = ("gate_report", "promotion_report", "smoke_report", "champion_comparison")


def payload(project: Path) -> dict[str, str]:
    """SHA-256 of every file of data and models that the run of a project wrote, by dataset."""
    (record,) = run_record.records(project / "data/test")
    return {
        name: wrote["sha256"]
        for name, wrote in record["outputs"].items()
        if not any(word in name for word in (*WITH_TIMES, *DEPLOYMENT))
    }


def payload_of_a_run(project: Path, cores: str, hash_seed: str) -> dict[str, str]:
    variables = {
        "PYTHONPATH": str(project / "src"),
        "PYTHONHASHSEED": hash_seed,
        "OMP_NUM_THREADS": cores,
        "CREDIT_PIPELINE_TRACKING": "off",
    }
    jobs = ["--params", f"training.jobs={cores}"]
    done = run_to_end(
        [sys.executable, "-m", "kedro", "run", "--env", "test", *jobs],
        cwd=project,
        env={**os.environ, **variables},
    )
    assert done.returncode == 0, done.stderr
    return payload(project)


def test_another_hash_seed_folder_and_number_of_cores_give_the_same_bytes(
    finished_project: Path, tmp_path: Path
) -> None:
    # The finished run had one process, and drew its hash seed unless the environment of the tests names one.
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    found = payload_of_a_run(copy_project(tmp_path), cores="2", hash_seed=seed)
    assert {"train", "test", "xgboost.candidate", "ordinal_recipe", "xgboost_test_predictions"} <= set(found)
    assert found == payload(finished_project)


@pytest.mark.slow
@pytest.mark.parametrize("cores", ["1", "2"])
@pytest.mark.parametrize("hash_seed", ["0", "1", "2"])
def test_every_hash_seed_and_number_of_cores_gives_the_same_bytes(
    cores: str, hash_seed: str, finished_project: Path, tmp_path: Path
) -> None:
    assert payload_of_a_run(copy_project(tmp_path), cores, hash_seed) == payload(finished_project)
