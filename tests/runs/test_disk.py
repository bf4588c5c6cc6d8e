"""A disk that is full or must not be written to: a clean end, nothing partial, and all is well once there is room."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from conftest import Run, copy_project, run_to_end
from credit_pipeline.storage import atomic, run_record

pytestmark = pytest.mark.takes_long

STEPS = ["data_split", "feature_engineering", "training", "deployment"]


def full_for(call: str, when: int) -> list[str]:
    """Give the program under which one call of a run, or every write past so many 512-byte blocks, finds the disk full.

    Every write is what a limit on a file's size does, a single call of the kernel what ``strace`` answers in its place.
    """
    if call == "write":
        return ["sh", "-c", f'ulimit -f {when}; exec "$0" "$@"']
    called = {"link": "link,linkat", "rename": "rename,renameat,renameat2"}.get(call, call)
    inject = f"inject={called}:error=ENOSPC:when={when}"
    return ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={called}", "-e", inject]


def kedro(project: Path, *options: str, under: Sequence[str] = ()) -> tuple[int, str]:
    """Run kedro under another program, on the disk alone: sqlite's own calls are not meant.

    Python writes no bytecode: it would keep a file that the limit cut off, and fail to read it the next time.
    """
    command = [*under, sys.executable, "-m", "kedro", "run", "--env", "test", *options]
    variables = {"PYTHONPATH": str(project / "src"), "CREDIT_PIPELINE_TRACKING": "off", "COLUMNS": "200"}
    variables["PYTHONDONTWRITEBYTECODE"] = "1"
    done = run_to_end(command, cwd=project, env={**os.environ, **variables})
    return done.returncode, done.stdout + done.stderr


def statuses(project: Path) -> list[str]:
    return [str(record["status"]) for record in run_record.records(project / "data/test")]


def test_a_full_disk_ends_the_run_clean_and_room_fixes_it(
    tmp_path: Path, kedro_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy_project(tmp_path)
    code, said = kedro(
        project, "--pipelines", "data_split", under=full_for("write", 40)
    )  # 20 kB: the first table is larger
    assert code == 1
    assert "StorageError: clean_applications.parquet cannot be written" in said
    assert "File too large" in said
    assert "Traceback" not in said
    assert statuses(project) == ["FAILED"]
    assert not list((project / "data/test").rglob(f"*{atomic.PARTIAL}"))
    assert not list((project / "data/test").rglob("*.parquet/*/*"))
    run_again(project, kedro_run, monkeypatch)


def run_again(project: Path, kedro_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check that a run of the pipeline that failed finishes now."""
    monkeypatch.setenv("CREDIT_PIPELINE_TRACKING", "off")
    kedro_run(project, pipeline_names=["data_split"])
    assert statuses(project) == ["FAILED", "FINISHED"]


def test_a_disk_too_full_for_the_record_of_a_run_is_reported(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    code, said = kedro(project, "--pipelines", "data_split", under=full_for("write", 0))
    assert code == 1
    assert ".json cannot be written" in said
    assert "Traceback" not in said
    assert not list((project / "data/test").rglob("*.json"))


FULL = [("write", blocks) for blocks in (60, 120, 200, 400, 800, 1600)]
FULL += [(call, number) for call in ("fsync", "link", "rename") for number in (9, 30)]


@pytest.mark.slow
@pytest.mark.parametrize(("call", "when"), FULL)
def test_a_disk_that_is_full_somewhere_on_the_way_leaves_nothing_partial(call: str, when: int, tmp_path: Path) -> None:
    if call != "write" and shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    project = copy_project(tmp_path)
    code, said = kedro(project, under=full_for(call, when))
    assert "Traceback" not in said
    if code:
        assert "StorageError" in said
        assert statuses(project) == ["FAILED"]
    assert not list((project / "data/test").rglob(f"*{atomic.PARTIAL}"))
    code, said = kedro(project)
    assert code == 0, said


@pytest.fixture
def unwritable(tmp_path: Path) -> Path:
    """Give a folder into which not even root can write."""
    folder = tmp_path / "unwritable"
    folder.mkdir()
    if os.geteuid():
        folder.chmod(0o555)
        return folder
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"root may not mount here: {mounted.stderr.strip()}")
    return folder


def test_a_folder_that_must_not_be_written_to_is_reported(
    tmp_path: Path, unwritable: Path, kedro_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy_project(tmp_path / "project")
    (project / "data/test").mkdir(parents=True, exist_ok=True)
    (project / "data/test/02_intermediate").symlink_to(unwritable)
    try:
        code, said = kedro(project, "--pipelines", "data_split")
    finally:
        if not os.geteuid():
            subprocess.run(["umount", unwritable], check=True)
    assert code == 1
    assert "StorageError: clean_applications.parquet cannot be written" in said
    assert "Traceback" not in said
    (project / "data/test/02_intermediate").unlink()
    run_again(project, kedro_run, monkeypatch)
