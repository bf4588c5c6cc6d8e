"""From features to a challenger: one room for each model, then the leaderboard."""

from credit_pipeline.pipelines.training.model_pipeline import Shown
from credit_pipeline.pipelines.training.pipeline import create_pipeline

__all__ = ["Shown", "create_pipeline"]
