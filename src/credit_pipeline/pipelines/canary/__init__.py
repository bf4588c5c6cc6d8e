"""Leaks planted on purpose, each of which the project's own checks must expose."""

from credit_pipeline.pipelines.canary.pipeline import create_pipeline

__all__ = ["create_pipeline"]
