"""One run at a time looks at the champion a last time, decides and moves the aliases."""

import fcntl
from pathlib import Path
from types import SimpleNamespace

import pytest
from kedro.pipeline import Node

from credit_pipeline import configuration
from credit_pipeline.pipelines.deployment.pipeline import TAG
from credit_pipeline.runs.promotion_lock import PromotionLock


def decide(version: str, current: str) -> tuple[str, str]:
    return version, current


PROMOTE = Node(decide, ["version", "current"], ["report", "champion"], name="promote", tags=TAG)
OTHER = Node(decide, ["version", "current"], ["plan", "table"], name="another")


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(configuration, "current", lambda: SimpleNamespace(folder_path=tmp_path))
    return tmp_path / "runs/.promotion.lock"


def is_free(lock: Path) -> bool:
    if not lock.exists():
        return True
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_the_lock_is_held_from_the_first_input_to_the_last_output(lock: Path) -> None:
    turn = PromotionLock()
    for _ in PROMOTE.inputs:
        turn.before_dataset_loaded(PROMOTE)
    assert not is_free(lock)
    turn.after_dataset_saved("report", PROMOTE)
    assert not is_free(lock)
    turn.after_dataset_saved("champion", PROMOTE)
    assert is_free(lock)


def test_an_error_lets_the_next_run_in(lock: Path) -> None:
    turn = PromotionLock()
    turn.before_dataset_loaded(PROMOTE)
    turn.on_pipeline_error()
    assert is_free(lock)
    turn.before_dataset_loaded(PROMOTE)
    assert not is_free(lock)
    turn.on_pipeline_error()


def test_other_nodes_wait_for_nobody(lock: Path) -> None:
    turn = PromotionLock()
    turn.before_dataset_loaded(OTHER)
    assert is_free(lock)
    turn.before_dataset_loaded(PROMOTE)
    turn.after_dataset_saved("table", OTHER)
    assert not is_free(lock)
    turn.on_pipeline_error()
