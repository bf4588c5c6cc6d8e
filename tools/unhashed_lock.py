"""Print a lock without its hashes: ``python unhashed_lock.py LOCK``.

``mlflow run`` builds environments from a requirements file that cannot contain options. With hashes, pip would reject
the one package that the lock leaves out on purpose. Therefore this file has only the versions.
"""

import re
import sys
from pathlib import Path


def unhashed(lock: str) -> str:
    """Return the pinned packages of a lock with their markers, one on each line."""
    return "".join(f"{found.strip()}\n" for found in re.findall(r"^[A-Za-z0-9][\w.-]*==[^\\\n]*", lock, re.MULTILINE))


if __name__ == "__main__":
    sys.stdout.write(unhashed(Path(sys.argv[1]).read_text(encoding="utf-8")))
