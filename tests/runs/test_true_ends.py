"""Whatever ends a run, the disk and MLflow say so, nothing partial is seen, and the next run ends as if undisturbed."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project

from child_processes import is_alive
from conftest import HANG, Run, copy_project, one_model, started
from credit_pipeline.cli import cli
from credit_pipeline.storage import atomic, processes, run_record
from whole_runs import MODEL, client_of, digests, interrupted, mlflow_runs, statuses

pytestmark = pytest.mark.takes_long

# A table half written, a recipe half written, a model without its run, a version without its alias.
STEPS = ["train.parquet:during", "recipe.skops:during", "run.json:before", "alias:before"]
MORE_STEPS = [
    "train.parquet:after",
    "split_manifest.json:before",
    "candidate.skops:after",
    "registered_version.json:before",
    "alias:after",
] + [
    f"{name}:{when}"
    for name in (
        "clean_applications.parquet",
        "quarantine_report.json",
        "test.parquet",
        "metrics.json",
        "roc.png",
        "leaderboard.parquet",
        "challenger.json",
        "gate_report.json",
        "promotion_report.json",
    )
    for when in ("before", "during", "after")
]


@pytest.fixture(scope="module")
def undisturbed(finished_with_one_model: Path) -> dict[str, str]:
    return digests(finished_with_one_model)


def killed_again_and_again(project: Path, steps: list[str], undisturbed: dict[str, str]) -> None:
    for step in steps:
        code, said = interrupted(project, step, "SIGKILL")
        assert code == -signal.SIGKILL, f"{step}: {said}"
        assert statuses(project)[-1] == "RUNNING", "a killed process cannot say so"
    code, said = interrupted(project, "nothing:never", "SIGKILL")
    assert code == 0, said
    assert statuses(project) == ["KILLED"] * len(steps) + ["FINISHED"]
    assert "RUNNING" not in mlflow_runs(project).values()
    assert not list((project / "data").rglob(f"*{atomic.PARTIAL}"))
    assert digests(project) == undisturbed
    aliases = client_of(project).get_registered_model(MODEL).aliases
    run_id = client_of(project).get_model_version(MODEL, str(aliases["champion"])).run_id
    assert mlflow_runs(project)[str(run_id)] == "FINISHED"


def test_after_kills_at_many_steps_the_next_run_clears_up_and_ends_as_if_undisturbed(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    killed_again_and_again(one_model(copy_project(tmp_path)), STEPS, undisturbed)


@pytest.mark.slow
def test_after_kills_at_every_other_step_too(tmp_path: Path, undisturbed: dict[str, str]) -> None:
    killed_again_and_again(one_model(copy_project(tmp_path)), MORE_STEPS, undisturbed)


def check_interrupted(project: Path, stop: str, *options: str) -> None:
    """Stop a run whose two workers end only if they are killed: it says so, and they are gone with it."""
    freeze = f"FREEZE={stop}"
    code, said = interrupted(project, "candidate.skops:before", freeze, "--params", "training.jobs=2", *options)
    assert code not in {0, -signal.SIGTERM, -signal.SIGINT}, said
    assert statuses(project) == ["KILLED"]
    assert set(mlflow_runs(project).values()) == {"KILLED"}
    (workers,) = (line.split()[1:] for line in said.splitlines() if line.startswith("workers "))
    assert len(workers) == 2, "they were alive before"
    assert not [worker for worker in workers if is_alive(worker)]


@pytest.mark.parametrize("stop", ["SIGTERM"])
def test_a_run_that_is_asked_to_stop_is_recorded_as_killed(stop: str, tmp_path: Path) -> None:
    check_interrupted(one_model(copy_project(tmp_path)), stop)


@pytest.mark.slow
@pytest.mark.parametrize("stop", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("runner", ["SequentialRunner", "ThreadRunner"])
def test_a_run_that_is_stopped_says_killed_under_every_runner(stop: str, runner: str, tmp_path: Path) -> None:
    check_interrupted(one_model(copy_project(tmp_path)), stop, "--runner", runner)


def test_without_tracking_the_numbers_are_the_same_and_mlflow_knows_nothing(
    tmp_path: Path, kedro_run: Run, undisturbed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = one_model(copy_project(tmp_path))
    monkeypatch.setenv("CREDIT_PIPELINE_TRACKING", "off")
    kedro_run(project)
    assert digests(project) == undisturbed
    assert not (project / "mlflow.db").exists()
    assert not (project / "mlartifacts").exists()


def doctor(project: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """Type ``kedro doctor`` in the project's folder."""
    bootstrap_project(project)
    monkeypatch.chdir(project)
    monkeypatch.setenv("COLUMNS", "200")
    return CliRunner().invoke(cli, ["doctor", "--env", "test", *words]).output


