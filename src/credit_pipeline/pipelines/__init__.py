"""The pipelines: one package a name, wired through the catalog."""

__all__ = ["canary", "data_split", "deployment", "feature_engineering", "scoring", "training"]
