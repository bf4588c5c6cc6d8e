"""The record of each run on disk: what it read and wrote, and how it ended. The end is written last."""

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from credit_pipeline.storage import processes
from credit_pipeline.storage.atomic import leftovers, publish, write_error

RUNNING, FINISHED, FAILED, KILLED = "RUNNING", "FINISHED", "FAILED", "KILLED"
Document = dict[str, Any]
_log = logging.getLogger(__name__)


class RunRecord:
    """The record of one run.

    Parameters
    ----------
    folder
        The environment's data folder; records lie in ``runs`` below it.
    save_version
        The run's Kedro save version, which names its record.
    """

    def __init__(self, folder: Path, save_version: str) -> None:
        self.folder = folder
        self._path = folder / "runs" / f"{save_version}.json"
        self.save_version = save_version
        self.inputs: dict[str, Document] = {}
        self.outputs: dict[str, Document] = {}
        self._head: Document = {}

    def open(self, head: Mapping[str, Any]) -> None:
        """Record that the run has started.

        Parameters
        ----------
        head
            What is known about it: environment, what was asked for.

        Raises
        ------
        FileExistsError
            Another run that started in the same millisecond has this save version.
        """
        self._head = {**head, "process": processes.identity(), "started": _now()}
        self._write({"status": RUNNING}, exclusive=True)

    def amend(self, **known: object) -> None:
        """Add facts to the record of a run that is still running."""
        self._head |= known
        self._write({"status": RUNNING})

    def close(self, status: str) -> None:
        """Record how the run ended: the last thing that it does."""
        self._write({"status": status, "ended": _now()})

    def _write(self, state: Document, *, exclusive: bool = False) -> None:
        document = {"save_version": self.save_version, **state, **self._head}
        _publish(self._path, {**document, "inputs": self.inputs, "outputs": self.outputs}, exclusive=exclusive)


def _publish(path: Path, document: Document, *, exclusive: bool = False) -> None:
    try:
        with publish(path, exclusive=exclusive) as temporary:
            temporary.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    except FileExistsError:
        raise
    except OSError as error:
        raise write_error(path, error) from error


def _path_of(folder: Path, save_version: str) -> Path:
    return folder / "runs" / f"{save_version}.json"


def records(folder: Path) -> Iterator[Document]:
    """Yield the records of all runs, oldest first."""
    for path in sorted((folder / "runs").glob("*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def record_of(folder: Path, save_version: str) -> Document | None:
    """Return the record of one run, or ``None``."""
    return next((found for found in records(folder) if found["save_version"] == save_version), None)


def is_orphan(record: Document) -> bool:
    """Return whether a run has no recorded end although its process no longer exists."""
    return record["status"] == RUNNING and processes.is_gone(record["process"])


def live_versions(folder: Path) -> frozenset[str]:
    """List the save versions of other processes that are still running: they are not complete yet."""
    mine = processes.identity()
    return frozenset(
        record["save_version"]
        for record in records(folder)
        if record["status"] == RUNNING and record["process"] != mine and not processes.is_gone(record["process"])
    )


def end_orphan(folder: Path, record: Document) -> None:
    """Record as KILLED a run whose process no longer exists."""
    ended = {**record, "status": KILLED, "error": "its process ended without recording an end"}
    _publish(_path_of(folder, record["save_version"]), ended)
    _log.warning("run %s did not record an end and its process no longer exists: set to KILLED", record["save_version"])


def sweep(folder: Path) -> None:
    """Clean up after runs whose process no longer exists: end their records, remove their temporary files."""
    for record in filter(is_orphan, records(folder)):
        end_orphan(folder, record)
    for path in leftovers(folder):
        path.unlink(missing_ok=True)


def mark_tracked(folder: Path, save_version: str) -> None:
    """Mark a run as tracked."""
    if (record := record_of(folder, save_version)) is not None:
        _publish(_path_of(folder, save_version), {**record, "tracked": True})


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _now() -> str:
    return datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
