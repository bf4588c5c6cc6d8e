"""The search on shared folds, the final fit, and the record of each model."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.modelling.training.evaluation import Evaluation
    from credit_pipeline.modelling.training.training import Assignment, Trained, describe, train
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={"evaluation": ["Evaluation"], "training": ["Assignment", "Trained", "describe", "train"]},
    )

__all__ = ["Assignment", "Evaluation", "Trained", "describe", "train"]
