"""The best model, its lead, what a simpler one costs, and whether a version may become champion."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.modelling.selection.challenger import choose
    from credit_pipeline.modelling.selection.comparison import compare
    from credit_pipeline.modelling.selection.gates import champion_gate, metric_gates
    from credit_pipeline.modelling.selection.ranking import leaderboard
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "challenger": ["choose"],
            "comparison": ["compare"],
            "gates": ["champion_gate", "metric_gates"],
            "ranking": ["leaderboard"],
        },
    )

__all__ = ["champion_gate", "choose", "compare", "leaderboard", "metric_gates"]
