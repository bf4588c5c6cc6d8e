"""The store that runs are tracked in: a sqlite file that the first run makes as a whole, or a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from uuid import uuid4

import mlflow
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

from credit_pipeline.errors import TrackingUnavailableError
from credit_pipeline.storage import atomic

_SQLITE = "sqlite:///"


@contextmanager
def prepare_store(tracking_uri: str) -> Iterator[None]:
    """Make the store if it is a missing sqlite file. No other run makes it, or an experiment in it, during the block.

    MLflow creates its tables one after the other. Two processes at the same time, or one that is killed, would leave a
    store that no later run can use.
    """
    if not tracking_uri.startswith(_SQLITE):
        yield
        return
    path = Path(tracking_uri.removeprefix(_SQLITE)).resolve()
    with atomic.hold_lock(path.with_name(f".{path.name}.lock"), "preparing the MLflow store"):
        if not path.exists():
            _make(path)
        yield


def _make(path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{uuid4().hex}{atomic.PARTIAL}")
    try:
        store = SqlAlchemyStore(f"{_SQLITE}{temporary}", path.with_name("mlartifacts").as_uri())  # type: ignore[no-untyped-call]
        store.engine.dispose()
        atomic.flush(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _host(uri: SplitResult) -> str:
    """Return host and port, never the user or the password."""
    return (uri.hostname or "") + (f":{uri.port}" if uri.port else "")


def _innermost(error: BaseException) -> str:
    """Return the type of the first error of a chain. Its message may hold the address with a password."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return type(error).__name__


def unavailable_error(error: Exception) -> TrackingUnavailableError:
    """Make the error for a tracking server that does not answer, with the address of the server."""
    uri = urlsplit(mlflow.get_tracking_uri())
    return TrackingUnavailableError(
        "The tracking server does not answer.",
        expected=f"an MLflow tracking server or store at {uri.scheme}://{_host(uri)}{uri.path}",
        got=_innermost(error),
        fix="start the server, or correct MLFLOW_TRACKING_URI; without it the sqlite store of the project is used",
    )
