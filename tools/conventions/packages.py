"""Rules for packages: how many modules one holds, what it says at its door, where its tests lie."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

from conventions.sources import PACKAGE

MOST_MODULES = 12
_MOST_HERE = {PACKAGE: 4, PACKAGE / "modelling": 0}  # both hold packages; the first also what Kedro looks for there
_ONE_SENTENCE = re.compile(r"(?!.*[.!?]\s)\S.*\.")
_WITHOUT_PACKAGE = ("support", "data")
_NO_TEST = {"__init__", "conftest"}


def crowded_packages(project: Path) -> list[str]:
    """No package with more modules than a reader can survey: 12, fewer in the two that hold packages."""
    return [
        f"{package}: {count} modules beside __init__, at most {most}"
        for package in _packages(project)
        if (count := len(_modules(project / package))) > (most := _MOST_HERE.get(package, MOST_MODULES))
    ]


def front_doors(project: Path) -> list[str]:
    """Every package says in one sentence what it is about, and lists in ``__all__`` what it offers.

    A package of packages offers these. The list may be empty: then each module is reached by its own path.
    """
    return [
        f"{package}/__init__.py: {fault}" for package in _packages(project) for fault in _door_faults(project / package)
    ]


def _door_faults(package: Path) -> list[str]:
    door = package / "__init__.py"
    if not door.is_file():
        return ["missing"]
    tree = ast.parse(door.read_text(encoding="utf-8"))
    faults = [] if _begins_with_a_sentence(tree) else ["the first line is not a docstring of one sentence"]
    return faults if _lists_names(tree) else [*faults, "has no __all__"]


def _begins_with_a_sentence(tree: ast.Module) -> bool:
    text = ast.get_docstring(tree, clean=False)
    return text is not None and tree.body[0].lineno == 1 and bool(_ONE_SENTENCE.fullmatch(text.split("\n")[0]))


def _lists_names(tree: ast.Module) -> bool:
    targets = [
        target
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def _packages(project: Path) -> list[Path]:
    return _folders(project, PACKAGE, (project / PACKAGE).rglob("*.py"))


def _folders(project: Path, top: Path, files: Iterable[Path]) -> list[Path]:
    """Give the folders from ``top`` down to each of the files, relative to the project."""
    found = {folder for file in files for folder in file.relative_to(project).parents}
    return sorted(folder for folder in found if folder.is_relative_to(top))


def _modules(package: Path) -> list[Path]:
    return [path for path in package.glob("*.py") if path.stem != "__init__"]


def mirrored_tests(project: Path) -> list[str]:
    """Folders of tests are packages; below ``tests/modelling`` each file is named after the module or package it tests.

    Elsewhere a file may have a name of its own: much is tested there that several modules do together.
    """
    files = _test_modules(project)
    folders = _folders(project, Path("tests"), (project / file for file in files))
    strangers = [folder for folder in folders if not (project / _tested(folder) / "__init__.py").is_file()]
    statistics = [file for file in files if file.is_relative_to("tests/modelling") and file.stem not in _NO_TEST]
    return [f"{folder}: no package of that name" for folder in strangers] + [
        f"{file}: no module or package {subject}"
        for file, subject in zip(statistics, map(_subject, statistics), strict=True)
        if not (project / subject).is_dir() and not (project / subject).with_suffix(".py").is_file()
    ]


def _subject(test: Path) -> Path:
    return _tested(test.parent) / test.stem.removeprefix("test_")


def _tested(folder: Path) -> Path:
    return PACKAGE / folder.relative_to("tests")


def supporting_modules(project: Path) -> list[str]:
    """No module beside the tests that is not a test: what tests share lies in ``tests/support``."""
    return [
        f"{file}: not a test, belongs into tests/support"
        for file in _test_modules(project)
        if not file.stem.startswith("test_") and file.stem not in _NO_TEST
    ]


def _test_modules(project: Path) -> list[Path]:
    files = sorted(path.relative_to(project) for path in (project / "tests").rglob("*.py"))
    return [file for file in files if file.parts[1] not in _WITHOUT_PACKAGE]
