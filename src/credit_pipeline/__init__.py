"""The credit-default lifecycle: from a raw table to an audited decision."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.runs.python_interface import RunResult, SweepResult, run, sweep
else:
    # The command line does without the Python interface.
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__, submod_attrs={"runs.python_interface": ["RunResult", "SweepResult", "run", "sweep"]}
    )

__version__ = "0.1.0"
__all__ = ["RunResult", "SweepResult", "run", "sweep"]
