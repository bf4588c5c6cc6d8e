"""Print a lock without its hashes: ``python unhashed_lock.py LOCK``.

``mlflow run`` builds environments from a requirements file in which no option can stand. Hashes there would refuse the
one package that the lock leaves out on purpose, so its file has the versions alone.
"""

import re
import sys
from pathlib import Path


def unhashed(lock: str) -> str:
    """Give the pinned packages of a lock with their markers, one a line."""
    return "".join(f"{found.strip()}\n" for found in re.findall(r"^[A-Za-z0-9][\w.-]*==[^\\\n]*", lock, re.MULTILINE))


if __name__ == "__main__":
    sys.stdout.write(unhashed(Path(sys.argv[1]).read_text(encoding="utf-8")))
