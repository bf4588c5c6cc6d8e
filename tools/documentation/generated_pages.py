"""Pages that a build makes: written where they changed, removed where they are not made any more."""

from collections.abc import Mapping
from pathlib import Path


def write(folder: Path, pages: Mapping[str, str]) -> None:
    """Make a folder hold these pages alone, by their names in it; what stays the same keeps its time stamp."""
    for old in sorted(folder.rglob("*")):
        if old.is_file() and old.relative_to(folder).as_posix() not in pages:
            old.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")


def title(text: str, mark: str = "=") -> str:
    """Give the lines of a heading in reStructuredText."""
    return f"{text}\n{mark * len(text)}\n"


def toctree(entries: Mapping[str, str], *, depth: int = 1) -> str:
    """Give a hidden list of pages: titles by page."""
    lines = [f"   {shown} <{page}>" for page, shown in entries.items()]
    return "\n".join([".. toctree::", "   :hidden:", f"   :maxdepth: {depth}", "", *lines, ""])
