"""YAML that people will read and edit: scalars and short values as text."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeGuard

import yaml

from credit_pipeline.spec import Scalar

Value = Scalar | Sequence[Scalar] | Mapping[str, Scalar]
_PLAIN = re.compile(r"[^\W\d_](\w|[ ()/.-](?! |$))*")
_ENDLESS = 1_000_000


def scalar(value: Scalar) -> str:
    """Write one value so that PyYAML and OmegaConf read it back, without quotes where they are not needed.

    Examples
    --------
    >>> print(scalar("monthly income"), scalar("Yes"), scalar("007"), scalar(True), scalar(0.5))
    monthly income "Yes" "007" true 0.5
    """
    if isinstance(value, str):
        # OmegaConf would replace a text such as ${name}.
        escaped = value.replace("${", r"\${")
        return escaped if _is_plain(escaped) else _dump(escaped, style='"')
    return _dump(value)


def key(name: str | int) -> str:
    """Write the key of a mapping; OmegaConf replaces nothing in keys.

    >>> print(key("a: b"), key("2024"), key(1))
    "a: b" "2024" 1
    """
    return name if isinstance(name, str) and _is_plain(name) else _dump(name, style='"' if _is_text(name) else None)


def flow(value: Mapping[str, object] | Sequence[object]) -> str:
    """Write a mapping or a list on one line.

    >>> flow({"max_depth": [2, 3], "range": [0, None]})
    '{max_depth: [2, 3], range: [0, null]}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key(name)}: {_nested(inner)}" for name, inner in value.items()) + "}"
    return "[" + ", ".join(map(_nested, value)) + "]"


def comment(text: str) -> str:
    """Write a comment of one line.

    >>> comment("two values,   checked")
    '# two values, checked'
    """
    return f"# {' '.join(text.split())}"


def join_lines(*lines: str) -> str:
    """Return the text of a file with these lines."""
    return "\n".join(lines) + "\n"


def _nested(value: object) -> str:
    if isinstance(value, Mapping | list | tuple):
        return flow(value)
    if value is None or isinstance(value, bool | int | float | str):
        return scalar(value)
    raise TypeError(f"a value of YAML is a scalar, a list or a mapping, got {type(value).__name__}")


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and _dump(text) == text


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str)


def _dump(value: Scalar, style: str | None = None) -> str:
    dumped: str = yaml.safe_dump(value, allow_unicode=True, width=_ENDLESS, default_style=style)
    return dumped.removesuffix("\n").removesuffix("\n...")
