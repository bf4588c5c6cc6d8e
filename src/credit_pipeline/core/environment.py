"""Environment variables that a call may change and that must be as before when it ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def restore_variable(name: str) -> Iterator[None]:
    """Restore the former value of an environment variable when the block ends; remove it if it had none.

    MLflow writes ``MLFLOW_TRACKING_URI`` and Kedro ``KEDRO_ENV``. The next run in the process would read what they
    wrote as a user's setting.

    Examples
    --------
    >>> with restore_variable("NOT_SET_BEFORE"):
    ...     os.environ["NOT_SET_BEFORE"] = "now"
    >>> "NOT_SET_BEFORE" in os.environ
    False
    """
    before = os.environ.get(name)
    try:
        yield
    finally:
        os.environ.pop(name, None)
        if before is not None:
            os.environ[name] = before
