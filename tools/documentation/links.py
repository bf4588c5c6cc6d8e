"""Names in docstrings lead to what they name: ``checked`` of the same module, ``metrics.checked`` of another."""

from collections import defaultdict
from collections.abc import Mapping

from docutils import nodes
from sphinx.addnodes import desc_signature
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

from documentation.reference import FOLDER

_NO_LINK = (nodes.reference, nodes.title, desc_signature)


def target(text: str, module: str, names: Mapping[str, set[str]]) -> str | None:
    """Find the full name that a text in a module's docstring means, if there is exactly one.

    >>> names = by_ending(["credit_pipeline.modelling.metrics.checked"])
    >>> target("metrics.checked", "credit_pipeline.modelling.delong", names)
    'credit_pipeline.modelling.metrics.checked'
    """
    if f"{module}.{text}" in names:
        return f"{module}.{text}"
    found = names.get(text, set()) if "." in text else set()
    return next(iter(found)) if len(found) == 1 else None


def by_ending(names: list[str]) -> dict[str, set[str]]:
    """Give full names by each of their endings of whole parts."""
    found = defaultdict(set)
    for name in names:
        parts = name.split(".")
        for cut in range(len(parts)):
            found[".".join(parts[cut:])].add(name)
    return found


class NamesLead(SphinxPostTransform):
    """Turns the names in the pages of modules into links."""

    default_priority = 20

    def run(self, **_: object) -> None:
        """Look at each text in fixed width of the page."""
        page = self.env.current_document.docname
        if not page.startswith(FOLDER):
            return
        objects = self.env.domains.python_domain.objects
        names = by_ending(list(objects))
        for literal in list(self.document.findall(nodes.literal)):
            named = target(literal.astext().removesuffix("()"), page.removeprefix(f"{FOLDER}/"), names)
            if named and not _is_within(literal, _NO_LINK):
                found = objects[named]
                link = make_refnode(self.app.builder, page, found.docname, found.node_id, literal.deepcopy(), named)
                literal.replace_self(link)


def _is_within(node: nodes.Node, kinds: tuple[type, ...]) -> bool:
    while (node := node.parent) is not None:
        if isinstance(node, kinds):
            return True
    return False


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the transform."""
    app.add_post_transform(NamesLead)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
