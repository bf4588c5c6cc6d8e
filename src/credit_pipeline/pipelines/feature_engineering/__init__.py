"""From train and test to features: derived columns, and each recipe fitted only on train."""

from credit_pipeline.pipelines.feature_engineering.pipeline import create_pipeline

__all__ = ["create_pipeline"]
