"""Rules for source code: its place, its length, its names, and what it must not do."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from conventions.sources import Function, sources

PIPELINES = Path("src/credit_pipeline/pipelines")
WITHOUT_PARAMETERS = {"scoring"}
LONG_MODULE, LONGEST_MODULE, LONGEST_BODY = 250, 350, 40
PICKLES = {
    *("pickle", "cPickle", "_pickle", "cloudpickle", "dill", "shelve", "marshal"),
    *("joblib.load", "joblib.dump", "torch.load", "torch.save", "pandas.read_pickle", "pd.read_pickle"),
}
_BANNED_FILES = {"utils", "helpers", "common", "misc", "manager"}
_BANNED_NAMES = re.compile(r"(df|data)\d+|process_data")
_WRITTEN = ("src", "tests", "tools", "benchmarks")
_MEASURED = ("src", "tools", "benchmarks")
_BROAD = {"Exception", "BaseException"}
# The end of the command line, which reports a fault in a few lines and ends the process.
_BROAD_ALLOWED = {"src/credit_pipeline/cli/commands.py": 1}


def rooms(project: Path) -> list[str]:
    """One name, four places: package, catalog file, parameter file, test file; no catalog file without a package."""
    packages = {path.name for path in (project / PIPELINES).iterdir() if path.is_dir() and path.name != "__pycache__"}
    wanted = [path for name in sorted(packages) for path in _rooms_of(name)]
    files = {path.stem for path in (project / "conf/base/catalog").glob("*.yml")}
    strangers = [f"conf/base/catalog/{name}.yml: no pipeline of that name" for name in sorted(files - packages)]
    return [f"{path}: missing" for path in wanted if not (project / path).is_file()] + strangers


def _rooms_of(name: str) -> list[str]:
    modules = [f"{PIPELINES}/{name}/{module}.py" for module in ("__init__", "nodes", "pipeline")]
    parameters = [] if name in WITHOUT_PARAMETERS else [f"conf/base/parameters/{name}.yml"]
    return [*modules, f"conf/base/catalog/{name}.yml", *parameters, f"tests/pipelines/test_{name}.py"]


def banned_file_names(project: Path) -> list[str]:
    """No file or folder with a name without meaning: shared code has a subject."""
    return [
        f"{path.relative_to(project)}: named after nothing"
        for folder in _WRITTEN
        for path in sorted((project / folder).rglob("*"))
        if _BANNED_FILES & set(path.stem.split("_"))
    ]


def long_modules(project: Path) -> list[str]:
    """No module of more than 350 lines."""
    return _longer(project, LONGEST_MODULE)


def growing_modules(project: Path) -> list[str]:
    """Above 250 lines, a warning: no idea is cut in two to keep a count, but two ideas may part."""
    return _longer(project, LONG_MODULE)


def _longer(project: Path, most: int) -> list[str]:
    lengths = {name: source.count("\n") for name, source in sources(project, *_MEASURED)}
    return [f"{name}: {lines} lines, at most {most}" for name, lines in lengths.items() if lines > most]


def long_functions(project: Path) -> list[str]:
    """No function with a body of more than 40 lines; its docstring does not count."""
    bodies = [
        (name, function.name, _body_lines(function))
        for name, source in sources(project, *_WRITTEN)
        for function in _functions(ast.parse(source))
    ]
    return [
        f"{name}: {function} has {lines} lines, at most {LONGEST_BODY}"
        for name, function, lines in bodies
        if lines > LONGEST_BODY
    ]


def _functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _body_lines(function: Function) -> int:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def banned_identifiers(project: Path) -> list[str]:
    """No ``df2``, ``data2``, ``process_data``: use the terms of the field."""
    return [
        f"{name}:{token.start[0]}: the name {token.string}"
        for name, source in sources(project, *_WRITTEN)
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.NAME and _BANNED_NAMES.fullmatch(token.string)
    ]


def broad_excepts(project: Path) -> list[str]:
    """No handler that catches every error, except the one at the end of the command line."""
    faults = []
    for name, source in sources(project, *_MEASURED):
        handlers = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ExceptHandler)]
        lines = sorted(handler.lineno for handler in handlers if _is_broad(handler))
        faults += [f"{name}:{line}: catches everything" for line in lines[_BROAD_ALLOWED.get(name, 0) :]]
    return faults


def _is_broad(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or any(
        isinstance(node, ast.Name) and node.id in _BROAD for node in ast.walk(handler.type)
    )


def pickle_imports(project: Path) -> list[str]:
    """Nothing in the package or the catalog reads or writes a pickle."""
    used = [
        f"{name}: uses {used}"
        for name, source in sources(project, "src")
        for used in sorted(_names_used(ast.parse(source)) & PICKLES)
    ]
    named = [path for path in sorted((project / "conf").rglob("*.yml")) if "pickle" in path.read_text("utf-8").lower()]
    return used + [f"{path.relative_to(project)}: names pickle" for path in named]


def _names_used(tree: ast.AST) -> set[str]:
    """List the used modules and names, such as ``joblib.load``, imported or used as an attribute of the module."""
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            used |= {part for alias in node.names for part in (alias.name, alias.name.split(".")[0])}
        elif isinstance(node, ast.ImportFrom) and node.module:
            used |= {node.module, node.module.split(".")[0]} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used.add(f"{node.value.id}.{node.attr}")
    return used
