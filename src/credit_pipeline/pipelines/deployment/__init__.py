"""From a challenger to a champion: registered, loaded back, gated, promoted."""

from credit_pipeline.pipelines.deployment.pipeline import create_pipeline

__all__ = ["create_pipeline"]
