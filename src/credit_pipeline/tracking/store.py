"""The store that runs are tracked in: a sqlite file made whole, once, by whoever starts; or a server that is away."""

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
def prepared(tracking_uri: str) -> Iterator[None]:
    """Make the store if it is a sqlite file that is missing; nobody else makes one, or an experiment in it, meanwhile.

    MLflow writes its tables one after the other: two processes at once, or one that is killed, leave a store that no
    later start can use.
    """
    if not tracking_uri.startswith(_SQLITE):
        yield
        return
    path = Path(tracking_uri.removeprefix(_SQLITE)).resolve()
    with atomic.locked(path.with_name(f".{path.name}.lock"), "preparing the MLflow store"):
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
    """Name host and port, never who logs in."""
    return (uri.hostname or "") + (f":{uri.port}" if uri.port else "")


def _innermost(error: BaseException) -> str:
    """Name the error that all began with; its message may hold the address with a password."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return type(error).__name__


def unavailable(error: Exception) -> TrackingUnavailableError:
    """Say that the tracking server does not answer, and where it should."""
    uri = urlsplit(mlflow.get_tracking_uri())
    return TrackingUnavailableError(
        "The tracking server does not answer.",
        expected=f"an MLflow tracking server or store at {uri.scheme}://{_host(uri)}{uri.path}",
        got=_innermost(error),
        fix="start the server, or correct MLFLOW_TRACKING_URI; without it the sqlite store of the project is used",
    )
