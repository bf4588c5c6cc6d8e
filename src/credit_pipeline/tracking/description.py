"""How a run is described in MLflow: its name, its parameters, its origin."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kedro.io import DataCatalog
from kedro.pipeline import Pipeline
from mlflow.entities import Param

from credit_pipeline import configuration
from credit_pipeline.datasets.provenance import git
from credit_pipeline.storage import processes

RunParameters = dict[str, Any]
_PIPELINE_ORDER = ("data_split", "feature_engineering", "training", "deployment", "scoring")


def presentable_parameters(run_params: RunParameters) -> RunParameters:
    """Return run parameters in a fixed order, without values from the command line: one may be a secret."""
    names = run_params.get("pipeline_names") or []
    ordered = sorted(names, key=lambda name: (_PIPELINE_ORDER.index(name) if name in _PIPELINE_ORDER else 99, name))
    return {**run_params, "pipeline_names": ordered, "runtime_params": sorted(run_params.get("runtime_params") or {})}


def run_name(run_params: RunParameters, recorded_as: str | None = None) -> str:
    """Name a run after what was asked for: pipelines, else the part of the lifecycle that a filter left.

    A run that records an earlier one, whose save version is ``recorded_as``, is named after that.
    """
    if recorded_as:
        return f"lifecycle | replayed {recorded_as}"
    filters = ("tags", "namespaces", "node_names", "from_nodes", "to_nodes", "from_inputs", "to_outputs")
    filtered = [f"{name.replace('_', ' ')} {', '.join(run_params[name])}" for name in filters if run_params.get(name)]
    pipelines_named = " + ".join(presentable_parameters(run_params)["pipeline_names"]) or "lifecycle"
    return " | ".join([pipelines_named, *filtered])


def parameters(pipeline: Pipeline, catalog: DataCatalog) -> list[Param]:
    """Return every parameter that the pipeline uses, flat; the contract of the columns is logged as a table instead."""
    used = {
        name.removeprefix("params:"): catalog.load(name) for name in pipeline.inputs() if name.startswith("params:")
    }
    flat = {key: value for name, value in used.items() for key, value in _flatten(name, value)}
    return [Param(key, value) for key, value in sorted(flat.items()) if not key.startswith("data.columns.")]


def _flatten(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flatten(f"{name}.{key}", inner)
    else:
        yield name, value if isinstance(value, str) else json.dumps(value, default=str)


def provenance(run_params: RunParameters, recorded_as: str | None = None) -> dict[str, str]:
    """Describe where a run comes from: code revision, whether it was changed since, environment, save version.

    The save version is that of the earlier run that this one records, if it does: ``recorded_as``.
    """
    project = configuration.project_path()
    revision = git(project, "rev-parse", "HEAD")
    return {
        "code_revision": revision or "unknown",
        "code_dirty": str(bool(git(project, "status", "--porcelain"))).lower() if revision else "unknown",
        "kedro_environment": str(run_params.get("env") or configuration.current().environment),
        "save_version": recorded_as or str(run_params["run_id"]),
        "process": processes.identity(),
    }
