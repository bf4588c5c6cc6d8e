"""Which columns a recipe sees, and in which role."""

from collections.abc import Mapping

import pandas as pd
from sklearn.base import BaseEstimator

from credit_pipeline.modelling import recipes
from credit_pipeline.spec import DataSpec


def inputs(features: pd.DataFrame, spec: DataSpec) -> list[str]:
    """Names of the raw and derived columns: all but target and identifier."""
    return [name for name in features.columns if name not in spec.named("identifier", "target")]


def roles(features: pd.DataFrame, spec: DataSpec) -> recipes.Columns:
    """Roles of the raw columns as the contract has them; derived columns are numeric."""
    return recipes.columns_of(spec, [name for name in inputs(features, spec) if name not in spec.columns])


def build(function: str, columns: recipes.Columns, settings: Mapping[str, object]) -> BaseEstimator:
    """Make an unfitted recipe by short name or dotted path; what it makes of a table is a table again."""
    return recipes.resolve(function)(columns, **settings).set_output(transform="pandas")
