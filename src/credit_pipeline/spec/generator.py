"""The synthetic loan book: ``generator.yml``."""

from typing import Annotated

from pydantic import Field

from credit_pipeline.spec.base import Seed, Share, Spec


class GeneratorSpec(Spec):
    """The synthetic loan book: ``generator.yml``.

    The same seed gives the same population, however many rows are asked for.
    ``first`` is the month of the first application, ``months`` the number of months.
    """

    rows: Annotated[int, Field(ge=1)]
    """Applications in the loan book."""
    columns: Annotated[int, Field(ge=21)] = 40
    """Columns in the loan book."""
    default_rate: Share = 0.08
    """The share of defaults."""
    seed: Seed = 42
    """The seed of the generator's random numbers."""
    first: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] = "2018-01"
    """The month of the first application, as ``YYYY-MM``."""
    months: Annotated[int, Field(ge=1)] = 72
    """The number of months in which applications are made."""
