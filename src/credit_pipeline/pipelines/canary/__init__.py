"""Leaks that are planted on purpose; the project's own checks must expose each of them."""

from credit_pipeline.pipelines.canary.pipeline import create_pipeline

__all__ = ["create_pipeline"]
