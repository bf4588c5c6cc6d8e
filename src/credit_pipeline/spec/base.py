"""The base class of every specification, and the types of values that several of them share."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Task = Literal["classification", "regression"]

Code = int | str

Scalar = bool | int | float | str | None

Share = Annotated[float, Field(gt=0, lt=1)]

Seed = Annotated[int, Field(ge=0, lt=2**32)]

Marks = Annotated[tuple[str, ...], Field(min_length=1)]

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Spec(BaseModel):
    """A frozen piece of configuration that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
