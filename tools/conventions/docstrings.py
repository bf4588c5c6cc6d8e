"""Rules for docstrings: everything public has one, and many arguments are explained."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from conventions.sources import PACKAGE, Function, sources

EXPLAINED_FROM = 3
_SECTION = re.compile(r"^Parameters\n-+$", re.MULTILINE)
_SAY_NOTHING = {"args", "kwargs"}


def missing_docstrings(project: Path) -> list[str]:
    """Every public module, class, function and method of the package says what it promises."""
    return [
        f"{name}: {found} has no docstring"
        for name, source in sources(project, PACKAGE)
        for found in _undocumented(ast.parse(source), "the module")
    ]


def _undocumented(node: ast.Module | ast.ClassDef | Function, called: str) -> Iterator[str]:
    if ast.get_docstring(node) is None:
        yield called
    if not isinstance(node, Function):
        for inner in node.body:
            if isinstance(inner, ast.ClassDef | Function) and not inner.name.startswith("_"):
                yield from _undocumented(inner, inner.name)


def missing_parameters(project: Path) -> list[str]:
    """Every public function and method with three or more arguments explains them in a ``Parameters`` section.

    ``*values`` and ``**settings`` count as one argument each, ``self``, ``cls``, ``*args`` and ``**kwargs`` as none.
    Methods that another library calls are not exempt: their arguments need an explanation as much as any.
    """
    return [
        f"{name}:{function.lineno}: {function.name} has {count} arguments and no Parameters section"
        for name, source in sources(project, PACKAGE)
        for function, count in _public_functions(ast.parse(source))
        if count >= EXPLAINED_FROM and not _SECTION.search(ast.get_docstring(function) or "")
    ]


def _public_functions(node: ast.Module | ast.ClassDef) -> Iterator[tuple[Function, int]]:
    """Functions with the number of their arguments; what is defined inside a function is its own affair."""
    for inner in node.body:
        if isinstance(inner, ast.ClassDef | Function) and not inner.name.startswith("_"):
            if isinstance(inner, ast.ClassDef):
                yield from _public_functions(inner)
            else:
                yield inner, _count(inner) - (isinstance(node, ast.ClassDef) and not _is_static(inner))


def _count(function: Function) -> int:
    named = function.args
    gathered = [one for one in (named.vararg, named.kwarg) if one is not None and one.arg not in _SAY_NOTHING]
    return len([*named.posonlyargs, *named.args, *named.kwonlyargs, *gathered])


def _is_static(function: Function) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in function.decorator_list)
