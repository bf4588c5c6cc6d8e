"""The synthetic loan book: ``generator.yml``."""

from typing import Annotated

from pydantic import Field

from credit_pipeline.spec.base import Seed, Share, Spec


class GeneratorSpec(Spec):
    """The synthetic loan book: ``generator.yml``. The same seed gives the same population, whatever the rows.

    ``first`` is the month of the first application, ``months`` how many there are.
    """

    rows: Annotated[int, Field(ge=1)]
    columns: Annotated[int, Field(ge=21)] = 40
    default_rate: Share = 0.08
    seed: Seed = 42
    first: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] = "2018-01"
    months: Annotated[int, Field(ge=1)] = 72
