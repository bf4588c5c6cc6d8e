"""Which code ran: the revision, and hashes of the source code and of the lock file."""

import hashlib
import subprocess
from pathlib import Path
from typing import Any, Final, NoReturn

from kedro.io import AbstractDataset
from kedro.io.core import DatasetError

PACKAGE: Final = Path(__file__).parents[1]
"""The folder of this package, whose source code is hashed."""


class Provenance(AbstractDataset[None, dict[str, str]]):
    """Code revision, and hashes of the package's source code and of ``requirements.lock``; read-only.

    Parameters
    ----------
    lock
        Path of the lock file.
    """

    def __init__(self, *, lock: str, metadata: dict[str, Any] | None = None) -> None:
        self._lock = Path(lock)
        self.metadata = metadata

    def load(self) -> dict[str, str]:
        """Compute the hashes from the content of the files: a new commit message does not change them."""
        sources = sorted(PACKAGE.rglob("*.py"))
        return {
            "code_revision": git(self._lock.parent, "rev-parse", "HEAD") or "unknown",
            "source_sha256": _hash({str(path.relative_to(PACKAGE)): path.read_bytes() for path in sources}),
            "lock_sha256": _hash({self._lock.name: self._lock.read_bytes()}),
        }

    def save(self, data: None) -> NoReturn:  # noqa: ARG002  # the signature is Kedro's
        """Raise an error: the source code is not an output."""
        raise DatasetError("provenance is read-only")

    def _describe(self) -> dict[str, Any]:
        return {"lock": str(self._lock)}


def git(folder: Path, *arguments: str) -> str:
    """Run git and return its output; empty if there is no git or no repository."""
    try:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603  # git
    except (OSError, subprocess.CalledProcessError):
        return ""


def _hash(contents: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
