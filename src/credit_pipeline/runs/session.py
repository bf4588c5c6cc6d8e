"""A run whose end is always recorded on disk: finished, failed or killed."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.session import KedroSession

from credit_pipeline import configuration
from credit_pipeline.configuration import OpenRun, open_run
from credit_pipeline.core.environment import restore_variable
from credit_pipeline.errors import TrackingUnavailableError
from credit_pipeline.runs.lazy_hooks import register_hooks
from credit_pipeline.storage import RunRecord, run_record
from credit_pipeline.storage.run_record import FAILED, FINISHED, KILLED

_RECORDED_TYPES = (str, list, tuple, dict)
_STOPPING = (signal.SIGINT, signal.SIGTERM)


class LifecycleSession(KedroSession):
    """Kedro's session, whose run is recorded on disk from its start to its end.

    Kedro calls its hooks after an exception, but not after Ctrl-C or SIGTERM.
    """

    @cached_property
    def open_run(self) -> OpenRun:
        """Everything that belongs to this session's run."""
        return OpenRun(has_end=True)

    def load_context(self) -> KedroContext:
        """Bind the project's hooks to this session's run, then load Kedro's context."""
        register_hooks(self._hook_manager, self.open_run)
        return super().load_context()

    def close(self) -> None:
        """Close the session; its run is not the current one any more."""
        super().close()
        open_run.close(self.open_run)

    def run(  # Kedro's own options and result, passed on
        self,
        *asked: Any,  # noqa: ANN401
        recorded_as: str | None = None,
        **options: Any,  # noqa: ANN401
    ) -> dict[str, Any]:
        """Run pipelines, and record at the very end how the run ended.

        Parameters
        ----------
        *asked, **options
            What ``KedroSession.run`` takes.
        recorded_as
            Save version of an earlier run that this one records in MLflow; ``None`` for a run that records itself.

        Returns
        -------
        dict
            What Kedro returns.

        Raises
        ------
        TrackingUnavailableError
            The run completed and was saved to disk, but not all of it was tracked.
        """
        record = self._open_record(options)
        self.open_run.record, self.open_run.recorded_as = record, recorded_as
        run_record.sweep(record.folder)
        status = FAILED
        try:
            with _stoppable(), restore_variable(configuration.TRACKING_URI):
                result: dict[str, Any] = super().run(*asked, **options)
            status = FINISHED
            self._require_tracking_until_the_end(record)
        except KeyboardInterrupt:
            status = KILLED
            self._interrupt_hooks()
            raise
        finally:
            record.close(status)
        return result

    def _open_record(self, options: dict[str, Any]) -> RunRecord:
        """Open a record under a save version that no other run has: two may start in one millisecond."""
        loader = self._get_config_loader()
        folder = self._project_path / loader["globals"]["folder"]
        asked = {name: value for name, value in options.items() if value and isinstance(value, _RECORDED_TYPES)}
        head = {"environment": loader.env or "base", "asked": asked}
        while True:
            record = RunRecord(folder, self.session_id)
            with suppress(FileExistsError):
                record.open(head)
                return record
            self.session_id = _next_version(self.session_id)
            self._store["session_id"] = self.session_id

    def _interrupt_hooks(self) -> None:
        for plugin in self._hook_manager.get_plugins():
            if hasattr(plugin, "interrupted"):
                plugin.interrupted()

    def _require_tracking_until_the_end(self, record: RunRecord) -> None:
        record.amend(tracked=self.open_run.untracked is None)
        if self.open_run.loss is not None:
            raise TrackingUnavailableError(
                "The run completed and was saved to disk, but the tracking server became unreachable during the run.",
                expected="a tracking server that answers until the end",
                got=self.open_run.loss,
                fix=f"when it answers again: kedro track {self.session_id}",
            )


def _next_version(version: str) -> str:
    """Return the save version of now, or of the next millisecond if that one is taken."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H.%M.%S.%f")[:-3] + "Z"
    return now if now != version else _next_version(version)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Treat SIGTERM like Ctrl-C; after either, no child process stays alive."""
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
    """Process numbers of the children, on systems that list them."""
    found = []
    for listed in Path(f"/proc/{parent}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(number) for number in listed.read_text(encoding="utf-8").split()]
    return found
