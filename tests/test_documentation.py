"""The documentation site: every document, every parameter file and every public object has a page."""

import ast
import doctest
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from documentation import documents, generated_pages, parameter_files, reference, signatures, source_tree
from jsonschema import Draft202012Validator

from conftest import ROOT

DOCS = ROOT / "docs"
SCHEMAS = parameter_files.read(DOCS / "schemas")
MODULES = source_tree.modules()
HOW_TO = sorted((DOCS / "how_to").glob("*.md"))
PACKAGE = ROOT / "src/credit_pipeline"
_TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_MODULE = re.compile(r"(?P<names>(?:`[\w.]+`(?:,?\s+and\s+|,\s+|\s+))+(?:is\s+)?in\s+)?`(?P<path>[\w./-]+\.py)`")


def listed() -> set[str]:
    """Name the pages in the navigation of the front page, without their endings."""
    blocks = _TOCTREE.findall((DOCS / "index.md").read_text(encoding="utf-8"))
    lines = [line for block in blocks for line in block.splitlines() if line and not line.startswith(":")]
    return {match.group(1) if (match := re.search(r"<(.+)>$", line)) else line for line in lines}


def written() -> list[Path]:
    """Give the documents that people write, not those that a build makes."""
    made = (DOCS / "generated", DOCS / "_site")
    return [path for path in sorted(DOCS.rglob("*.md")) if not any(path.is_relative_to(folder) for folder in made)]


def prose() -> list[Path]:
    """Give every document of the project."""
    return [*written(), *sorted(path for folder in (".", "data/*", "tests/*") for path in ROOT.glob(f"{folder}/*.md"))]


def test_every_document_is_in_the_navigation() -> None:
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in written()}
    decisions = {page for page in pages if page.startswith("decisions/0")}  # the page of the decisions lists them
    copies = {f"{documents.FOLDER}/{Path(name).stem}" for name in documents.copies(ROOT)}
    assert pages - decisions - {"index"} == listed() & pages
    assert copies <= listed()
    assert listed() - pages - copies == {"generated/parameters/index", "generated/api/credit_pipeline"}


def test_the_list_of_decisions_names_every_decision() -> None:
    text = (DOCS / "decisions/README.md").read_text(encoding="utf-8")
    kept = sorted(path.name for path in DOCS.glob("decisions/0*.md"))
    assert sorted(re.findall(r"\]\((0[^)]+)\)", text)) == kept


def test_every_schema_has_a_page_with_each_of_its_keys() -> None:
    pages = parameter_files.pages(SCHEMAS)
    assert pages.keys() == {"index.rst", *(f"{name}.rst" for name in SCHEMAS)}
    for name, schema in SCHEMAS.items():
        keys = {key for _, group, _ in parameter_files.groups(schema) for key in group["properties"]}
        shown = set(re.findall(r"^   \* - ``(\w+)``$", pages[f"{name}.rst"], re.MULTILINE))
        assert shown == keys
        assert f"{name}.yml <{name}>" in pages["index.rst"]


def test_every_definition_of_a_schema_is_on_its_page() -> None:
    for schema in SCHEMAS.values():
        shown = {group["title"] for _, group, _ in parameter_files.groups(schema)}
        assert shown == set(schema["$defs"])


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_has_a_meaning(name: str) -> None:
    keys = [
        (path, *item)
        for path, group, _ in parameter_files.groups(SCHEMAS[name])
        for item in group["properties"].items()
    ]
    assert [f"{path}.{key}" for path, key, value in keys if not value.get("description")] == []


def test_a_row_says_type_allowed_default_and_meaning() -> None:
    shown = parameter_files.page("data_split", SCHEMAS["data_split"])
    assert "   * - ``test_share``\n     - number\n     - > 0, < 1\n     - ``0.2``\n     - The share of rows" in shown
    assert "``random_stratified``, ``random``, ``grouped``, ``out_of_time``" in shown


def test_a_key_that_must_be_there_has_no_default() -> None:
    shown = parameter_files.page("models", SCHEMAS["models"])
    assert "   * - ``estimator``\n     - text\n     - —\n     - required" in shown
    assert "group of keys; see `models.<name>.search`_" in shown


