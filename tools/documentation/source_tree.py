"""The modules of the package as their files say: names, first lines, public objects and signatures."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PACKAGE = "credit_pipeline"
_SHORT = 120
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Module:
    """A public module or package by its dotted name, and its file."""

    name: str
    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        """Its parsed source code."""
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def is_package(self) -> bool:
        """Whether it is a folder."""
        return self.path.name == "__init__.py"

    @property
    def leaf(self) -> str:
        """Give the last part of its name."""
        return self.name.rpartition(".")[2]

    @property
    def parent(self) -> str:
        """Give the name of the package that it is in; empty for the outermost."""
        return self.name.rpartition(".")[0]

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return (ast.get_docstring(self.tree) or "").partition("\n")[0]

    @property
    def public(self) -> dict[str, Definition]:
        """Functions and classes that it defines, by name, but those that begin with an underscore."""
        return {node.name: node for node in _definitions(self.tree) if not node.name.startswith("_")}

    def summary_of(self, name: str) -> str:
        """Give the first line of a function's or class's docstring, or what a constant is set to."""
        if name in self.public:
            return (ast.get_docstring(self.public[name]) or "").partition("\n")[0]
        for node in self.tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and name in _assigned(node):
                text = ast.unparse(node.value)
                return f"``{text}``" if len(text) <= _SHORT else ""
        return ""

    @property
    def exported(self) -> list[str]:
        """The names in its ``__all__``."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and "__all__" in _assigned(node):
                return [str(name) for name in ast.literal_eval(node.value)]
        return []

    def definition(self, path: list[str]) -> Definition | None:
        """Find a function, a class or a method by its path in the module."""
        found: ast.Module | Definition = self.tree
        for name in path:
            inner = {node.name: node for node in _definitions(found)}
            if name not in inner:
                return None
            found = inner[name]
        return None if isinstance(found, ast.Module) else found


def _assigned(node: ast.Assign | ast.AnnAssign) -> set[str]:
    return {ast.unparse(target) for target in (node.targets if isinstance(node, ast.Assign) else [node.target])}


def _definitions(node: ast.AST) -> Iterator[Definition]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            yield child


def modules(source: Path = PROJECT / "src") -> dict[str, Module]:
    """Give every public module by its name, packages before what is in them."""
    found = {}
    for path in sorted((source / PACKAGE).rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        if not any(part.startswith("_") for part in parts):
            found[".".join(parts)] = Module(".".join(parts), path)
    return dict(sorted(found.items()))
