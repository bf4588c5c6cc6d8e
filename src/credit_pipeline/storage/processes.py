"""The identity of a process: it differs from that of a later process with the same number."""

import os
import socket
from pathlib import Path

_START_TIME = 19  # fields of /proc/<pid>/stat after the name: state is the first, the start time the twentieth


def identity(pid: int | None = None) -> str:
    """Name a process: host, number, and its start in clock ticks since the machine started.

    >>> identity() == identity(os.getpid())
    True
    """
    number = os.getpid() if pid is None else pid
    return f"{socket.gethostname()}:{number}:{_started(number)}"


def is_gone(named: str) -> bool:
    """Return whether a process of this machine has ended; ``False`` for processes of other machines.

    Parameters
    ----------
    named
        What ``identity`` returned.
    """
    host, number, started = named.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    return not _exists(int(number)) or _started(int(number)) != started


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _started(pid: int) -> str:
    """Return the start time of a process, or an empty text on a system that does not report it."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # pid (name) state parent ...: the name may hold blanks and brackets.
    return status.rpartition(")")[2].split()[_START_TIME]
