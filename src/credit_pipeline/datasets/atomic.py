"""Files that appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

PARTIAL = ".partial"


@contextmanager
def published(path: Path) -> Iterator[Path]:
    """Give a temporary name beside ``path``; what is written there becomes ``path`` when the block ends well.

    The content and then the folder are flushed to the disk, so a reader sees the old file, or the new one, or none.

    Parameters
    ----------
    path
        Where the file is to appear. Its folder is made.

    Raises
    ------
    OSError
        The disk is full or the folder cannot be written; nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid4().hex}{PARTIAL}")
    try:
        yield temporary
        _flush(temporary)
        temporary.replace(path)
        _flush(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
