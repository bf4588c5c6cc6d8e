"""The Python sources that the rules read."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path("src/credit_pipeline")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(project: Path, *folders: str | Path) -> Iterator[tuple[str, str]]:
    """Give path and text of every Python file below the folders, in order."""
    for folder in folders:
        for path in sorted((project / folder).rglob("*.py")):
            yield str(path.relative_to(project)), path.read_text(encoding="utf-8")
