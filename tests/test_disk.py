"""A disk that is full or must not be written to: a clean end, nothing partial, and all is well once there is room."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import copy_project
from credit_pipeline.datasets import atomic, run_record

STEPS = ["data_split", "feature_engineering", "training", "deployment"]


def kedro(project: Path, *options: str, blocks: str = "unlimited", tracking: str = "off") -> tuple[int, str]:
    """Run kedro under a limit of so many 512-byte blocks a file, which writes past it find like a full disk.

    Python writes no bytecode: it would keep a file that the limit cut off, and fail to read it the next time.
    """
    command = f'ulimit -f {blocks}; exec "{sys.executable}" -m kedro run --env test {" ".join(options)}'
    variables = {"PYTHONPATH": str(project / "src"), "CREDIT_PIPELINE_TRACKING": tracking, "COLUMNS": "200"}
    variables["PYTHONDONTWRITEBYTECODE"] = "1"
    done = subprocess.run(
        ["sh", "-c", command], cwd=project, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def statuses(project: Path) -> list[str]:
    return [str(record["status"]) for record in run_record.records(project / "data/test")]


def test_a_full_disk_ends_the_run_clean_and_room_mends_it(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    code, said = kedro(project, "--pipelines data_split", blocks="40")  # 20 kB: the first table is larger
    assert code == 1
    assert "StorageError: clean_applications.parquet cannot be written" in said
    assert "File too large" in said
    assert "Traceback" not in said
    assert statuses(project) == ["FAILED"]
    assert not list((project / "data/test").rglob(f"*{atomic.PARTIAL}"))
    assert not list((project / "data/test").rglob("*.parquet/*/*"))
    code, said = kedro(project, "--pipelines data_split")
    assert code == 0, said


def test_a_disk_too_full_for_the_record_of_a_run_is_told(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    code, said = kedro(project, "--pipelines data_split", blocks="0")
    assert code == 1
    assert ".json cannot be written" in said
    assert "Traceback" not in said
    assert not list((project / "data/test").rglob("*.json"))


@pytest.mark.slow
@pytest.mark.parametrize("blocks", ["60", "120", "200", "400", "800", "1600"])
def test_a_disk_that_is_full_somewhere_on_the_way_leaves_nothing_partial(blocks: str, tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    code, said = kedro(project, blocks=blocks)
    if code:
        assert "StorageError" in said
        assert statuses(project) == ["FAILED"]
    assert not list((project / "data/test").rglob(f"*{atomic.PARTIAL}"))
    assert kedro(project)[0] == 0


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


def test_a_folder_that_must_not_be_written_to_is_told(tmp_path: Path, unwritable: Path) -> None:
    project = copy_project(tmp_path / "project")
    (project / "data/test").mkdir(parents=True, exist_ok=True)
    (project / "data/test/02_intermediate").symlink_to(unwritable)
    try:
        code, said = kedro(project, "--pipelines data_split")
    finally:
        if not os.geteuid():
            subprocess.run(["umount", unwritable], check=True)
    assert code == 1
    assert "StorageError: clean_applications.parquet cannot be written" in said
    assert "Traceback" not in said
    (project / "data/test/02_intermediate").unlink()
    code, said = kedro(project, "--pipelines data_split")
    assert code == 0, said
