"""Rules for ``conf``: one file for each key, only data, a layer for every entry, a version for every stored file."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from kedro.io import CatalogConfigResolver
from kedro.pipeline import Pipeline

LAYERS = (
    "raw",
    "intermediate",
    "primary",
    "feature",
    "model_input",
    "models",
    "model_output",
    "reporting",
    "deployment",
    "scoring",
)
_KINDS = ("parameters", "catalog")
_READ_ONLY = {"credit_pipeline.datasets.RawTableDataset"}
# A comment that is YAML without its `#`: `# key: value`, `# - item`, `# key:`; a sentence has more words.
_COMMENTED_OUT = re.compile(
    r"""\s*\#[\#\s]*(-\s+)?["'{]?[\w.{}-]+["']?:(\s+(\S+|[\["'{].*[\]"'}]))?\s*|\s*\#\s*-\s+\S+\s*"""
)
_FOR_EDITORS = "# yaml-language-server: "
_OBJECT = re.compile(r"(^|[\s\[{,:])!{1,2}[\w/]+")
_SECRET = re.compile(r"password|passwd|secret|token|api_?key|access_?key|credential", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"://[^/\s:@]*:[^/\s@]+@|AKIA[0-9A-Z]{16}|-----BEGIN")
_FROM_ENVIRONMENT = "${oc.env:"

Entry = Mapping[str, Any]


def keys_with_two_owners(project: Path) -> list[str]:
    """In one environment, a top-level key of the parameters or of the catalog is in one file only."""
    faults = []
    for environment, kind in product(_environments(project), _KINDS):
        owners: dict[str, Path] = {}
        faults += [
            f"{_place(project, path)}: {key} is in {owners[key].name} too"
            for path in _files_of(environment, kind)
            for key in _read(path)
            if owners.setdefault(key, path) != path
        ]
    return faults


def wandering_keys(project: Path) -> list[str]:
    """Every environment overrides a key in a file of the same name as the file of this key in ``base``."""
    faults = []
    for kind in _KINDS:
        homes = {key: path.name for path in _files_of(project / "conf/base", kind) for key in _read(path)}
        faults += [
            f"{_place(project, path)}: {key} belongs in {homes[key]}"
            for environment in _environments(project)
            for path in _files_of(environment, kind)
            for key in _read(path)
            if homes.get(key, path.name) != path.name
        ]
    return faults


def commented_out_yaml(project: Path) -> list[str]:
    """No commented-out configuration: a comment gives a reason, in words."""
    return [
        f"{_place(project, path)}:{number}: commented out: {line.strip()}"
        for path in _all_files(project)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if _COMMENTED_OUT.fullmatch(line) and not line.startswith(_FOR_EDITORS)
    ]


def objects_and_secrets(project: Path) -> list[str]:
    """No Python and no secrets: YAML without tags; secrets come from the environment."""
    conf = project / "conf"
    faults = [f"{_place(project, path)}: Python in conf" for path in sorted(conf.rglob("*.py"))]
    for path in _all_files(project):
        text = path.read_text(encoding="utf-8")
        faults += [f"{_place(project, path)}: the tag {found.group().strip()}" for found in _OBJECT.finditer(text)]
        faults += [f"{_place(project, path)}: a secret" for _ in _SECRET_VALUE.finditer(text)]
        if not _OBJECT.search(text):
            faults += [f"{_place(project, path)}: a secret in {key}" for key in _secrets(yaml.safe_load(text))]
    return faults


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if _SECRET.search(str(key)) and isinstance(inner, str) and not inner.startswith(_FROM_ENVIRONMENT):
                yield str(key)
            yield from _secrets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets(inner)


def layerless_entries(project: Path) -> list[str]:
    """Every catalog entry, including factories, has one of the defined layers."""
    found = [(place, name, layer_of(entry)) for place, name, entry in _entries(project)]
    return [f"{place}: {name} has the layer {layer}" for place, name, layer in found if layer not in LAYERS]


def unversioned_snapshots(project: Path) -> list[str]:
    """Every file that the project writes is versioned; raw tables are not, because it never writes them."""
    return [
        f"{place}: {name} is not versioned"
        for place, name, entry in _entries(project)
        if "filepath" in entry and entry.get("type") not in _READ_ONLY and entry.get("versioned") is not True
    ]


def backward_layers(pipelines: Iterable[Pipeline], catalog: Mapping[str, Entry]) -> list[str]:
    """No node goes from a later layer to an earlier one, so that the lineage has an order.

    Parameters
    ----------
    pipelines
        The registered pipelines.
    catalog
        Catalog entries by name or pattern.
    """
    resolver = CatalogConfigResolver({name: dict(entry) for name, entry in catalog.items()})
    faults = {
        f"{node.name}: from {source} ({before}) back to {target} ({after})"
        for pipeline in pipelines
        for node in pipeline.nodes
        for source in node.inputs
        for target in node.outputs
        if (before := layer_of(resolver.resolve_pattern(source))) in LAYERS
        and (after := layer_of(resolver.resolve_pattern(target))) in LAYERS
        and LAYERS.index(before) > LAYERS.index(after)
    }
    return sorted(faults)


def layer_of(entry: Entry) -> str:
    """Return the Kedro-Viz layer of a catalog entry, or ``none``."""
    viz = (entry.get("metadata") or {}).get("kedro-viz") or {}
    return str(viz.get("layer", "none"))


def _entries(project: Path) -> Iterator[tuple[str, str, Entry]]:
    for environment in _environments(project):
        for path in _files_of(environment, "catalog"):
            for name, entry in _read(path).items():
                if not name.startswith("_"):
                    yield _place(project, path), name, entry


def _environments(project: Path) -> list[Path]:
    return sorted(path for path in (project / "conf").iterdir() if path.is_dir() and path.name != "local")


def _files_of(environment: Path, kind: str) -> list[Path]:
    return sorted({*environment.glob(f"{kind}*/**/*.yml"), *environment.glob(f"{kind}*.yml")})


def _all_files(project: Path) -> list[Path]:
    return sorted(path for path in (project / "conf").rglob("*.y*ml") if "local" not in path.parts)


def _read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def _place(project: Path, path: Path) -> str:
    return str(path.relative_to(project))
