"""Files that appear whole or not at all."""

import fcntl
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from credit_pipeline.errors import StorageError
from credit_pipeline.storage import processes

PARTIAL = ".partial"
_log = logging.getLogger(__name__)


@contextmanager
def published(path: Path, *, exclusive: bool = False) -> Iterator[Path]:
    """Give a temporary name beside ``path``; what is written there becomes ``path`` when the block ends well.

    The content and then the folder are flushed to the disk, so a reader sees the old file, or the new one, or none.

    Parameters
    ----------
    path
        Where the file is to appear. Its folder is made.
    exclusive
        Whether a file that is there already must stay: versions are written once.

    Raises
    ------
    FileExistsError
        ``exclusive``, and the file is there.
    OSError
        The disk is full or the folder cannot be written; nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{processes.identity()}.{uuid4().hex}{PARTIAL}")
    try:
        yield temporary
        flush(temporary)
        if exclusive:
            os.link(temporary, path)
        else:
            temporary.replace(path)
        flush(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def not_written(path: Path, error: OSError) -> StorageError:
    """Tell that a file could not be written, and why."""
    return StorageError(
        f"{path.name} cannot be written.",
        expected=f"space and permission in {path.parent}",
        got=error.strerror or str(error),
        fix="make room, or let the run write there, and run again: nothing partial was left behind",
    )


def flush(path: Path) -> None:
    """Flush a file, or a folder's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def leftovers(folder: Path) -> list[Path]:
    """List what processes that are gone had begun to write."""
    return [path for path in sorted(folder.rglob(f".*{PARTIAL}")) if _is_orphan(path)]


def _is_orphan(path: Path) -> bool:
    """Whether the process that a temporary name tells, ``.<name>.<host:pid:start>.<hex>.partial``, is gone."""
    head, _, tail = path.name.removesuffix(PARTIAL).rpartition(".")[0].partition(f".{socket.gethostname()}:")
    return bool(head and tail) and processes.is_gone(f"{socket.gethostname()}:{tail}")


@contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Hold a lock until the block ends; say so if another process makes this one wait.

    The system lets go of it when the process ends in whatever way, so no lock can be left behind.

    Parameters
    ----------
    path
        The lock's file; it stays, empty.
    what
        What is locked, for the message.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _log.info("waiting for another process to finish with %s (%s)", what, path.name)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