def test_every_public_module_has_a_page_in_the_tree() -> None:
    files = {path for path in (ROOT / "src/credit_pipeline").rglob("*.py") if path.name != "__main__.py"}
    hidden = {path for path in files if path.name.startswith("_") and path.name != "__init__.py"}
    assert {module.path for module in MODULES.values()} == files - hidden
    pages = reference.pages(MODULES)
    for name, module in MODULES.items():
        assert f".. automodule:: {name}\n" in pages[f"{name}.rst"]
        assert not module.parent or f"   {module.leaf} <{name}>" in pages[f"{module.parent}.rst"]


def test_a_public_object_on_no_page_is_named() -> None:
    shown = {f"{module.name}.{name}": None for module in MODULES.values() for name in module.public}
    assert reference.missing(MODULES, shown) == []
    first = next(iter(shown))
    del shown[first]
    assert reference.missing(MODULES, shown) == [first]


def test_a_name_that_a_package_gives_late_leads_to_its_module() -> None:
    page = reference.page(MODULES["credit_pipeline"], MODULES)
    home = next(name for name, module in MODULES.items() if {"run", "sweep"} <= module.public.keys())
    assert f"   * - :py:obj:`run <{home}.run>`\n     - {MODULES[home].summary_of('run')}" in page
    assert ".. autofunction" not in page


def test_a_name_from_a_private_module_is_shown_by_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "credit_pipeline_shown"
    package.mkdir()
    (package / "_inner.py").write_text('def hidden() -> None:\n    """Do it."""\n')
    (package / "__init__.py").write_text(
        'from credit_pipeline_shown._inner import hidden\n\n__all__ = ["hidden"]\n', encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    module = source_tree.Module("credit_pipeline_shown", package / "__init__.py")
    page = reference.page(module, {module.name: module})
    assert ".. autofunction:: credit_pipeline_shown.hidden" in page


@pytest.mark.parametrize("module", [parameter_files, signatures])
def test_the_examples_in_the_tools_hold(module: object) -> None:
    found = doctest.testmod(module, extraglobs={"ast": signatures.ast})  # type: ignore[arg-type]
    assert found.attempted > 0
    assert found.failed == 0


def test_a_specification_has_its_fields_as_keywords() -> None:
    home = next(name for name, module in MODULES.items() if "RecipeSpec" in module.public)
    made = importlib.import_module(home).RecipeSpec
    assert signatures.of_class(made, MODULES).startswith("(*, function: str, settings: dict[")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[words](docs/glossary.md#bin)", "[words](../../glossary.md#bin)"),
        ("[how](CONTRIBUTING.md)", "[how](contributing.md)"),
        ("![drawn](docs/images/champion.png)", "![drawn](../../images/champion.png)"),
        ("[lock](requirements.lock)", "`lock`"),
        ("[`lock`](requirements.lock)", "`lock`"),
        ("[far](https://example.org/a.md)", "[far](https://example.org/a.md)"),
        ("[here](#style)", "[here](#style)"),
        ("```sh\n[a](requirements.lock)\n```", "```sh\n[a](requirements.lock)\n```"),
        ("```mermaid\nflowchart\n```\n", ""),
    ],
)
def test_a_link_of_a_copied_document_leads_to_the_page(text: str, shown: str) -> None:
    assert documents.on_the_site(text, ROOT / "README.md", DOCS / documents.FOLDER / "readme.md", DOCS) == shown


def test_a_page_that_is_not_made_any_more_is_removed(tmp_path: Path) -> None:
    generated_pages.write(tmp_path, {"a.rst": "A\n", "b.rst": "B\n"})
    before = (tmp_path / "a.rst").stat().st_mtime_ns
    generated_pages.write(tmp_path, {"a.rst": "A\n"})
    assert [path.name for path in tmp_path.iterdir()] == ["a.rst"]
    assert (tmp_path / "a.rst").stat().st_mtime_ns == before


@pytest.mark.parametrize("path", HOW_TO, ids=lambda path: path.stem)
def test_what_a_how_to_shows_is_allowed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        for key, value in yaml.safe_load(block).items():
            Draft202012Validator(SCHEMAS[key]).validate({key: value})
    for block in re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        exec(compile(block, path.name, "exec"), {})  # noqa: S102 - what the page shows a person to write


