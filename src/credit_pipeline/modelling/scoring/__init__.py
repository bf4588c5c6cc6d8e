"""The answers of a fitted model, the points of a scorecard, the cut-off, and their stability."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.modelling.scoring.scorecard import points_table
    from credit_pipeline.modelling.scoring.scoring_model import ProbabilityModel, ValueModel, answers, served
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "scorecard": ["points_table"],
            "scoring_model": ["ProbabilityModel", "ValueModel", "answers", "served"],
        },
    )

__all__ = ["ProbabilityModel", "ValueModel", "answers", "points_table", "served"]
