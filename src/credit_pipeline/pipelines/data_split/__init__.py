"""From the raw table to train and test: checked against the contract, divided once, recorded in a manifest."""

from credit_pipeline.pipelines.data_split.pipeline import create_pipeline

__all__ = ["create_pipeline"]
