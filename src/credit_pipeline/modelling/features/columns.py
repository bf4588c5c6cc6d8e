"""Which columns a recipe sees, and in which role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from credit_pipeline.errors import ConfigurationError
from credit_pipeline.spec import Code, DataSpec


@dataclass(frozen=True)
class Columns:
    """The columns that a recipe sees, by role.

    ``special_codes`` are codes with a meaning of their own, ``direction`` how the risk runs (1 rises, -1 falls), by
    column.
    """

    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    special_codes: Mapping[str, tuple[Code, ...]]
    direction: Mapping[str, int] = field(default_factory=dict)


def inputs(features: pd.DataFrame, spec: DataSpec) -> list[str]:
    """Names of the raw and derived columns: all but those that stay beside the features."""
    return [name for name in features.columns if name not in spec.beside]


def roles(features: pd.DataFrame, spec: DataSpec, direction: Mapping[str, int] | None = None) -> Columns:
    """Roles of the raw columns as the contract has them; derived columns are numeric.

    Parameters
    ----------
    features
        Raw and derived columns.
    spec
        The contract.
    direction
        How the risk runs with a column: 1 rises, -1 falls.

    Raises
    ------
    ConfigurationError
        A direction is given to a column that is no number here.
    """
    found = columns_of(spec, [name for name in inputs(features, spec) if name not in spec.columns], direction)
    if unknown := sorted(set(found.direction) - set(found.numeric)):
        raise ConfigurationError(
            f"features.direction names {', '.join(unknown)}, which {'is' if len(unknown) == 1 else 'are'} no number.",
            expected=f"some of {', '.join(found.numeric)}",
            got=", ".join(unknown),
            fix="conf/<environment>/parameters/feature_engineering.yml",
        )
    return found


def columns_of(spec: DataSpec, derived: Sequence[str], direction: Mapping[str, int] | None = None) -> Columns:
    """Read the columns out of a contract; derived columns are numeric."""
    special = {name: tuple(column.special_codes) for name, column in spec.columns.items() if column.special_codes}
    return Columns((*spec.named("numeric"), *derived), spec.named("categorical"), special, direction or {})
