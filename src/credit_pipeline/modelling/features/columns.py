"""Which columns a recipe sees, and in which role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from credit_pipeline.errors import ConfigurationError
from credit_pipeline.spec import Code, DataSpec


@dataclass(frozen=True)
class Columns:
    """The columns that a recipe sees, by role.

    ``special_codes`` holds, by column, codes with a special meaning. ``direction`` holds, by column, whether the risk
    rises (1) or falls (-1) with it.
    """

    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    special_codes: Mapping[str, tuple[Code, ...]]
    direction: Mapping[str, int] = field(default_factory=dict)


def inputs(features: pd.DataFrame, spec: DataSpec) -> list[str]:
    """Names of the raw and derived columns: all columns except those that are not features, such as the target."""
    return [name for name in features.columns if name not in spec.beside]


def roles(features: pd.DataFrame, spec: DataSpec, direction: Mapping[str, int] | None = None) -> Columns:
    """Give the roles of the columns: raw columns as in the contract, derived columns numeric.

    Parameters
    ----------
    features
        Raw and derived columns.
    spec
        The contract.
    direction
        By column: 1 = the risk rises with it, -1 = it falls.

    Raises
    ------
    ConfigurationError
        A direction is given for a column that is not numeric here.
    """
    found = columns_of(spec, [name for name in inputs(features, spec) if name not in spec.columns], direction)
    if unknown := sorted(set(found.direction) - set(found.numeric)):
        raise ConfigurationError(
            f"features.direction names {', '.join(unknown)}, which {'is' if len(unknown) == 1 else 'are'} not numeric.",
            expected=f"some of {', '.join(found.numeric)}",
            got=", ".join(unknown),
            fix="conf/<environment>/parameters/feature_engineering.yml",
        )
    return found


def columns_of(spec: DataSpec, derived: Sequence[str], direction: Mapping[str, int] | None = None) -> Columns:
    """Read the columns from a contract; derived columns are numeric.

    Parameters
    ----------
    spec
        The contract.
    derived
        Names of the derived columns.
    direction
        By column: 1 = the risk rises with it, -1 = it falls.
    """
    special = {name: tuple(column.special_codes) for name, column in spec.columns.items() if column.special_codes}
    return Columns((*spec.named("numeric"), *derived), spec.named("categorical"), special, direction or {})