def test_the_doctor_finds_what_is_wrong_and_fixes_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project / "data/test"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    orphan = {"save_version": "2020-01-01T00.00.00.000Z", "status": "RUNNING", "outputs": {}}
    process = f"{socket.gethostname()}:{gone.pid}:1"
    (folder / "runs" / f"{orphan['save_version']}.json").write_text(json.dumps({**orphan, "process": process}))
    partial = folder / f".train.parquet.{process}.0123abcd{atomic.PARTIAL}"
    partial.touch()
    client_of(project).set_registered_model_alias(MODEL, "challenger", "1")
    (manifest,) = (folder / "03_primary/split_manifest.json").glob("*/split_manifest.json")
    manifest.write_text("{}")

    found = doctor(project, monkeypatch)
    assert "says RUNNING, but its process no longer exists" in found
    assert partial.name in found
    assert "split_manifest.json is not what run" in found
    assert "3 found, 0 fixed" in found
    assert "3 found, 2 fixed" in doctor(project, monkeypatch, "--apply")
    assert not partial.exists()
    assert "1 found, 0 fixed" in doctor(project, monkeypatch)


def test_a_live_process_is_not_gone_and_one_with_its_number_is_another() -> None:
    mine = processes.identity()
    assert not processes.is_gone(mine)
    assert processes.is_gone(mine.rpartition(":")[0] + ":1")
    assert not processes.is_gone("elsewhere:1:1")


def test_what_a_running_run_has_written_is_not_loaded_by_another(project: Path, kedro_run: Run) -> None:
    folder = project / "data/test"
    (latest,) = (folder / "03_primary/train.parquet").iterdir()
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as other:
        unfinished = "2999-01-01T00.00.00.000Z"
        record = {"save_version": unfinished, "status": "RUNNING", "process": processes.identity(other.pid)}
        (folder / "runs" / f"{unfinished}.json").write_text(json.dumps({**record, "outputs": {}}))
        alien = folder / "03_primary/train.parquet" / unfinished
        alien.mkdir()
        (alien / "train.parquet").write_bytes(b"half of a table")
        kedro_run(project, pipeline_names=["feature_engineering"])
        used = last_record(folder)["inputs"]["train"]["version"]
        other.communicate()
    assert used == latest.name


def last_record(folder: Path) -> dict[str, Any]:
    return max(
        (r for r in run_record.records(folder) if r["status"] == "FINISHED"), key=lambda r: str(r["save_version"])
    )


def test_every_dataset_that_a_run_loads_is_the_one_that_it_wrote(finished_project: Path) -> None:
    (record,) = run_record.records(finished_project / "data/test")
    both = set(record["inputs"]) & set(record["outputs"])
    assert {"train", "test", "split_manifest", "challenger"} <= both
    assert all(record["inputs"][name] == record["outputs"][name] for name in both)


def test_processes_that_start_at_once_on_a_fresh_project_make_one_store(tmp_path: Path) -> None:
    store = tmp_path / "mlflow.db"
    code = (
        "import sys; from credit_pipeline.tracking import store; from mlflow import MlflowClient\n"
        "with store.prepare_store(sys.argv[1]): print(len(MlflowClient(sys.argv[1]).search_experiments()))"
    )
    command = [sys.executable, "-c", code, f"sqlite:///{store}"]
    with started([command] * 4, stdout=subprocess.PIPE) as processes_at_once:
        printed = [process.communicate(timeout=HANG)[0].strip() for process in processes_at_once]
    assert printed == ["1"] * 4
    assert [path.name for path in tmp_path.glob("*.db")] == ["mlflow.db"]
