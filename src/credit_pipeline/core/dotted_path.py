"""Objects that YAML names by dotted path: imported only from allowed packages."""

import importlib
import inspect
import os
from collections.abc import Callable

from credit_pipeline.core.closest_name import find_closest_name
from credit_pipeline.core.public_names import public_name
from credit_pipeline.errors import ConfigurationError

PACKAGES = ("sklearn", "xgboost", "lightgbm", "catboost", "interpret", "credit_pipeline")
"""Top-level packages whose objects YAML may name."""

_ADDED = "CREDIT_PIPELINE_PACKAGES"


def allow(*packages: str) -> None:
    """Let YAML name objects of more top-level packages, in this process and in those that it starts.

    Their code runs with the rights of the run: allow only what you would import yourself. The list is kept in an
    environment variable because the processes that a run starts inherit only that: the workers of a search, and the
    fresh process that loads a registered model.
    """
    if packages:
        os.environ[_ADDED] = ",".join(dict.fromkeys((*added_packages(), *packages)))


def added_packages() -> tuple[str, ...]:
    """List the packages that ``allow`` or ``CREDIT_PIPELINE_PACKAGES`` adds to ``PACKAGES``."""
    return tuple(filter(None, (name.strip() for name in os.environ.get(_ADDED, "").split(","))))


def load(path: str) -> object:
    """Import the object that a dotted path names.

    Parameters
    ----------
    path
        ``package.module.name``. The package must be one of ``PACKAGES`` or allowed, because a configuration file must
        not run any code.

    Raises
    ------
    ConfigurationError
        The package is not allowed, cannot be imported, or has no such name.

    Examples
    --------
    >>> load("sklearn.linear_model.LogisticRegression").__name__
    'LogisticRegression'
    """
    module_path, _, name = public_name(path).rpartition(".")
    if module_path.split(".")[0] not in (allowed := (*PACKAGES, *added_packages())):
        raise ConfigurationError(
            f"'{path}' may not be imported.",
            expected=f"a dotted path into one of {', '.join(allowed)}",
            got=path,
            fix=f"add the package to ALLOWED_PACKAGES in settings.py, or to the environment variable {_ADDED}",
        )
    try:
        module = importlib.import_module(module_path)
    except ImportError as error:
        raise _fault(f"'{module_path}' cannot be imported.", "an installed module", str(error)) from error
    if not hasattr(module, name):
        close = find_closest_name(name, dir(module))
        hint = f"{module_path}.{close}" if close else f"a name in {module_path}"
        raise _fault(f"'{module_path}' has no '{name}'.", hint, path)
    return getattr(module, name)


def _fault(what: str, expected: str, got: str) -> ConfigurationError:
    fix = "the dotted path in conf/<environment>/parameters"
    return ConfigurationError(what, expected=expected, got=got, fix=fix)


def source_of(function: Callable[..., object]) -> str:
    """Return the source code of a function or class."""
    return inspect.getsource(function)
