import errno
import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import HANG
from credit_pipeline.storage.atomic import PARTIAL, hold_lock, leftovers, publish

OLD, NEW = b"old" * 1000, b"new" * 1000


class Interrupted(Exception):  # noqa: N818  # what interrupts a writer here
    """Ends a writer halfway."""


def write(target: Path, content: bytes, *, end: type[BaseException] | None = None, exclusive: bool = False) -> None:
    """Write the content, or half of it and then end."""
    with publish(target, exclusive=exclusive) as temporary:
        temporary.write_bytes(content[: len(content) // 2] if end else content)
        if end is not None:
            raise end


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_the_new_content_stands_in_place_of_the_old(tmp_path: Path) -> None:
    target = tmp_path / "table"
    for content in (OLD, NEW):
        write(target, content)
        assert target.read_bytes() == content
        assert names(tmp_path) == ["table"]


def test_until_the_block_ends_a_reader_sees_the_old_content(tmp_path: Path) -> None:
    target = tmp_path / "table"
    target.write_bytes(OLD)
    with publish(target) as temporary:
        temporary.write_bytes(NEW)
        assert target.read_bytes() == OLD
    assert target.read_bytes() == NEW


@pytest.mark.parametrize("by", [Interrupted, OSError, KeyboardInterrupt, SystemExit])
def test_a_writer_that_ends_halfway_leaves_the_old_content_alone(by: type[BaseException], tmp_path: Path) -> None:
    target = tmp_path / "table"
    target.write_bytes(OLD)
    with pytest.raises(by):
        write(target, NEW, end=by)
    assert target.read_bytes() == OLD
    assert names(tmp_path) == ["table"]


def test_a_writer_that_ends_halfway_leaves_nothing_where_nothing_was(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        write(tmp_path / "table", NEW, end=Interrupted)
    assert names(tmp_path) == []


def test_a_writer_that_writes_nothing_publishes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "table"
    target.write_bytes(OLD)
    with pytest.raises(FileNotFoundError), publish(target):
        pass
    assert target.read_bytes() == OLD
    assert names(tmp_path) == ["table"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_fails_at_the_last_step_leaves_the_old_content_alone(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    target = tmp_path / "table"
    target.write_bytes(OLD)
    monkeypatch.setattr("os.fsync" if step == "fsync" else "pathlib.Path.replace", full)
    with pytest.raises(OSError, match="No space left"):
        write(target, NEW)
    assert target.read_bytes() == OLD
    assert names(tmp_path) == ["table"]


def test_the_content_reaches_the_disk_before_its_name_and_the_name_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[str] = []
    paths: dict[int, Path] = {}
    open_file, flush, replace = os.open, os.fsync, Path.replace

    def opened(path: Path, flags: int, **asked: int) -> int:
        descriptor = open_file(path, flags, **asked)
        paths[descriptor] = Path(path)
        return descriptor

    def flushed(descriptor: int) -> None:
        reported.append(f"flush {paths[descriptor].suffix}")
        flush(descriptor)

    def replaced(source: Path, target: Path) -> Path:
        reported.append("rename")
        return replace(source, target)

    monkeypatch.setattr("os.open", opened)
    monkeypatch.setattr("os.fsync", flushed)
    monkeypatch.setattr("pathlib.Path.replace", replaced)
    write(tmp_path / "folder" / "table", NEW)
    # A folder's name has no suffix.
    assert reported == [f"flush {PARTIAL}", "rename", "flush "]


def test_the_temporary_file_is_hidden_beside_its_target(tmp_path: Path) -> None:
    # Beside it: only within one file system is a rename one step.
    with publish(tmp_path / "table.parquet") as one, publish(tmp_path / "table.parquet") as other:
        assert one.parent == other.parent == tmp_path
        assert one.name.startswith(".table.parquet.")
        assert one.suffix == PARTIAL
        assert one != other
        one.write_bytes(OLD)
        other.write_bytes(NEW)


def test_missing_folders_are_made(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "table", NEW)
    assert (tmp_path / "a" / "b" / "table").read_bytes() == NEW


def test_an_exclusive_file_is_written_once(tmp_path: Path) -> None:
    for content in (OLD, NEW):
        with nullcontext() if content == OLD else pytest.raises(FileExistsError):
            write(tmp_path / "version", content, exclusive=True)
    assert (tmp_path / "version").read_bytes() == OLD
    assert names(tmp_path) == ["version"]


def test_of_two_exclusive_writers_the_first_to_end_wins_and_the_other_hears_of_it(tmp_path: Path) -> None:
    def slow() -> None:
        with publish(tmp_path / "version", exclusive=True) as temporary:
            temporary.write_bytes(NEW)
            write(tmp_path / "version", OLD, exclusive=True)

    with pytest.raises(FileExistsError):
        slow()
    assert (tmp_path / "version").read_bytes() == OLD
    assert names(tmp_path) == ["version"]


KILLED = """
import os, signal, sys
from pathlib import Path
from credit_pipeline.storage.atomic import publish
with publish(Path(sys.argv[1])) as temporary:
    temporary.write_bytes(b"new")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_writer_that_is_killed_leaves_the_old_content_alone_and_can_be_tidied_up_after(tmp_path: Path) -> None:
    target = tmp_path / "table"
    target.write_bytes(OLD)
    done = subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert target.read_bytes() == OLD
    (left,) = (path for path in tmp_path.iterdir() if path != target)
    assert left.suffix == PARTIAL
    assert leftovers(tmp_path) == [left]


def test_what_a_live_writer_or_nobody_known_has_begun_is_no_leftover(tmp_path: Path) -> None:
    (tmp_path / f".table.elsewhere:1:2.abc{PARTIAL}").touch()
    (tmp_path / f".notes{PARTIAL}").touch()
    with publish(tmp_path / "table") as temporary:
        temporary.write_bytes(NEW)
        assert leftovers(tmp_path) == []


def test_a_lock_makes_the_next_one_wait_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    order: list[str] = []

    def second() -> None:
        with hold_lock(tmp_path / "lock", "the store"):
            order.append("second")

    waiting = Thread(target=second)
    with hold_lock(tmp_path / "lock", "the store"):
        waiting.start()
        while not caplog.messages:
            waiting.join(0.01)
            assert waiting.is_alive()
        order.append("first")
    waiting.join(HANG)
    assert not waiting.is_alive()
    assert order == ["first", "second"]
    assert caplog.messages == ["waiting for another process to finish with the store (lock)"]


@pytest.mark.parametrize("end", [None, Interrupted])
def test_a_lock_is_let_go_of_however_the_block_ends(
    end: type[Exception] | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with nullcontext() if end is None else pytest.raises(Interrupted), hold_lock(tmp_path / "lock", "the store"):
        if end is not None:
            raise end
    with hold_lock(tmp_path / "lock", "the store"):
        assert caplog.messages == []


@settings(max_examples=40)
@given(st.lists(st.tuples(st.binary(max_size=50), st.booleans()), max_size=8))
def test_after_any_writers_the_content_is_that_of_the_last_that_ended_well(writers: list[tuple[bytes, bool]]) -> None:
    with TemporaryDirectory() as folder:
        target = Path(folder, "table")
        for content, well in writers:
            with nullcontext() if well else pytest.raises(Interrupted):
                write(target, content, end=None if well else Interrupted)
        ended_well = [content for content, well in writers if well]
        assert [path.read_bytes() for path in Path(folder).iterdir()] == ended_well[-1:]
