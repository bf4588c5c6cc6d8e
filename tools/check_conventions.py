"""List where the project breaks its own conventions: ``python tools/check_conventions.py``."""

import sys
from pathlib import Path

from conventions import CHECKS, WARNINGS


def main(project: Path) -> int:
    """Print warnings and faults to stderr, one a line; give the exit code, which warnings leave at 0.

    Parameters
    ----------
    project
        The folder to look at.
    """
    for warning in (f"warning: {check.__name__}: {found}" for check in WARNINGS for found in check(project)):
        print(warning, file=sys.stderr)
    faults = [f"{check.__name__}: {fault}" for check in CHECKS for fault in check(project)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parents[1]))
