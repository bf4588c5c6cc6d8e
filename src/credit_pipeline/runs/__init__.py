"""A run from its start to its end: the session, its hooks, the summary, later tracking, and repairs."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.runs.lazy_hooks import LazyHooks
    from credit_pipeline.runs.python_interface import RunResult, SweepResult, run, sweep
    from credit_pipeline.runs.session import LifecycleSession
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "lazy_hooks": ["LazyHooks"],
            "python_interface": ["RunResult", "SweepResult", "run", "sweep"],
            "session": ["LifecycleSession"],
        },
    )

__all__ = ["LazyHooks", "LifecycleSession", "RunResult", "SweepResult", "run", "sweep"]
