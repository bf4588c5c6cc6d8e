"""Signatures as the source code has them: the names of types, not what the names mean."""

import ast
import dataclasses
from collections.abc import Mapping, Sequence
from copy import deepcopy

from pydantic import BaseModel

from documentation.source_tree import Definition, Module

Function = ast.FunctionDef | ast.AsyncFunctionDef


def definition(name: str, found: Mapping[str, Module]) -> Definition | None:
    """Find the code of an object by its dotted name."""
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        if module := found.get(".".join(parts[:cut])):
            return module.definition(parts[cut:])
    return None


def annotation(name: str, found: Mapping[str, Module]) -> str | None:
    """Give the type of an attribute, a constant or a property as the source code has it."""
    owner, _, last = name.rpartition(".")
    node = found[owner].tree if owner in found else definition(owner, found)
    for line in node.body if node is not None else []:
        if isinstance(line, ast.AnnAssign) and ast.unparse(line.target) == last:
            return ast.unparse(line.annotation)
        if isinstance(line, ast.FunctionDef) and line.name == last and (returned := _without_quotes(line.returns)):
            return ast.unparse(returned)
    return None


def of_class(made: type, found: Mapping[str, Module]) -> str:
    """Give the arguments of a class: its fields, or those of its ``__init__``."""
    lines = [definition(f"{base.__module__}.{base.__qualname__}", found) for base in reversed(made.__mro__)]
    nodes = [node for node in lines if isinstance(node, ast.ClassDef)]
    if issubclass(made, BaseModel):
        return of_fields(nodes).replace("(", "(*, ", 1) if made.model_fields else ""
    if dataclasses.is_dataclass(made) or hasattr(made, "_fields"):
        return of_fields(nodes)
    inner = [line for node in nodes for line in node.body if isinstance(line, ast.FunctionDef)]
    made_by = [function for function in inner if function.name == "__init__"]
    return of_function(made_by[-1])[0] if made_by else ""


def of_function(node: Function) -> tuple[str, str | None]:
    """Give the arguments, without ``self`` and ``cls``, and what is returned.

    >>> of_function(ast.parse("def f(self, n: 'Rows', *, seed: int = 1) -> None: ...").body[0])
    ('(n: Rows, *, seed: int=1)', 'None')
    """
    arguments = deepcopy(node.args)
    for asked in ast.walk(arguments):
        if isinstance(asked, ast.arg):
            asked.annotation = _without_quotes(asked.annotation)
    arguments.posonlyargs = [asked for asked in arguments.posonlyargs if asked.arg not in {"self", "cls"}]
    arguments.args = [asked for asked in arguments.args if asked.arg not in {"self", "cls"}]
    returned = _without_quotes(node.returns)
    return f"({ast.unparse(arguments)})", ast.unparse(returned) if returned else None


def of_fields(nodes: Sequence[ast.ClassDef]) -> str:
    r"""Give the fields of a dataclass or of a specification as arguments; a later class replaces those of an earlier.

    >>> of_fields([ast.parse("class Interval:\n    lower: float\n    level: float = 0.95").body[0]])
    '(lower: float, level: float = 0.95)'
    """
    lines = [line for node in nodes for line in node.body if isinstance(line, ast.AnnAssign)]
    fields = {ast.unparse(line.target): ast.unparse(line) for line in lines if "ClassVar" not in ast.unparse(line)}
    return f"({', '.join(text for name, text in fields.items() if not name.startswith('_'))})"


def _without_quotes(annotation: ast.expr | None) -> ast.expr | None:
    """Read an annotation in quotes, which only put off its evaluation."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return ast.parse(annotation.value, mode="eval").body
    return annotation
