"""From features to a challenger: a room for each model, then the leaderboard."""

from credit_pipeline.pipelines.training.pipeline import Shown, create_pipeline

__all__ = ["Shown", "create_pipeline"]
