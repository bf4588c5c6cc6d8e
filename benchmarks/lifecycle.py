"""Compare `kedro run` with a plain script that makes the same fits, in turns on one machine: ``make benchmark``.

The plain script reads the same YAML and calls the same functions for split, features, recipes, searches, final fits and
intervals. In addition, `kedro run` checks the contract, writes versioned files, writes to MLflow (a run for each model,
with figures and a model with a signature), registers a version, and loads the registered model in a new process.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
COPIED = ("conf", "data/01_raw", "pyproject.toml", "requirements.lock", "src", ".telemetry")
REPETITIONS = 3


def copied(folder: Path) -> Path:
    """Copy the files that a run needs."""
    for name in COPIED:
        source, target = PROJECT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return folder


def seconds(command: list[str], folder: Path) -> float:
    """Return the wall time of a process, from its start to its end."""
    environment = {**os.environ, "DO_NOT_TRACK": "true", "PYTHONPATH": str(folder / "src")}
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def measured() -> tuple[list[float], list[float]]:
    """Return the seconds of `kedro run`, each time on a new copy, and of the plain script, in turns."""
    lifecycle, plain = [], []
    script = [sys.executable, str(PROJECT / "benchmarks/plain_script.py")]
    for repetition in range(REPETITIONS):
        with tempfile.TemporaryDirectory() as name:
            folder = copied(Path(name))
            lifecycle.append(seconds([sys.executable, "-m", "kedro", "run"], folder))
            plain.append(seconds([*script, str(folder)], folder))
        print(f"{repetition + 1}: kedro run {lifecycle[-1]:.1f} s, plain script {plain[-1]:.1f} s")
    return lifecycle, plain


if __name__ == "__main__":
    lifecycle, plain = measured()
    ratio = statistics.median(lifecycle) / statistics.median(plain)
    print(
        f"{os.cpu_count()} cores, {REPETITIONS} turns: `kedro run` takes {ratio:.2f} times as long as the plain script"
    )
