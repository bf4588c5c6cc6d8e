"""The reference of the package: a page for each module that there is, and a warning for what no page shows."""

import ast
import importlib
import inspect
from collections.abc import Mapping

from click import Command

from documentation.generated_pages import title, toctree
from documentation.source_tree import PACKAGE, Module

FOLDER = "generated/api"
_CONTENTS = ".. list-table::\n   :widths: 30 70\n   :class: contents-table\n"


def pages(found: Mapping[str, Module]) -> dict[str, str]:
    """Give the page of every module by its file's name."""
    return {f"{name}.rst": page(module, found) for name, module in found.items()}


def page(module: Module, found: Mapping[str, Module]) -> str:
    """Give the page of one module: what it says, what it exports, what it defines, and what is in it."""
    inner = [other for other in found.values() if other.parent == module.name]
    parts = [title(f"``{module.name}``"), _automodule(module.name), *_exports(module, found), *_commands(module)]
    if inner:
        parts += [_table(inner), toctree({other.name: other.leaf for other in inner})]
    return "\n".join(parts)


def _automodule(name: str) -> str:
    return f".. automodule:: {name}\n   :members:\n   :ignore-module-all:\n   :member-order: bysource\n"


def _table(inner: list[Module]) -> str:
    rows = [f"   * - :doc:`{other.leaf} <{other.name}>`\n     - {other.summary}" for other in inner]
    return "\n".join([f"{title('Packages and modules', '-')}\n{_CONTENTS}", *rows, ""])


def _commands(module: Module) -> list[str]:
    """Show the commands of the command line, which are no longer functions when Python runs."""
    decorated = [name for name, node in module.public.items() if node.decorator_list]
    made = {name: getattr(importlib.import_module(module.name), name) for name in decorated}
    return [f".. autofunction:: {module.name}.{name}\n" for name, value in made.items() if isinstance(value, Command)]


def _exports(module: Module, found: Mapping[str, Module]) -> list[str]:
    """List the names that a package takes from its modules; show here what comes from a private module in it."""
    defined = {name: home for name in module.exported if (home := _home(module, name)) not in {module.name, None}}
    homes = {name: _shown_by(str(home), name, found) for name, home in defined.items()}
    others = {name: home for name, home in homes.items() if home != module.name}
    rows = [
        f"   * - :py:obj:`{name} <{home}.{name}>`\n     - {found[home].summary_of(name)}"
        for name, home in others.items()
        if home in found
    ]
    listed = [f"{title('Names to import from here', '-')}\n{_CONTENTS}", *rows, ""] if rows else []
    hidden = [_autoobject(module, name) for name, home in homes.items() if home == module.name or home not in found]
    return ["\n".join(listed), *hidden]


def _shown_by(home: str, name: str, found: Mapping[str, Module]) -> str:
    """Give the module whose page shows a name: for a private module the package around it that exports the name."""
    outer = home.partition("._")[0]
    return outer if outer in found and (outer == home or name in found[outer].exported) else home


def _home(module: Module, name: str) -> str | None:
    """Give the module that defines a name, also where a lazy ``__getattr__`` gives it; none of a module itself."""
    value = getattr(importlib.import_module(module.name), name)
    if inspect.ismodule(value):
        return None
    imports = [node for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom)]
    named = [str(node.module) for node in imports if name in {given.asname or given.name for given in node.names}]
    home = value.__module__ if inspect.isclass(value) or inspect.isroutine(value) else next(iter(named), module.name)
    return home if home.startswith(PACKAGE) else module.name


def _autoobject(module: Module, name: str) -> str:
    value = getattr(importlib.import_module(module.name), name)
    kind = "class" if inspect.isclass(value) else "function" if inspect.isroutine(value) else "data"
    return f".. auto{kind}:: {module.name}.{name}\n" + ("   :members:\n" if kind == "class" else "")


def missing(found: Mapping[str, Module], shown: Mapping[str, object]) -> list[str]:
    """Give every public function and class that is not among the objects of the site."""
    return [
        f"{module.name}.{name}"
        for module in found.values()
        for name in module.public
        if f"{module.name}.{name}" not in shown
    ]
