"""The configuration of one run: its parameters as they were read, and as checked specifications."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from credit_pipeline.spec import ProjectSpec

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Configuration:
    """The configuration of one run: the project's folder, the environment, every parameter."""

    project_path: Path
    environment: str
    parameters: Mapping[str, Any] = field(repr=False)
    folder: str = "data"
    globals: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def folder_path(self) -> Path:
        """The folder of the environment's data."""
        return self.project_path / self.folder

    @cached_property
    def spec(self) -> ProjectSpec:
        """The parameters as checked specifications, validated once."""
        return ProjectSpec.model_validate(dict(self.parameters))

    @cached_property
    def _by_document(self) -> Mapping[tuple[type[BaseModel], str], BaseModel]:
        """Each specification of a top-level key, of a recipe and of a model, by its class and its document."""
        known = [(self.parameters.get(name), getattr(self.spec, name)) for name in ProjectSpec.model_fields]
        for documents, specs in ((self.parameters[name], getattr(self.spec, name)) for name in ("recipes", "models")):
            known += [(documents[name], spec) for name, spec in specs.items()]
        known.append((self.spec.split.model_dump(mode="json"), self.spec.split))  # as the split's manifest stores it
        return {(type(spec), _text(document)): spec for document, spec in known if isinstance(spec, BaseModel)}

    def specification(self, kind: type[Model], document: object) -> Model | None:
        """Return the checked specification that a document of these parameters describes; ``None`` for others.

        Kedro passes copies to the nodes, so a document is found by its content, with its types and its order.
        """
        found = self._by_document.get((kind, _text(document)))
        return found if isinstance(found, kind) else None


def _text(document: object) -> str:
    """Write a document so that 1, 1.0 and True differ, which are equal in Python."""
    return repr(document)
