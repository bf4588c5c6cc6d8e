"""The project's configuration: read once and checked as a whole; all its faults are in one report."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

import yaml
from kedro.utils import find_kedro_project
from omegaconf.resolvers import oc
from pydantic import BaseModel, ValidationError

from credit_pipeline.configuration import open_run
from credit_pipeline.configuration.loader import ProjectConfigLoader
from credit_pipeline.configuration.parameters import Configuration
from credit_pipeline.core import find_closest_name
from credit_pipeline.errors import ConfigurationError, CreditPipelineError
from credit_pipeline.spec import ProjectSpec

TRACKING_URI = "MLFLOW_TRACKING_URI"
"""The environment variable that names the tracking server."""


def run_configuration() -> Configuration | None:
    """Return the configuration of the open run, if there is one."""
    run = open_run.current()
    return run.configuration if run else None


def current() -> Configuration:
    """Return the open run's configuration; without one, that of ``KEDRO_ENV`` in the working folder's project.

    Raises
    ------
    ConfigurationError
        No run is open, and the working folder is in no project.
    """
    return run_configuration() or _read(project_path())


def project_path() -> Path:
    """Return the folder of the open run's project; without one, of the project that holds the working folder.

    Raises
    ------
    ConfigurationError
        No run is open, and the working folder is in no project.
    """
    configuration = run_configuration()
    return project_of(Path.cwd()) if configuration is None else configuration.project_path


def project_of(folder: Path) -> Path:
    """Return the Kedro project that holds a folder.

    Raises
    ------
    ConfigurationError
        There is none.
    """
    found: Path | None = find_kedro_project(folder)
    if found is None:
        raise ConfigurationError(
            "There is no project here.",
            expected="a folder inside a Kedro project: one with pyproject.toml, conf and src",
            got=str(folder),
            fix="change to the project's folder; from Python, run(..., project='path/to/project')",
        )
    return found


def _read(project: Path) -> Configuration:
    environment = os.environ.get("KEDRO_ENV") or str(CONFIG_LOADER_ARGS["default_run_env"])
    loader = ProjectConfigLoader(conf_source=str(project / "conf"), env=environment, **CONFIG_LOADER_ARGS)
    return Configuration(project, environment, loader["parameters"], loader["globals"]["folder"])


def tracking_uri() -> str:
    """Return ``MLFLOW_TRACKING_URI``, else the sqlite store in the project's folder, whatever the working folder."""
    return os.environ.get(TRACKING_URI) or f"sqlite:///{project_path() / 'mlflow.db'}"


def artifact_location() -> str | None:
    """Return the folder ``mlartifacts`` next to a store in a file; ``None`` for a server, which has its own."""
    uri = tracking_uri()
    beside = Path(uri.removeprefix("sqlite:///")).resolve().with_name("mlartifacts")
    return beside.as_uri() if uri.startswith("sqlite:///") else None


def project_file(name: str) -> str:
    """Return the absolute path of a file in the project's folder."""
    return str(project_path() / name)


CONFIG_LOADER_ARGS: Mapping[str, Any] = MappingProxyType(
    {
        "base_env": "base",
        "default_run_env": "local",
        "custom_resolvers": {
            "oc.env": oc.env,
            "tracking_uri": tracking_uri,
            "artifact_location": artifact_location,
            "project_file": project_file,
        },
    }
)
"""The folders of the YAML files, and what ``${...}`` may name in them; Kedro's settings pass it on."""


def check(configuration: Configuration) -> ProjectSpec:
    """Check every parameter of every file.

    Returns
    -------
    ProjectSpec
        The checked specification.

    Raises
    ------
    ConfigurationError
        With all faults of all files: for each the file, the key, what was found and what is allowed.
    """
    faults, spec = [], None
    try:
        spec = configuration.spec
    except ValidationError as error:
        faults = [_fault(configuration, fault) for fault in error.errors()]
    faults = [*_misspelt_globals(configuration), *faults, *_unknown_names(configuration, spec)]
    if faults or spec is None:
        raise _report(configuration, faults)
    return spec


def _misspelt_globals(configuration: Configuration) -> Iterator[str]:
    """Find keys of ``globals.yml`` that are nearly those that the project reads; users may add other keys."""
    for key in sorted(set(configuration.globals) - set(GLOBALS)):
        if close := find_closest_name(key, GLOBALS, similarity=0.75):
            yield f"globals.yml: {key}: unknown key; did you mean '{close}'? (read: {', '.join(GLOBALS)})"


GLOBALS = ("folder", "tracking", "use_case")
"""The keys of ``globals.yml`` that the project reads."""


def _report(configuration: Configuration, faults: list[str]) -> ConfigurationError:
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return ConfigurationError(
        f"The configuration of environment '{configuration.environment}' has {count}.",
        expected="keys and values as credit_pipeline.spec describes them",
        got="\n    - " + "\n    - ".join(faults),
        fix="the files named above",
    )


def _fault(configuration: Configuration, fault: Mapping[str, Any]) -> str:
    location = [str(part) for part in fault["loc"] if part != "[key]"]
    where = f"{_owner(configuration, location[0] if location else '')}: {'.'.join(location)}"
    if fault["type"] == "extra_forbidden":
        allowed = _allowed_keys(location[:-1])
        close = find_closest_name(location[-1], allowed)
        hint = f"; did you mean '{close}'?" if close else ""
        return f"{where}: unknown key{hint} (allowed: {', '.join(allowed)})"
    found = fault["input"]
    shown = f", found {found!r}" if not isinstance(found, dict | list) and fault["type"] != "missing" else ""
    return f"{where}: {fault['msg'].removeprefix('Value error, ')}{shown}"


def _owner(configuration: Configuration, key: str) -> str:
    """Name the file that holds a top-level key; the environment's file hides the file of base."""
    for environment in (configuration.environment, "base"):
        for path in sorted((configuration.project_path / "conf" / environment).glob("parameters*/**/*.yml")):
            if key in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}):
                return str(path.relative_to(configuration.project_path))
    return f"conf/{configuration.environment}/parameters"


def _allowed_keys(location: list[str]) -> list[str]:
    """List the keys that the specification at a location takes."""
    model: type[BaseModel] = ProjectSpec
    for part in location:
        if part in model.model_fields:
            inner = _model_within(model.model_fields[part].annotation)
            if inner is None:
                return []
            model = inner
    return sorted(model.model_fields)


def _model_within(annotation: object) -> type[BaseModel] | None:
    """Find the specification inside ``dict[str, Spec]``, ``Spec | None`` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_within, get_args(annotation))), None)


def _unknown_names(configuration: Configuration, spec: ProjectSpec | None) -> list[str]:
    """Find recipes, estimators, their arguments and metrics that do not exist."""
    from credit_pipeline.configuration import known_names  # noqa: PLC0415  # imports estimators: seconds that `kedro --help` must not take

    return [
        f"{_owner(configuration, key.split('.')[0])}: {key}: {_one_line(fault)}"
        for key, fault in known_names.faults(configuration.parameters, spec)
    ]


def _one_line(fault: CreditPipelineError | str) -> str:
    return fault if isinstance(fault, str) else f"{fault.what} Expected {fault.expected}, got {fault.got}."
