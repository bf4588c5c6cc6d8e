"""Each package has a front door: its names are there, and nothing heavy is imported before they are used."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

SOURCE = ROOT / "src/credit_pipeline"
DOORS = sorted(path for path in SOURCE.rglob("__init__.py") if "lazy_loader" in path.read_text(encoding="utf-8"))


def test_there_are_front_doors() -> None:
    assert len(DOORS) >= 15


@pytest.mark.parametrize("path", DOORS, ids=lambda path: str(path.parent.relative_to(SOURCE)))
def test_a_door_gives_every_name_that_it_lists_and_lists_every_name_that_it_gives(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typed = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    loaded = {
        name.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for names in node.values
        for name in ast.walk(names)
        if isinstance(name, ast.Constant)
    }
    module = importlib.import_module(".".join(path.parent.relative_to(SOURCE.parent).parts))
    assert set(module.__all__) == loaded == typed - {"TYPE_CHECKING"}
    assert all(getattr(module, name) is not None for name in module.__all__)


@pytest.mark.parametrize("name", ["modelling", "pipelines"])
def test_a_package_of_packages_lists_each_of_them(name: str) -> None:
    module = importlib.import_module(f"credit_pipeline.{name}")
    assert module.__all__ == sorted(door.parent.name for door in (SOURCE / name).glob("*/__init__.py"))
    for package in module.__all__:
        importlib.import_module(f"credit_pipeline.{name}.{package}")


@pytest.mark.parametrize(
    ("imported", "absent"),
    [
        ("credit_pipeline", ("pandas", "sklearn", "mlflow", "kedro")),
        ("credit_pipeline.spec", ("pandas", "sklearn", "mlflow", "kedro")),
        ("credit_pipeline.core", ("pandas", "sklearn", "mlflow", "kedro")),
        ("credit_pipeline.modelling", ("pandas", "sklearn", "mlflow", "kedro")),
        ("credit_pipeline.modelling.metrics", ("pandas", "sklearn", "mlflow", "kedro")),
        ("credit_pipeline.modelling.features", ("optbinning", "sklearn")),
        ("credit_pipeline.use_cases.credit_cards", ("pandas", "sklearn", "mlflow", "kedro")),
    ],
)
def test_a_package_is_imported_without_what_its_names_need(imported: str, absent: tuple[str, ...]) -> None:
    listed = f"import sys, {imported}; print(*[name for name in {absent} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
