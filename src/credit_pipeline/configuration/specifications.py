"""Nodes take specifications: the catalog holds documents, and each of them is validated once in a run.

Parameters stay dictionaries in the catalog, because MLflow then logs each value under its name. The annotations of a
node say which specifications it takes, and ``takes_specifications`` passes it those that were checked when the run
started. A document that is not part of the open configuration, as in a notebook or a test, is validated at the call.
"""

from collections.abc import Callable, Mapping
from functools import partial, wraps
from inspect import Parameter, signature
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from credit_pipeline.configuration.configuration import run_configuration

Result = TypeVar("Result")
Model = TypeVar("Model", bound=BaseModel)
_Reader = Callable[[Any], Any]


def as_specification(kind: type[Model], value: object) -> Model:
    """Return a typed specification or record; a value that is typed already is returned as it is.

    Parameters
    ----------
    kind
        The class, such as ``DataSpec``.
    value
        An instance of it, or a document. For a document of the open configuration, the specification that was checked
        when the run started is returned.

    Raises
    ------
    pydantic.ValidationError
        The document does not describe a ``kind``.
    """
    if isinstance(value, kind):
        return value
    configuration = run_configuration()
    known = None if configuration is None else configuration.specification(kind, value)
    return kind.model_validate(value) if known is None else known


def takes_specifications(function: Callable[..., Result]) -> Callable[..., Result]:
    """Let a node take documents wherever its function takes specifications or stored records.

    The annotations of the function decide, such as ``DataSpec``, ``Mapping[str, ModelSpec]`` or ``Evaluation | None``.
    They are hidden from Kedro, which would put typed objects into the catalog: MLflow would log each as one opaque
    text.
    """
    readers = {name: reader for name, hint in get_type_hints(function).items() if (reader := _reader(hint))}
    expected = signature(function)

    @wraps(function)
    def node(*given: object, **named: object) -> Result:
        bound = expected.bind(*given, **named)
        for name, value in bound.arguments.items():
            if name in readers:
                any_number = expected.parameters[name].kind is Parameter.VAR_KEYWORD
                bound.arguments[name] = _each(readers[name], value) if any_number else readers[name](value)
        return function(*bound.args, **bound.kwargs)

    node.__annotations__ = {}
    return node


def _reader(hint: object) -> _Reader | None:
    """Return the function that turns a document into what an annotation names; ``None`` where it names no model."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return partial(as_specification, hint)
    inner = next(filter(None, map(_reader, get_args(hint))), None)
    if inner is None:
        return None
    if get_origin(hint) in (Union, UnionType):
        return partial(_if_document, inner)
    return partial(_each, inner)


def _if_document(read: _Reader, value: object) -> object:
    return read(value) if isinstance(value, Mapping) else value


def _each(read: _Reader, values: Mapping[str, object]) -> dict[str, object]:
    return {name: read(value) for name, value in values.items()}
