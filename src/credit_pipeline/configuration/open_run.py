"""The run that is open in this process: one object that its session, its hooks and its datasets share."""

from dataclasses import dataclass, field
from typing import Final

from credit_pipeline.configuration.parameters import Configuration
from credit_pipeline.storage import RunRecord


@dataclass(frozen=True)
class TrackedRun:
    """An MLflow run: the store that holds it, and its ids."""

    tracking_uri: str
    experiment_id: str
    run_id: str


@dataclass(eq=False)
class OpenRun:
    """Everything that belongs to the run of one session.

    A ``LifecycleSession`` makes it before the run and closes it when the session ends. For any other Kedro session the
    first hook makes it.

    Attributes
    ----------
    configuration
        The checked configuration; ``None`` until Kedro's context exists.
    record
        The run's record on disk; ``None`` while nothing runs, as in a notebook that only loads datasets.
    hidden_versions
        Save versions that other processes are still writing. The run loads them only if they are asked for by name.
    recorded_as
        Save version of an earlier run that this one records in MLflow; ``None`` for a run that records itself.
    untracked
        Why nothing is written to MLflow; ``None`` if the run is tracked.
    loss
        How the tracking server was lost during the run; ``None`` if it was not.
    mlflow_run
        The run in MLflow, from its start to its end.
    has_end
        Whether its session calls ``close``. Kedro's own session reports its end to nobody.
    """

    configuration: Configuration | None = field(default=None, repr=False)
    record: RunRecord | None = field(default=None, repr=False)
    hidden_versions: frozenset[str] = frozenset()
    recorded_as: str | None = None
    untracked: str | None = None
    loss: str | None = None
    mlflow_run: TrackedRun | None = None
    has_end: bool = False


_open: Final[list[OpenRun]] = []
"""The open runs, the current one last: the only state of a run that a module holds.

Kedro makes datasets and calls nodes itself, so neither can be given the run. A ``ContextVar`` would not do: the threads
of ``ThreadRunner`` do not inherit it. Kedro holds its settings and pipelines per process too, so two sessions cannot
run at the same time in one process; one inside the other can.
"""


def enter(run: OpenRun) -> None:
    """Make a run the current one. One whose session reports no end replaces the last such run."""
    kept = [other for other in _open if other is not run and (other.has_end or run.has_end)]
    _open[:] = [*kept, run]


def close(run: OpenRun) -> None:
    """Forget a run; the one that was current before it is current again."""
    _open[:] = [other for other in _open if other is not run]


def current() -> OpenRun | None:
    """Return the current run, or ``None`` outside of every session."""
    return _open[-1] if _open else None
