"""Whatever happens to the tracking server, a run ends on the disk, says so, and is uploaded to MLflow once."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_browser import free_port, served
from mlflow import MlflowClient

import faulty_server
from conftest import copy_project, one_model
from credit_pipeline.storage import run_record
from whole_runs import MODEL, digests, interrupted, kedro, mlflow_runs_in, server, statuses

pytestmark = pytest.mark.takes_long

SERVER = "/health"
# Without its eight processes for jobs, which nothing here asks for.
LIGHT = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
STEPS = [
    "train.parquet:after",
    "registered_version.json:before",
    "smoke_report.json:after",
    "alias:before",
    "alias:after",
]


@pytest.fixture(scope="module")
def undisturbed(finished_with_one_model: Path) -> dict[str, str]:
    return digests(finished_with_one_model)


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    return one_model(copy_project(tmp_path / "project"))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Give a folder for the server's own store and artifacts."""
    (tmp_path / "server").mkdir()
    return tmp_path / "server"


def ended_on_the_disk(project: Path, code: int, said: str) -> str:
    """Check that a run lost its server and nothing else; give its save version."""
    assert "Traceback" not in said, said
    assert code == 1, said
    (record,) = run_record.records(project / "data/test")
    assert (record["status"], record["tracked"]) == ("FINISHED", False), said
    assert f"kedro track {record['save_version']}" in said
    assert "champion: unknown" in said
    assert "is champion now" not in said.partition("Leaderboard")[2]
    return str(record["save_version"])


def is_tracked_once(project: Path, version: str, store: Path, **variables: str) -> None:
    """Check that MLflow has a run by what it wrote, and that a second upload finds it there already."""
    assert "is tracked now" in kedro(project, "track", version, "--env", "test", **variables)
    assert "is tracked already" in kedro(project, "track", version, "--env", "test", **variables)
    (status, name), child = sorted(mlflow_runs_in(store))
    assert child == ("FINISHED", "logistic_regression")
    assert status == "FINISHED"
    assert name in {f"lifecycle | replayed {version}", "lifecycle"}  # the latter if only its final status was missing
    assert champion(store)


def champion(store: Path) -> str:
    aliases = MlflowClient(f"sqlite:///{store / 'mlflow.db'}").get_registered_model(MODEL).aliases
    return str(aliases["champion"])


