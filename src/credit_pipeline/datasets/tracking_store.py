"""The sqlite store of a project: made whole, once, however many processes start on a fresh project together."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

from credit_pipeline.datasets import atomic

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
    path = Path(tracking_uri.removeprefix(_SQLITE))
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
