"""The Markdown documents of the project on the site: those of its root folder are copied, links follow them."""

import os
import re
from pathlib import Path

FOLDER = "generated/project"
COPIED = {"README.md": "readme.md", "CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md"} | {
    "CHANGELOG.md": "changelog.md"
}
"""Documents of the root folder by name, with the names of their pages."""
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)")
_FENCE = re.compile(r"^(```.*?^```)$", re.DOTALL | re.MULTILINE)
_DRAWING = re.compile(r"^```mermaid\n.*?^```\n", re.DOTALL | re.MULTILINE)


def on_the_site(text: str, document: Path, page: Path, docs: Path) -> str:
    """Turn the links of a document into those of its page; one to a file that is on no page becomes plain text.

    Parameters
    ----------
    text
        The document, in Markdown.
    document, page
        Where it is, and where its page is; the same but for a copy.
    docs
        The folder of the site's sources.
    """
    parts = _FENCE.split(_DRAWING.sub("", text))
    return "".join(part if part.startswith("```") else _linked(part, document, page, docs) for part in parts)


def _linked(text: str, document: Path, page: Path, docs: Path) -> str:
    def replaced(link: re.Match[str]) -> str:
        image, label, target, anchor = link.groups()
        led = _page_of((document.parent / target).resolve(), docs)
        if led is None:
            return label if "`" in label else f"`{label}`"
        return f"{image}[{label}]({Path(os.path.relpath(led, page.parent)).as_posix()}{anchor or ''})"

    return _LINK.sub(replaced, text)


def _page_of(target: Path, docs: Path) -> Path | None:
    """Give the source of the page that shows a file, or the file itself if it is among the sources."""
    if target.parent == docs.parent and target.name in COPIED:
        return docs / FOLDER / COPIED[target.name]
    return target if target.is_file() and target.is_relative_to(docs) else None


def copies(project: Path) -> dict[str, str]:
    """Give the pages of the documents of the root folder, by their names."""
    docs = project / "docs"
    read = {name: (project / name).read_text(encoding="utf-8") for name in COPIED}
    return {
        COPIED[name]: on_the_site(text, project / name, docs / FOLDER / COPIED[name], docs)
        for name, text in read.items()
    }
