"""The reference of the parameter files: a page for each JSON Schema, with a table for each group of keys."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from documentation.generated_pages import title, toctree
from documentation.source_tree import PROJECT

FOLDER = "generated/parameters"
Schema = Mapping[str, Any]
_TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}
_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
_SINGLE = set(_TYPES.values())
_SIZES = {"minItems": "at least {} of them", "minProperties": "at least {} of them", "pattern": "matches ``{}``"}


def pages(schemas: Mapping[str, Schema]) -> dict[str, str]:
    """Give the page of every schema, by its name without ending, and one that lists them."""
    return {"index.rst": _index(schemas), **{f"{name}.rst": page(name, schema) for name, schema in schemas.items()}}


def page(name: str, schema: Schema) -> str:
    """Give the page of one parameter file: a section for each group, in the order in which the file nests them."""
    path = f"conf/<environment>/parameters/{name}.yml"
    note = (
        f"``{path}`` is checked before anything runs, and a key that is not listed here is refused.\n"
        "A *single value* is a text, a number, true, false or null.\n"
    )
    return "\n".join([title(f"{name}.yml"), note, *(_section(*group) for group in groups(schema)), example(name)])


def example(name: str) -> str:
    """Show the file as the project ships it: that of the credit use case, or of the first environment that has one."""
    found = sorted(PROJECT.glob(f"conf/*/parameters/{name}.yml"), key=lambda path: (path.parts[-3] != "base", path))
    if not found:
        return ""
    shown = found[0].relative_to(PROJECT).as_posix()
    include = f".. literalinclude:: ../../../{shown}\n   :language: yaml\n   :lines: 2-\n"
    return f"{title('As shipped', '-')}\n``{shown}``:\n\n{include}"


def groups(schema: Schema) -> Iterator[tuple[str, Schema, Schema]]:
    """Give each group of keys: its path in the file, its own schema, and the schemas that it may refer to."""
    definitions = schema.get("$defs", {})
    waiting = [(key, value) for key, value in schema["properties"].items()]
    while waiting:
        path, value = waiting.pop(0)
        for inner, part in _inside(path, value, definitions):
            yield inner, part, definitions
            waiting = [(f"{inner}.{key}", below) for key, below in part["properties"].items()] + waiting


def _inside(path: str, value: Schema, definitions: Schema) -> Iterator[tuple[str, Schema]]:
    """Give the groups that the value of one key holds: itself, or the value under each name of a map."""
    value = _resolved(value, definitions)
    if "properties" in value:
        yield path, value
    elif entries := _entries(value):
        yield from _inside(f"{path}.<name>", entries, definitions)
    for part in value.get("anyOf", ()):
        yield from _inside(path, part, definitions)


def _entries(value: Schema) -> Schema | None:
    """Give the value under each name of a map."""
    others = value.get("additionalProperties")
    return others if isinstance(others, Mapping) else next(iter(value.get("patternProperties", {}).values()), None)


def _resolved(value: Schema, definitions: Schema) -> Schema:
    return definitions[value["$ref"].rpartition("/")[2]] if "$ref" in value else value


def _section(path: str, group: Schema, definitions: Schema) -> str:
    required = group.get("required", ())
    rows = [_row(path, key, value, key in required, definitions) for key, value in group["properties"].items()]
    head = ["Key", "Type", "Allowed", "Default", "Meaning"]
    table = f".. list-table::\n   :header-rows: 1\n   :class: keys-table\n   :widths: 18 16 20 12 34\n\n{_cells(head)}"
    return "\n".join([title(path, "-"), group.get("description", ""), "", table, *map(_cells, rows), ""])


def _cells(row: list[str]) -> str:
    first, *others = row
    return "\n".join([f"   * - {first}", *(f"     - {cell}" for cell in others)])


def _row(path: str, key: str, value: Schema, required: bool, definitions: Schema) -> list[str]:
    below = [inner for inner, _ in _inside(f"{path}.{key}", value, definitions)]
    links = "".join(f"; see `{inner}`_" for inner in below)
    default = "required" if required else f"``{_plain(value.get('default'))}``"
    return [
        f"``{key}``",
        type_of(value, definitions) + links,
        allowed(value, definitions) or "—",
        "see its keys" if below and not required and value.get("default") else default,
        " ".join(value.get("description", "").split()),
    ]


def _plain(value: object) -> str:
    """Write a default as YAML would."""
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def type_of(value: Schema, definitions: Schema) -> str:
    """Name the type of a value in words.

    >>> type_of({"type": "array", "items": {"type": "integer"}}, {})
    'list of whole numbers'
    """
    value = _resolved(value, definitions)
    if parts := value.get("anyOf"):
        kinds = list(dict.fromkeys(type_of(part, definitions) for part in parts))
        return "single value" if set(kinds) == _SINGLE else " or ".join(kinds)
    if "properties" in value:
        return "group of keys"
    if entries := _entries(value):
        return f"map from names to {_many(type_of(entries, definitions))}"
    if "prefixItems" in value:
        kinds = [type_of(part, definitions) for part in value["prefixItems"]]
        return f"list of {len(kinds)}: {', '.join(kinds)}"
    if value.get("type") == "array":
        return f"list of {_many(type_of(value.get('items', {}), definitions))}"
    return "date" if value.get("format") == "date" else _TYPES[value["type"]]


def _many(kind: str) -> str:
    first, of, rest = kind.partition(" of ")
    return (
        f"{first}s{of}{rest}" if first in {"text", "whole number", "number", "single value", "list", "group"} else kind
    )


def allowed(value: Schema, definitions: Schema) -> str:
    """Say which values of a type are allowed; nothing where all are.

    >>> allowed({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, {})
    '> 0, ≤ 1'
    """
    value = _resolved(value, definitions)
    parts = [allowed(part, definitions) for part in value.get("anyOf", ())]
    listed = value.get("enum", [value["const"]] if "const" in value else [])
    bounds = [f"{mark} {value[name]}" for name, mark in _BOUNDS.items() if name in value]
    sizes = [text.format(value[name]) for name, text in _SIZES.items() if name in value and "prefixItems" not in value]
    each = value.get("items") or _entries(value)
    inner = allowed(each, definitions) if each and "$ref" not in each else ""
    found = [*parts, ", ".join(f"``{choice}``" for choice in listed), ", ".join(bounds), *sizes]
    found += [f"each {inner}"] if inner else []
    return "; ".join(dict.fromkeys(text for text in found if text))


def read(folder: Path) -> dict[str, Schema]:
    """Read the schemas of a folder by their names."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def _index(schemas: Mapping[str, Schema]) -> str:
    rows = [f"   * - :doc:`{name}.yml <{name}>`\n     - {_first_line(schema)}" for name, schema in schemas.items()]
    text = (
        "What the files of ``conf/<environment>/parameters`` may say. ``conf/base`` holds the credit use case;\n"
        "another environment has the files that differ. Editors that know JSON Schema show the same texts: the first\n"
        "line of each file names its schema.\n"
    )
    table = "\n".join([".. list-table::", "   :widths: 30 70", "   :class: contents-table", "", *rows, ""])
    return "\n".join([title("Parameter files"), text, table, toctree({name: f"{name}.yml" for name in schemas})])


def _first_line(schema: Schema) -> str:
    _, group, _ = next(groups(schema))
    return str(group.get("description", "")).partition("\n")[0]
