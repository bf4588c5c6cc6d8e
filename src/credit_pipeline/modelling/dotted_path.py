"""Objects named in YAML by dotted path: imported only from packages that are allowed."""

import importlib
import inspect
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from credit_pipeline.errors import ConfigurationError


def load(path: str, *, allowed: Sequence[str]) -> object:
    """Import what a dotted path names.

    Parameters
    ----------
    path
        ``package.module.name``.
    allowed
        Top-level packages that may be imported: a configuration file must not run any code it likes.

    Raises
    ------
    ConfigurationError
        The package is not allowed, cannot be imported, or has no such name.

    Examples
    --------
    >>> load("sklearn.linear_model.LogisticRegression", allowed=["sklearn"]).__name__
    'LogisticRegression'
    """
    module_path, _, name = path.rpartition(".")
    if module_path.split(".")[0] not in allowed:
        raise _fault(f"'{path}' may not be imported.", f"a dotted path into one of {', '.join(allowed)}", path)
    try:
        module = importlib.import_module(module_path)
    except ImportError as error:
        raise _fault(f"'{module_path}' cannot be imported.", "an installed module", str(error)) from error
    if not hasattr(module, name):
        close = get_close_matches(name, dir(module), n=1)
        hint = f"{module_path}.{close[0]}" if close else f"a name in {module_path}"
        raise _fault(f"'{module_path}' has no '{name}'.", hint, path)
    return getattr(module, name)


def _fault(what: str, expected: str, got: str) -> ConfigurationError:
    mend = "the dotted path in conf/<environment>/parameters"
    return ConfigurationError(what, expected=expected, got=got, mend=mend)


def source_of(function: Callable[..., object]) -> str:
    """Give the source code of a function or class."""
    return inspect.getsource(function)
