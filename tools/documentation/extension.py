"""What the site adds to Sphinx: pages made before it reads, links and signatures as it reads, a shorter navigation."""

import importlib
import inspect
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from documentation import documents, generated_pages, parameter_files, reference, signatures
from documentation.source_tree import PACKAGE, PROJECT, modules

LOGGER = logging.getLogger(__name__)
DECISIONS = "decisions/README"
_ATTRIBUTES = {"attribute", "data", "property"}
_BEFORE_OTHERS, _AFTER_OTHERS = 400, 600
_modules = cache(modules)


def _write_pages(app: Sphinx) -> None:
    source = Path(app.srcdir)
    for (
        name
    ) in _modules():  # before autodoc does, under which imports for type checkers alone run, and fail in libraries
        importlib.import_module(name)
    generated_pages.write(source / reference.FOLDER, reference.pages(_modules()))
    schemas = parameter_files.read(source / "schemas")
    generated_pages.write(source / parameter_files.FOLDER, parameter_files.pages(schemas))
    generated_pages.write(source / documents.FOLDER, documents.copies(PROJECT))


def _read(app: Sphinx, page: str, content: list[str]) -> None:
    """Follow the links of a document, and give the list of decisions its pages."""
    path = Path(app.env.doc2path(page))
    if path.suffix == ".md":
        content[0] = documents.on_the_site(content[0], path, path, Path(app.srcdir))
    if page == DECISIONS:
        content[0] += "\n```{toctree}\n:hidden:\n:glob:\n\n0*\n```\n"


def _sign(
    app: Sphinx, kind: str, name: str, value: object, options: object, given: str | None, returns: str | None
) -> tuple[str, str | None] | None:
    """Replace a signature by that of the source code; a property has none."""
    node = signatures.definition(name, _modules()) if given is not None else None
    if isinstance(node, signatures.Function):
        return signatures.of_function(node)
    return (signatures.of_class(value, _modules()), None) if node and inspect.isclass(value) else None


def _annotate(app: Sphinx, tree: nodes.document) -> None:
    """Replace the types of attributes and properties by those of the source code."""
    for signature in tree.findall(addnodes.desc_signature):
        given = signatures.annotation(f"{signature.get('module')}.{signature.get('fullname')}", _modules())
        types = [child for child in signature.children if child.astext().startswith(": ")]
        if given is not None and types and isinstance(types[0], addnodes.desc_annotation):
            types[0].children = [nodes.Text(f": {given}")]


def _keep_text(app: Sphinx, kind: str, name: str, value: object, options: object, lines: list[str]) -> None:
    """Keep the text of an attribute from napoleon, which reads the words before a colon as its type."""
    if kind in _ATTRIBUTES and not any(line.startswith("---") for line in lines):
        app.env.temp_data[f"text of {name}"] = list(lines)


def _give_text_back(app: Sphinx, kind: str, name: str, value: object, options: object, lines: list[str]) -> None:
    lines[:] = app.env.temp_data.pop(f"text of {name}", lines)


def _skip(app: Sphinx, kind: str, name: str, value: object, skip: bool, options: object) -> bool | None:
    """Leave out what a library adds to our classes when Python runs, such as scikit-learn's ``set_fit_request``."""
    home = getattr(value, "__module__", None) if inspect.isroutine(value) else None
    return None if home is None or home.startswith(PACKAGE) else True


def _check(app: Sphinx, env: BuildEnvironment) -> None:
    for name in reference.missing(_modules(), env.domains.python_domain.objects):
        LOGGER.warning("%s is public and on no page: has it a docstring?", name)


def _shorten(app: Sphinx, page: str, template: str, context: dict[str, Any], document: object) -> None:
    """Ask for the short tree: the whole one has some hundred lines in every page and takes half the time of a build."""
    if "toctree" in context:
        whole = context["toctree"]
        context["toctree"] = lambda **options: whole(**options | {"collapse": True})


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect all of it."""
    app.connect("builder-inited", _write_pages)
    app.connect("source-read", _read)
    app.connect("autodoc-process-signature", _sign)
    app.connect("autodoc-skip-member", _skip)
    app.connect("autodoc-process-docstring", _keep_text, priority=_BEFORE_OTHERS)
    app.connect("autodoc-process-docstring", _give_text_back, priority=_AFTER_OTHERS)
    app.connect("doctree-read", _annotate)
    app.connect("env-check-consistency", _check)
    app.connect("html-page-context", _shorten, priority=_BEFORE_OTHERS)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
