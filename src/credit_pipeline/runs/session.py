"""A run with a true end: recorded on the disk as finished, failed or killed, whatever ended it."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from kedro.framework.session import KedroSession

from credit_pipeline import configuration
from credit_pipeline.errors import TrackingUnavailableError
from credit_pipeline.storage import RunRecord, run_record
from credit_pipeline.storage.run_record import FAILED, FINISHED, KILLED

_TOLD = (str, list, tuple, dict)
_STOPPING = (signal.SIGINT, signal.SIGTERM)


class LifecycleSession(KedroSession):
    """Kedro's session, whose run is recorded from its first to its last act.

    Kedro tells its hooks of exceptions, but not of Ctrl-C, nor of being told to stop.
    """

    def run(self, *asked: Any, **options: Any) -> dict[str, Any]:  # noqa: ANN401  # Kedro's own options, handed on
        """Run pipelines, and write at the very end how that went."""
        record = self._opened_record(options)
        run_record.sweep(record.folder)
        status = FAILED
        try:
            with _stoppable(), configuration.tracking_uri_kept():
                result: dict[str, Any] = super().run(*asked, **options)
            status = FINISHED
            self._tell_if_untracked(record)
        except KeyboardInterrupt:
            status = KILLED
            self._tell_interrupted()
            raise
        finally:
            record.close(status)
        return result

    def _opened_record(self, options: dict[str, Any]) -> RunRecord:
        """Open a record under a save version that no other run has: two may start in one millisecond."""
        loader = self._get_config_loader()
        folder = self._project_path / loader["globals"]["folder"]
        told = {name: value for name, value in options.items() if value and isinstance(value, _TOLD)}
        head = {"environment": loader.env or "base", "asked": told}
        while True:
            record = RunRecord(folder, self.session_id)
            with suppress(FileExistsError):
                record.open(head)
                return record
            self.session_id = _next_version(self.session_id)
            self._store["session_id"] = self.session_id

    def _tell_interrupted(self) -> None:
        for plugin in self._hook_manager.get_plugins():
            if hasattr(plugin, "interrupted"):
                plugin.interrupted()

    def _tell_if_untracked(self, record: RunRecord) -> None:
        from credit_pipeline.tracking import tracked_runs  # noqa: PLC0415  # imported with MLflow, by now

        record.amend(tracked=tracked_runs.offline() is None)
        if reason := tracked_runs.loss():
            raise TrackingUnavailableError(
                "The run finished on the disk, but the tracking server was lost on the way.",
                expected="a tracking server until the end",
                got=reason,
                fix=f"once it is back: kedro track {self.session_id}",
            )


def _next_version(version: str) -> str:
    """Give the save version of now, or of the millisecond after one that is taken."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H.%M.%S.%f")[:-3] + "Z"
    return now if now != version else _next_version(version)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Take SIGTERM as Ctrl-C, and let no child process outlive either."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _stop) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(_number: int, _frame: FrameType | None) -> None:
    stop_children()
    raise KeyboardInterrupt


def stop_children() -> None:
    """End the worker processes of searches and every other child of this process."""
    loky = sys.modules.get("joblib.externals.loky.reusable_executor")
    executor = getattr(loky, "_executor", None)  # asking loky for it would start one
    if executor is not None:
        executor.shutdown(wait=False, kill_workers=True)
    for child in _children(os.getpid()):
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def _children(parent: int) -> list[int]:
    """Numbers of the child processes, where the system tells them."""
    found = []
    for listed in Path(f"/proc/{parent}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(number) for number in listed.read_text(encoding="utf-8").split()]
    return found
