"""From applicants to scores with the champion, in batch."""

from credit_pipeline.pipelines.scoring.pipeline import create_pipeline

__all__ = ["create_pipeline"]
