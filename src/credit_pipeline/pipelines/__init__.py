"""The pipelines: one package a name, wired through the catalog."""