@pytest.mark.parametrize("path", [DOCS / "index.md", ROOT / "SECURITY.md", *HOW_TO], ids=lambda path: path.stem)
def test_a_link_leads_somewhere_and_a_named_file_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = [(path.parent / link).resolve() for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text)]
    made = {f"{parameter_files.FOLDER}/{name}" for name in parameter_files.pages(SCHEMAS)}
    made |= {f"{reference.FOLDER}/{name}.rst" for name in MODULES}
    made |= {f"{documents.FOLDER}/{name}" for name in documents.copies(ROOT)}
    named = [ROOT / name for name in re.findall(r"`((?:docs|src|tests|tools)/[\w./-]+)`", text)]
    wanted = [link for link in (*links, *named) if not link.exists()]
    assert {link.relative_to(DOCS).as_posix() for link in wanted} <= made


def test_the_docs_lock_has_what_the_group_asks_for_and_no_version_of_another_lock() -> None:
    locks = [(ROOT / f"requirements{name}.lock").read_text(encoding="utf-8") for name in ("", "-test", "-docs")]
    pinned = [dict(re.findall(r"^([A-Za-z0-9][\w.-]*)==([^\s;]+)", lock, re.MULTILINE)) for lock in locks]
    assert pinned[2].keys().isdisjoint(pinned[0].keys() | pinned[1].keys())
    assert {"furo", "myst-parser", "sphinx", "sphinx-copybutton", "ziamath"} <= pinned[2].keys()


def test_the_hooks_are_the_tools_of_make_check() -> None:
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe is not None
    tools = {line.replace(" .", "") for line in re.findall(r"^\t\$\(BIN\)/(.*)$", recipe.group(1), re.MULTILINE)}
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    entries = {hook["entry"].removeprefix(".venv/bin/").replace(" --force-exclude", "") for hook in hooks}
    assert entries - {"make docs"} == tools
    assert "make docs" in entries


def test_the_hosted_checks_run_the_script_of_the_project() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.13"]
    assert "bash .ci/run" in [step.get("run") for step in jobs["test"]["steps"]]


def places(text: str) -> Iterator[tuple[str, list[str]]]:
    """Give every module that a text names, with the names that the text puts in it."""
    for found in _MODULE.finditer(_FENCED.sub("", text)):
        yield found["path"], re.findall(r"`([\w.]+)`", found["names"] or "")


def modules_called(path: str) -> list[Path]:
    """Find the files that a document calls by this path: below the package, below the root, or a file name alone."""
    found = [base / path for base in (PACKAGE, ROOT) if (base / path).is_file()]
    return found or ([] if "/" in path else sorted(PACKAGE.rglob(path)))


def defined_in(module: Path) -> set[str]:
    """Give what a module defines: functions, classes, variables, fields, and texts such as the name of a metric."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Constant(value=str(name)):
                found.add(name)
    return found


def wrong_places(text: str) -> list[str]:
    """Name each module of a text that does not exist, and each name that its module does not define."""
    wrong = []
    for path, names in places(text):
        modules = modules_called(path)
        known = set().union(*(defined_in(module) for module in modules))
        wrong += [f"{name} in {path}" for name in names if not known >= set(name.split("."))]
        wrong += [] if modules else [path]
    return wrong


@pytest.mark.parametrize("path", prose(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_that_a_document_names_exists_and_defines_what_the_document_says(path: Path) -> None:
    assert wrong_places(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("`choose` in `modelling/selection/challenger.py`", []),
        ("`choose` in\n`src/credit_pipeline/modelling/selection/challenger.py`", []),
        ("`SearchResult.out_of_fold` in `modelling/training/search.py`", []),
        ("`headroom` and `worst_delay` in `use_cases/credit_cards.py`", []),
        ("`settings.py`, `nodes.py`", []),
        ("`choose` in `modelling/selection/ranking.py`", ["choose in modelling/selection/ranking.py"]),
        ("`DataSpec` in `spec/project.py`", ["DataSpec in spec/project.py"]),  # it is only imported there
        ("`split` is in `modelling/splitting/schemes.py`", ["split in modelling/splitting/schemes.py"]),
        ("`row`, `headroom` in `use_cases/credit_cards.py`", ["row in use_cases/credit_cards.py"]),
        ("made in `splitting/parts.py`", ["splitting/parts.py"]),
        ("`lost.py`", ["lost.py"]),
    ],
)
def test_a_wrong_place_is_found(text: str, wrong: list[str]) -> None:
    assert wrong_places(text) == wrong
