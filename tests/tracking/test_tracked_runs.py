import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.entities import DatasetInput
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

from credit_pipeline.configuration import OpenRun, TrackedRun, open_run
from credit_pipeline.errors import CreditPipelineError, TrackingUnavailableError
from credit_pipeline.modelling.splitting.row_hashes import frame_hash
from credit_pipeline.storage import RunRecord, processes
from credit_pipeline.tracking import tracked_runs
from credit_pipeline.tracking.tracked_runs import client_of

ONE, OTHER = TrackedRun("sqlite:///a.db", "1", "aaa"), TrackedRun("sqlite:///b.db", "2", "bbb")
MANIFEST: dict[str, Any] = {
    "raw": {"content_sha256": "1" * 64, "source": "credit_card_clients.csv"},
    "parts": {"train": {"content_sha256": "2" * 64}, "test": {"content_sha256": "3" * 64}},
}


# A process of this machine with this one's number, started at another time: its number was given away again.
ENDED = f"{processes.identity().rpartition(':')[0]}:1"


@pytest.fixture(autouse=True)
def _nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_run, "_open", [])


def shown(described: DatasetInput) -> dict[str, str]:
    """What MLflow shows of a dataset input."""
    tags = {tag.key: tag.value for tag in described.tags}
    return {"name": described.dataset.name, "digest": described.dataset.digest, **tags}


def begun(version: str, tracked: TrackedRun | None = None) -> OpenRun:
    """Make a run with a record of this save version the current one."""
    run = OpenRun(record=RunRecord(Path("nowhere"), version), mlflow_run=tracked, has_end=True)
    open_run.enter(run)
    return run


def test_a_dataset_finds_the_mlflow_run_of_the_open_run() -> None:
    begun("v1", ONE)
    assert tracked_runs.mlflow_run("v1") == ONE
    begun("v2", OTHER)
    assert tracked_runs.mlflow_run("v2") == OTHER
    with pytest.raises(TrackingUnavailableError):
        tracked_runs.mlflow_run("v1")


@pytest.mark.parametrize("version", [None, "v1"])
def test_outside_a_run_there_is_no_mlflow_run_and_the_error_says_how_to_get_one(version: str | None) -> None:
    with pytest.raises(TrackingUnavailableError) as fault:
        tracked_runs.mlflow_run(version)
    assert fault.value.got == f"no open run for save version {version}"
    assert "kedro run" in fault.value.fix


def test_a_table_is_described_by_the_hash_of_all_its_content() -> None:
    # MLflow takes digests of 36 characters: the first 32 stand there, all 64 in a tag.
    content = "0123456789abcdef" * 4
    described = tracked_runs.dataset_input("train", content, "train.parquet", "training")
    assert shown(described) == {
        "name": "train",
        "digest": "0123456789abcdef" * 2,
        "mlflow.data.context": "training",
        "content_sha256": content,
    }
    assert json.loads(described.dataset.source) == {"uri": "train.parquet"}


@pytest.mark.parametrize("source", ['the "new" table.csv', "back\\slash.csv", "tab\t.csv"])
def test_a_source_of_any_name_is_json(source: str) -> None:
    described = tracked_runs.dataset_input("train", "0" * 64, source, "training")
    assert json.loads(described.dataset.source) == {"uri": source}


def test_a_loaded_table_is_described_by_what_its_reader_noted_without_its_folder() -> None:
    table = pd.DataFrame({"a": [1]})
    table.attrs = {"content_sha256": "f" * 64, "source": "somewhere/private/clients.csv"}
    described = tracked_runs.table_input("applications", table, "raw")
    assert shown(described)["content_sha256"] == "f" * 64
    assert json.loads(described.dataset.source) == {"uri": "clients.csv"}


def test_a_table_without_notes_is_described_by_its_own_content_and_name() -> None:
    table = pd.DataFrame({"a": [1, 2]})
    described = tracked_runs.table_input("applicants", table, "scoring")
    assert shown(described)["content_sha256"] == frame_hash(table)
    assert json.loads(described.dataset.source) == {"uri": "applicants"}


def test_a_change_in_the_last_row_of_a_long_table_changes_its_digest() -> None:
    # MLflow's own digest reads the first 10,000 rows.
    table = pd.DataFrame({"a": range(10_001)})
    changed = table.assign(a=table["a"].where(table.index < 10_000, -1))
    digests = {tracked_runs.table_input("t", each, "raw").dataset.digest for each in (table, changed)}
    assert len(digests) == 2


