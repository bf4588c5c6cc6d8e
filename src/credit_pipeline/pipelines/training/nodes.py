"""The nodes of the pipeline: those of one model, and those of all models together."""

from credit_pipeline.pipelines.training.comparison_nodes import compare_models, rank_models
from credit_pipeline.pipelines.training.model_nodes import (
    FIGURES_BY_TASK,
    count_points,
    draw_figures,
    evaluate_model,
    explain_model,
    record_model,
    search_model,
)

__all__ = [
    "FIGURES_BY_TASK",
    "compare_models",
    "count_points",
    "draw_figures",
    "evaluate_model",
    "explain_model",
    "rank_models",
    "record_model",
    "search_model",
]
