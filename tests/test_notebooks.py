"""The notebooks: stored without outputs, and executed from their folder in a project that has been run."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from conftest import HANG

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


@pytest.fixture(autouse=True)
def _kernel_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The kernel is in the test environment, and knows no person's own start-up files."""
    monkeypatch.setenv("KEDRO_ENV", "test")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))


def executed(notebook: NotebookNode, project: Path) -> NotebookNode:
    folder = project / "notebooks"
    return NotebookClient(notebook, timeout=HANG, resources={"metadata": {"path": str(folder)}}).execute()


def code_of(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(notebook: NotebookNode) -> str:
    return "".join(
        output.text for cell in code_of(notebook) for output in cell.outputs if output.output_type == "stream"
    )


def pictures(notebook: NotebookNode) -> int:
    outputs = [output for cell in code_of(notebook) for output in cell.outputs]
    return sum("image/png" in output.get("data", {}) for output in outputs)


def test_there_is_a_notebook_for_the_data_one_for_the_champion_and_one_for_runs() -> None:
    assert NAMES == ["01_explore_applications.ipynb", "02_explore_champion.ipynb", "03_train_compare_explain.ipynb"]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_stored_valid_and_without_outputs(name: str) -> None:
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    nbformat.validate(notebook)
    assert [(cell.outputs, cell.execution_count) for cell in code_of(notebook)] == [([], None)] * len(code_of(notebook))


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_reports_what_is_seen(name: str) -> None:
    cells = nbformat.read(NOTEBOOKS / name, as_version=4).cells
    assert cells[0].cell_type == "markdown"
    assert cells[-1].cell_type == "markdown"
    assert sum(cell.cell_type == "markdown" for cell in cells) >= 5


def test_the_applications_are_explored(project: Path) -> None:
    notebook = executed(nbformat.read(NOTEBOOKS / NAMES[0], as_version=4), project)
    assert "1,500 rows, 25 columns" in printed(notebook)
    assert "1,500 rows accepted, 0 set aside" in printed(notebook)
    assert pictures(notebook) == 3


def test_the_champion_is_explored(project: Path) -> None:
    notebook = executed(nbformat.read(NOTEBOOKS / NAMES[1], as_version=4), project)
    assert re.search(r"^credit_test version \d+, trained as \w+, alias champion$", printed(notebook), re.MULTILINE)
    assert "200 applicants scored, 0 set aside" in printed(notebook)
    assert pictures(notebook) == 5


def test_a_cell_that_fails_is_reported(project: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("catalog.load('champion')")])
    with pytest.raises(CellExecutionError, match="name 'catalog' is not defined"):
        executed(notebook, project)


def test_nothing_imports_from_a_notebook() -> None:
    sources = (NOTEBOOKS.parent / "src").rglob("*.py")
    assert [path for path in sources if re.search(r"^\s*(from|import) notebooks", path.read_text(), re.MULTILINE)] == []


@pytest.mark.slow
def test_a_notebook_trains_compares_and_explains(project: Path) -> None:
    notebook = executed(nbformat.read(NOTEBOOKS / "03_train_compare_explain.ipynb", as_version=4), project)
    assert "2 runs below one" in printed(notebook)
    # The sweep, and three figures of the challenger.
    assert pictures(notebook) == 4