def test_a_manifest_describes_the_raw_table_train_and_test() -> None:
    assert [shown(described) for described in tracked_runs.manifest_inputs(MANIFEST)] == [
        {"name": name, "digest": digit * 32, "mlflow.data.context": context, "content_sha256": digit * 64}
        for name, digit, context in (
            ("applications", "1", "raw"),
            ("train", "2", "training"),
            ("test", "3", "testing"),
        )
    ]


@pytest.mark.parametrize("key", ["raw", "parts"])
def test_a_manifest_of_another_shape_names_the_keys_that_it_has(key: str) -> None:
    with pytest.raises(CreditPipelineError) as fault:
        tracked_runs.manifest_inputs({**MANIFEST, key: None})
    assert (fault.value.expected, fault.value.got) == ("the keys raw and parts", "raw, parts")
    assert "data_split" in fault.value.fix


def test_a_manifest_without_its_keys_names_the_keys_that_it_has() -> None:
    with pytest.raises(CreditPipelineError, match="manifest"):
        tracked_runs.manifest_inputs({"parts": MANIFEST["parts"]})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give an empty tracking store."""
    return f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlflow.db'}"


@pytest.fixture
def experiment(store: str, request: pytest.FixtureRequest) -> str:
    """Give an experiment of the test's own."""
    return str(MlflowClient(store).create_experiment(request.node.name, artifact_location="file:///nowhere"))


def started(store: str, experiment: str, **tags: str) -> TrackedRun:
    return TrackedRun(store, experiment, MlflowClient(store).create_run(experiment, tags=tags).info.run_id)


def status(run: TrackedRun) -> str:
    return str(client_of(run).get_run(run.run_id).info.status)


def test_mlflow_takes_and_gives_back_what_describes_a_split(store: str, experiment: str) -> None:
    run = started(store, experiment)
    described = tracked_runs.manifest_inputs(MANIFEST)
    client_of(run).log_inputs(run.run_id, described)
    inputs = client_of(run).get_run(run.run_id).inputs
    assert inputs is not None
    kept = inputs.dataset_inputs
    assert sorted((shown(each) for each in kept), key=str) == sorted((shown(each) for each in described), key=str)


def test_a_run_ends_with_its_open_children_and_no_others(store: str, experiment: str) -> None:
    parent, stranger = started(store, experiment), started(store, experiment)
    child, done = (started(store, experiment, **{MLFLOW_PARENT_RUN_ID: parent.run_id}) for _ in range(2))
    client_of(done).set_terminated(done.run_id, "FINISHED")
    tracked_runs.end(parent, "FAILED")
    assert [status(run) for run in (parent, child, done, stranger)] == ["FAILED", "FAILED", "FINISHED", "RUNNING"]


def test_a_run_whose_process_is_gone_is_killed_and_no_other(store: str, experiment: str) -> None:
    own = started(store, experiment, process=ENDED)
    live = started(store, experiment, process=processes.identity())
    elsewhere = started(store, experiment, process="elsewhere:1:2")
    unknown = started(store, experiment)
    orphan = started(store, experiment, process=ENDED)
    tracked_runs.end_orphans(own)
    assert [status(run) for run in (own, live, elsewhere, unknown)] == ["RUNNING"] * 4
    assert status(orphan) == "KILLED"


def test_a_lost_server_is_reported_in_one_line_without_its_password() -> None:
    run = begun("v1")
    assert (tracked_runs.reason_untracked(), tracked_runs.loss()) == (None, None)
    reported = tracked_runs.note_loss(ConnectionError("http://ada:love@server:5000 is away\nTraceback ..."))
    assert tracked_runs.reason_untracked() == "the tracking server was lost during the run"
    assert tracked_runs.loss() == run.loss == reported == "ConnectionError: http://server:5000 is away"
    tracked_runs.note_loss(ConnectionError())
    assert tracked_runs.loss() == "ConnectionError: "


def test_a_loss_outside_every_run_is_reported_to_the_caller_and_kept_nowhere() -> None:
    assert tracked_runs.note_loss(ConnectionError("gone")) == "ConnectionError: gone"
    assert (tracked_runs.reason_untracked(), tracked_runs.loss()) == (None, None)


def test_the_next_run_does_not_know_the_loss_of_the_last_one() -> None:
    first = begun("v1")
    tracked_runs.note_loss(ConnectionError("gone"))
    open_run.close(first)
    begun("v2")
    assert (tracked_runs.reason_untracked(), tracked_runs.loss()) == (None, None)
