"""Serve the UI of MLflow and Kedro-Viz on the loopback address, and open them in a headless Chromium."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--force-color-profile=srgb",
    # Requests to other hosts get no answer: the pages must work on a machine without a network.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_LAST_PORT = 49151
# A server that is asked to stop gets the second before it is killed; the first ends a wait that hangs.
SECONDS_TO_START, SECONDS_TO_STOP = 3600, 10


def missing() -> str:
    """Say what is missing for a browser; empty if nothing is missing."""
    lacking = [str(path) for path in (CHROMIUM, DRIVER) if not path.exists()]
    return f"missing: {', '.join(lacking)} (Debian: apt install chromium chromium-driver)" if lacking else ""


@contextlib.contextmanager
def chromium(width: int = 1400, height: int = 900, scale: float = 1) -> Iterator[webdriver.Chrome]:
    """Open a browser with an empty profile; ``width`` and ``height`` of the page are in CSS pixels."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = str(CHROMIUM)
        for flag in (*_FLAGS, f"--user-data-dir={profile}", f"--force-device-scale-factor={scale}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
        try:
            page = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", page)
            yield driver
        finally:
            driver.quit()


@contextlib.contextmanager
def mlflow_ui(project: Path) -> Iterator[str]:
    """Serve the MLflow store of the project in one light process, as ``make ui`` does; give the address."""
    port = free_port()
    command = ["mlflow", "server", "--backend-store-uri", f"sqlite:///{project / 'mlflow.db'}", "--workers", "1"]
    light = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with served([*_module(*command), "--host", "127.0.0.1", "--port", str(port)], project, port, "/health", light):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def kedro_viz(folder: Path, environment: str) -> Iterator[str]:
    """Serve the lineage of the project that contains ``folder``; give the address."""
    port = free_port()
    command = _module("kedro", "viz", "run", "--no-browser", "--env", environment)
    with served([*command, "--host", "127.0.0.1", "--port", str(port)], folder, port, "/api/main"):
        yield f"http://127.0.0.1:{port}"


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def free_port() -> int:
    """Return a free loopback port, below the ports that Kedro-Viz does not accept."""
    while True:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = int(listener.getsockname()[1])
        if port <= _LAST_PORT:
            return port


@contextlib.contextmanager
def served(
    command: Sequence[str], folder: Path, port: int, ready: str, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Run a server until the block ends, and then end its whole process group; give the id of this group.

    Parameters
    ----------
    command
        The command to run, in a separate process group.
    folder
        Its working folder.
    port, ready
        The server is ready when it answers 200 to this path on this port.
    environment
        Variables in addition to those of this process.

    Raises
    ------
    RuntimeError
        The server ended, or was not ready in time. The message has the end of its output.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "PATH": path, "DO_NOT_TRACK": "true", **(environment or {})}
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            command, cwd=folder, env=variables, stdout=printed, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            if not answers(process, port, ready):
                printed.seek(0)
                raise RuntimeError(
                    f"{' '.join(command)} is not ready:\n{printed.read()[-2000:].decode(errors='replace')}"
                )
            yield process.pid
        finally:
            stop(process)


def answers(process: subprocess.Popen[Any], port: int, path: str) -> bool:
    """Wait until a server answers 200 to a path on a port; False if it ends, or hangs."""
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        if _status(port, path) == http.client.OK:
            return True
        time.sleep(0.1)
    return False


def _status(port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_TO_START)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def stop(process: subprocess.Popen[Any]) -> None:
    """End a process group: first with SIGTERM, then with SIGKILL."""
    for how, seconds in ((signal.SIGTERM, SECONDS_TO_STOP), (signal.SIGKILL, SECONDS_TO_START)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        deadline = time.monotonic() + seconds
        while living(process.pid) and time.monotonic() < deadline:
            process.poll()
            time.sleep(0.05)
    process.wait()


def living(group: int) -> list[int]:
    """Return the ids of the running processes of a group; zombies are not counted."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # pid (name) state parent group ...; the name may contain spaces and brackets
            state, _, of_group = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:3]
            if int(of_group) == group and state != "Z":
                found.append(int(stat.parent.name))
    return found
