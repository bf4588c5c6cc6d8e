"""List where the project breaks its own conventions: ``python tools/check_conventions.py``."""

import sys
from pathlib import Path

from conventions import CHECKS

if __name__ == "__main__":
    faults = [f"{check.__name__}: {fault}" for check in CHECKS for fault in check(Path(__file__).parents[1])]
    sys.exit("\n".join(faults) or 0)
