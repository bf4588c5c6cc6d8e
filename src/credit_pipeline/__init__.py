"""The credit-default lifecycle: from a raw table to an audited decision."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from credit_pipeline.runs.python_interface import RunResult, SweepResult, run, sweep

__version__ = "0.1.0"
__all__ = ["RunResult", "SweepResult", "run", "sweep"]


def __getattr__(name: str) -> object:
    """Import the Python interface on first use: the command line does without it."""
    if name in __all__:
        return getattr(importlib.import_module("credit_pipeline.runs.python_interface"), name)
    raise AttributeError(f"module 'credit_pipeline' has no attribute '{name}'")
