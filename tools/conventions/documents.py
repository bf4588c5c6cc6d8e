"""Rules for documents and locks: nothing about one machine, nothing that does not exist."""

import re
from collections.abc import Iterator
from pathlib import Path

LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-docs.lock")
_MACHINE = re.compile(r"(?<![\w.~-])/(?:work|tmp|root|home|Users)(?:/|\b)")
_INDEX = re.compile(
    r"pypi\.org/simple|pythonhosted\.org|(?<!emit-)(?:extra-)?index-url|devpi|artifactory|nexus", re.IGNORECASE
)
_CODE = re.compile(r"```.*?```|`[^`\n]+`|^(?: {4}|\t)[^\n]*$", re.DOTALL | re.MULTILINE)
_TARGET = re.compile(r"\bmake ([a-z][a-z-]*)")
_PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)==", re.MULTILINE)


def machine_paths(project: Path) -> list[str]:
    """No document names a folder of one machine or a package index."""
    return [
        f"{path.relative_to(project)}:{number}: {found.group()}"
        for path in _documents(project)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for pattern in (_MACHINE, _INDEX)
        for found in pattern.finditer(line)
    ]


def unknown_targets(project: Path) -> list[str]:
    """Every ``make`` command that a document shows exists, and ``make help`` describes it."""
    makefile = (project / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z][a-z-]*):.*?## \S", makefile, re.MULTILINE))
    return [
        f"{path.relative_to(project)}: make {target} does not exist"
        for path in _documents(project)
        if path.suffix == ".md"
        for code in _CODE.findall(path.read_text(encoding="utf-8"))
        for target in _TARGET.findall(code)
        if target not in known
    ]


def lock_faults(project: Path) -> list[str]:
    """Locks hold hashes, no address and no CUDA library; no lock repeats a package of one before it."""
    locks = {name: (project / name).read_text(encoding="utf-8") for name in LOCKS}
    packages = {name: set(_PINNED.findall(text)) for name, text in locks.items()}
    earlier = {name: set().union(*(packages[other] for other in LOCKS[:at])) for at, name in enumerate(LOCKS)}
    return [
        *(f"{name}: holds an address" for name, text in locks.items() if re.search(r"\w+://", text)),
        *(f"{name}: pins {found}" for name in LOCKS for found in sorted(packages[name]) if "nvidia" in found.lower()),
        *(f"{name}: pins nothing" for name in LOCKS if not packages[name]),
        *(f"{name}: {found} has no hash" for name, text in locks.items() for found in _without_hash(text)),
        *(f"{name}: repeats {found}" for name in LOCKS for found in sorted(packages[name] & earlier[name])),
    ]


def _without_hash(lock: str) -> list[str]:
    blocks = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    return [found.group(1) for block in blocks if (found := _PINNED.match(block)) and "--hash=" not in block]


def _documents(project: Path) -> Iterator[Path]:
    yield from sorted(project.glob("*.md"))
    for folder, pattern in (
        ("docs", "*.md"),
        ("notebooks", "*.ipynb"),
        ("data/01_raw", "*.md"),
        ("tests/data", "*.md"),
    ):
        yield from sorted((project / folder).rglob(pattern))
