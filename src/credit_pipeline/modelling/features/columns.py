"""Which columns a recipe sees, and in which role."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
from sklearn.base import BaseEstimator

from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.features import recipes
from credit_pipeline.spec import DataSpec


def inputs(features: pd.DataFrame, spec: DataSpec) -> list[str]:
    """Names of the raw and derived columns: all but those that stay beside the features."""
    return [name for name in features.columns if name not in spec.beside]


def roles(features: pd.DataFrame, spec: DataSpec, direction: Mapping[str, int] | None = None) -> recipes.Columns:
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
    found = recipes.columns_of(spec, [name for name in inputs(features, spec) if name not in spec.columns], direction)
    if unknown := sorted(set(found.direction) - set(found.numeric)):
        raise ConfigurationError(
            f"features.direction names {', '.join(unknown)}, which {'is' if len(unknown) == 1 else 'are'} no number.",
            expected=f"some of {', '.join(found.numeric)}",
            got=", ".join(unknown),
            mend="conf/<environment>/parameters/feature_engineering.yml",
        )
    return found


def build(
    function: str, columns: recipes.Columns, settings: Mapping[str, object], leave_out: Sequence[str] = ()
) -> BaseEstimator:
    """Make an unfitted recipe by short name or dotted path; what it makes of a table is a table again.

    Parameters
    ----------
    function, settings
        The recipe, and its arguments beside the columns.
    columns, leave_out
        The columns by role, and those among them that the recipe does not see.

    Raises
    ------
    ConfigurationError
        There is no such recipe, or no such column to leave out.
    """
    return recipes.resolve(function)(_without(columns, leave_out), **settings).set_output(transform="pandas")


def _without(columns: recipes.Columns, leave_out: Sequence[str]) -> recipes.Columns:
    known = (*columns.numeric, *columns.categorical)
    if unknown := [name for name in leave_out if name not in known]:
        raise ConfigurationError(
            f"A recipe leaves out {', '.join(unknown)}, which it does not see.",
            expected=f"some of {', '.join(known)}",
            got=", ".join(unknown),
            mend="recipes.<name>.leave_out in conf/<environment>/parameters/recipes.yml",
        )
    numeric = tuple(name for name in columns.numeric if name not in leave_out)
    categorical = tuple(name for name in columns.categorical if name not in leave_out)
    return replace(columns, numeric=numeric, categorical=categorical)
