"""A registered version as its users get it: loaded and used in a new process that shares no state with this one."""

import subprocess
import sys
import tempfile
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from credit_pipeline.errors import RegistryError
from credit_pipeline.modelling.scoring.scoring_model import answers_in
from credit_pipeline.tracking.registered_model import load_version


def predict(name: str, version: str, applications: pd.DataFrame) -> NDArray[np.float64]:
    """Predict with a registered version in a new Python process.

    Parameters
    ----------
    name, version
        The registered model and its version.
    applications
        Raw columns, shape (rows, columns).

    Returns
    -------
    numpy.ndarray
        Probability of default, or predicted value, shape (rows,).

    Raises
    ------
    RegistryError
        The process ended with an error.
    """
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder, "asked.parquet"), Path(folder, "answered.parquet")
        applications.to_parquet(asked, index=False)
        arguments = [mlflow.get_tracking_uri(), name, version, str(asked), str(answered)]
        command = [sys.executable, "-m", "credit_pipeline.tracking.fresh_process", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own module
        if done.returncode:
            raise RegistryError(
                f"{name} version {version} could not be loaded in a fresh process.",
                expected="exit code 0",
                got=f"exit code {done.returncode}: {_last_words(done.stderr)}",
                fix="run the command again; the version stays without the alias champion",
            )
        return answers_in(pd.read_parquet(answered))


def _last_words(printed: str, lines: int = 4) -> str:
    """Return the end of what a process printed: the error without its traceback."""
    error = printed.rpartition("Traceback (most recent call last):")[2]
    lines_left = [line.strip() for line in error.splitlines() if line.strip() and not line.startswith(" ")]
    return " ".join(lines_left[-lines:])


def main(tracking_uri: str, name: str, version: str, asked: str, answered: str) -> None:
    """Load a version, score one Parquet file and write another.

    Parameters
    ----------
    tracking_uri
        The store that holds the registry.
    name, version
        The registered model and its version.
    asked, answered
        Paths of the file with raw columns and of the file for the predictions.
    """
    mlflow.set_tracking_uri(tracking_uri)
    scored = load_version(name, version).model.predict(pd.read_parquet(asked))
    scored.to_parquet(answered, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
