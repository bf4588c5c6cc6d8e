"""Print the packages of the first lock that the others do not have: ``python lock_difference.py ALL BASE...``."""

import re
import sys
from pathlib import Path


def entries(lock: str) -> dict[str, str]:
    """Return each pinned package of a lock with its hashes."""
    text = Path(lock).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    return {block.split("\\")[0].strip(): block for block in blocks if "==" in block.split("\n")[0]}


if __name__ == "__main__":
    everything, *bases = (entries(lock) for lock in sys.argv[1:])
    sys.stdout.write("".join(block for name, block in everything.items() if not any(name in base for base in bases)))
