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
def publish(path: Path, *, exclusive: bool = False) -> Iterator[Path]:
    """Yield a temporary name beside ``path``; what is written there becomes ``path`` when the block ends without error.

    The content and then the folder are flushed to the disk. A reader sees the old file, the new one, or none.

    Parameters
    ----------
    path
        Where the file will appear. Its folder is made.
    exclusive
        Whether an existing file must stay: a version is written only once.

    Raises
    ------
    FileExistsError
        ``exclusive``, and the file exists already.
    OSError
        The disk is full or the folder cannot be written to; no part of the file is left.
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


def write_error(path: Path, error: OSError) -> StorageError:
    """Make the error for a file that could not be written, with the reason."""
    return StorageError(
        f"{path.name} cannot be written.",
        expected=f"space and permission in {path.parent}",
        got=error.strerror or str(error),
        fix="free space or allow writing there, then run again: no partial file was left",
    )


def flush(path: Path) -> None:
    """Flush a file, or the list of names of a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def leftovers(folder: Path) -> list[Path]:
    """List the temporary files of processes that no longer exist."""
    return [path for path in sorted(folder.rglob(f".*{PARTIAL}")) if _is_orphan(path)]


def _is_orphan(path: Path) -> bool:
    """Return whether the process in a temporary name, ``.<name>.<host:pid:start>.<hex>.partial``, no longer exists."""
    head, _, tail = path.name.removesuffix(PARTIAL).rpartition(".")[0].partition(f".{socket.gethostname()}:")
    return bool(head and tail) and processes.is_gone(f"{socket.gethostname()}:{tail}")


@contextmanager
def hold_lock(path: Path, what: str) -> Iterator[None]:
    """Hold a lock until the block ends; log it if another process makes this one wait.

    The operating system releases the lock however the process ends, so no lock can be left over.

    Parameters
    ----------
    path
        The file of the lock. It stays, empty.
    what
        What is locked, for the log.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _log.info("waiting for another process to finish with %s (%s)", what, path.name)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
