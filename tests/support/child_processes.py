"""Worker processes of a run, as the system lists them: the product's own list is not asked."""

import contextlib
from pathlib import Path

WORKER = b"joblib.externals.loky.backend.popen_loky"
# Fields of /proc/<pid>/stat after the name.
STATE, PARENT, STARTED = 0, 1, 19


def workers_of(process: int) -> list[str]:
    """Name the live workers below a process, each by its number and when it started: numbers are used again."""
    listed = {int(stat.parent.name): fields(stat) for stat in Path("/proc").glob("[0-9]*/stat")}
    children = [number for number, reported in listed.items() if reported and int(reported[PARENT]) == process]
    mine = [f"{child}:{listed[child][STARTED]}" for child in children if is_worker(child)]
    return mine + [found for child in children for found in workers_of(child)]


def is_worker(process: int) -> bool:
    with contextlib.suppress(OSError):
        return WORKER in Path(f"/proc/{process}/cmdline").read_bytes()
    return False


def is_alive(worker: str) -> bool:
    """Say whether a worker still runs, or is stopped; one that ended and waits to be collected does not."""
    number, _, started = worker.partition(":")
    reported = fields(Path(f"/proc/{number}/stat"))
    return bool(reported) and reported[STARTED] == started and reported[STATE] not in "ZX"


def fields(stat: Path) -> list[str]:
    """Split what follows the name, which may hold blanks and brackets; nothing of a process that is gone."""
    with contextlib.suppress(OSError):
        return stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return []
