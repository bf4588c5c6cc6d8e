"""From raw cells to typed rows: what must hold, which rows are set aside, how the target is built."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.modelling.contract.example_rows import example_applications
    from credit_pipeline.modelling.contract.set_aside import Quarantine, quarantine
    from credit_pipeline.modelling.contract.table import check_table, validate_accepted
    from credit_pipeline.modelling.contract.target import with_target
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "example_rows": ["example_applications"],
            "set_aside": ["Quarantine", "quarantine"],
            "table": ["check_table", "validate_accepted"],
            "target": ["with_target"],
        },
    )

__all__ = ["Quarantine", "check_table", "example_applications", "quarantine", "validate_accepted", "with_target"]