def killed_during(project: Path, store: Path, step: str, undisturbed: dict[str, str]) -> None:
    port = free_port()
    variables = {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{port}"}
    with served(server(store, port), store, port, SERVER, LIGHT) as group:
        code, said = interrupted(project, step, f"SIGKILL={-group}", **variables)
    version = ended_on_the_disk(project, code, said)
    assert digests(project) == undisturbed
    with served(server(store, port), store, port, SERVER, LIGHT):
        is_tracked_once(project, version, store, **variables)


def test_a_server_that_is_gone_stops_the_run_before_it_starts(fresh: Path) -> None:
    code, said = interrupted(fresh, "nothing:never", "SIGKILL", MLFLOW_TRACKING_URI=f"http://127.0.0.1:{free_port()}")
    assert code == 1
    assert "The tracking server does not answer" in said
    assert "Traceback" not in said
    assert statuses(fresh) == ["FAILED"]
    assert not list((fresh / "data/test").rglob("*.parquet"))


def test_a_server_that_is_killed_while_models_are_recorded_loses_nothing(
    fresh: Path, store: Path, undisturbed: dict[str, str]
) -> None:
    killed_during(fresh, store, "metrics.json:before", undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_a_server_that_is_killed_at_another_step_loses_nothing(
    step: str, fresh: Path, store: Path, undisturbed: dict[str, str]
) -> None:
    killed_during(fresh, store, step, undisturbed)


@pytest.mark.slow
def test_a_server_that_is_killed_after_the_run_knows_all_of_it_when_it_is_back(fresh: Path, store: Path) -> None:
    port = free_port()
    variables = {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{port}"}
    with served(server(store, port), store, port, SERVER, LIGHT) as group:
        assert interrupted(fresh, "nothing:never", "SIGKILL", **variables)[0] == 0
        os.killpg(group, signal.SIGKILL)
    assert sorted(mlflow_runs_in(store)) == [("FINISHED", "lifecycle"), ("FINISHED", "logistic_regression")]
    assert champion(store) == "1"
    with served(server(store, port), store, port, SERVER, LIGHT):
        assert "nothing is wrong" in kedro(fresh, "doctor", "--env", "test", **variables)


@pytest.fixture
def behind(store: Path) -> Iterator[int]:
    """Give the port of a sound server."""
    port = free_port()
    with served(server(store, port), store, port, SERVER, LIGHT):
        yield port


@pytest.mark.slow
@pytest.mark.parametrize("fault", [faulty_server.answers_500, faulty_server.never_answers])
@pytest.mark.parametrize("step", ["run.json:before", "registered_version.json:before"])
def test_a_server_that_falls_silent_or_fails_on_the_way_loses_nothing(
    fault: faulty_server.Fault, step: str, fresh: Path, store: Path, behind: int, undisturbed: dict[str, str]
) -> None:
    with faulty_server.standing(faulty_server.FaultyServer(behind, fault)) as front:
        variables = {"MLFLOW_TRACKING_URI": front.address, "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
        switch = f"GET={front.address}{faulty_server.SWITCH}"
        code, said = interrupted(fresh, step, switch, **variables)
    version = ended_on_the_disk(fresh, code, said)
    assert digests(fresh) == undisturbed
    is_tracked_once(fresh, version, store, MLFLOW_TRACKING_URI=f"http://127.0.0.1:{behind}")


@pytest.mark.slow
@pytest.mark.parametrize("fault", [faulty_server.answers_late, faulty_server.fails_once()], ids=["late", "fails once"])
def test_a_server_that_is_slow_or_fails_now_and_then_is_waited_for(
    fault: faulty_server.Fault, fresh: Path, store: Path, behind: int, undisturbed: dict[str, str]
) -> None:
    front = faulty_server.FaultyServer(behind, fault)
    front.happen()
    with faulty_server.standing(front):
        code, said = interrupted(fresh, "nothing:never", "SIGKILL", MLFLOW_TRACKING_URI=front.address)
    assert code == 0, said
    assert digests(fresh) == undisturbed
    assert sorted(mlflow_runs_in(store)) == [("FINISHED", "lifecycle"), ("FINISHED", "logistic_regression")]
    assert champion(store) == "1"


@pytest.mark.slow
@pytest.mark.parametrize("step", ["run.json:before", "registered_version.json:before"])
def test_a_store_that_another_process_locks_loses_nothing(step: str, fresh: Path, undisturbed: dict[str, str]) -> None:
    kedro(fresh, "run", "--env", "test", "--pipelines", "data_split")  # makes the store
    with faulty_server.lockable(fresh / "mlflow.db") as lock:
        front = faulty_server.FaultyServer(at_switch=lock)
        with faulty_server.standing(front):
            code, said = interrupted(fresh, step, f"GET={front.address}{faulty_server.SWITCH}")
    assert "Traceback" not in said, said
    assert code == 1, said
    assert statuses(fresh) == ["FINISHED", "FINISHED"]
    assert digests(fresh) == undisturbed
    version = list(run_record.records(fresh / "data/test"))[-1]["save_version"]
    assert "is tracked now" in kedro(fresh, "track", str(version), "--env", "test")
    # A version of the lost run was deleted with it: its number is used up, and one version is there.
    client = MlflowClient(f"sqlite:///{fresh / 'mlflow.db'}")
    assert [str(found.version) for found in client.search_model_versions("")] == [champion(fresh)]


@pytest.mark.slow
def test_a_store_that_is_locked_from_the_start_is_reported(fresh: Path) -> None:
    kedro(fresh, "run", "--env", "test", "--pipelines", "data_split")
    with faulty_server.lockable(fresh / "mlflow.db") as lock:
        lock()
        code, said = interrupted(fresh, "nothing:never", "SIGKILL")
    assert code == 1
    assert "The tracking server does not answer" in said
    assert "Traceback" not in said
    assert statuses(fresh) == ["FINISHED", "FAILED"]
