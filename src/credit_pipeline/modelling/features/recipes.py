"""Recipes: how columns become features. Each is a function that returns an unfitted scikit-learn transformer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import cast

from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, PowerTransformer

from credit_pipeline.core import dotted_path, find_closest_name
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.features.columns import Columns
from credit_pipeline.modelling.features.weight_of_evidence import WeightOfEvidence

Recipe = Callable[..., BaseEstimator]


def one_hot(columns: Columns) -> ColumnTransformer:
    """Make numbers symmetric and scaled, and categories one-hot; for linear models.

    A missing number becomes the median, with an additional indicator. Because amounts of money are skewed, numbers go
    through the power transformation of Yeo and Johnson, to mean 0 and variance 1. An unknown category is all zeros.

    Parameters
    ----------
    columns
        The columns by role.

    References
    ----------
    I.-K. Yeo, R. A. Johnson, "A new family of power transformations to improve normality or symmetry", *Biometrika* 87
    (2000) 954-959.
    """
    numeric = Pipeline(
        [("impute", SimpleImputer(strategy="median", add_indicator=True)), ("scale", PowerTransformer())]
    )
    categories = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return _by_role(columns, numeric, categories)


def ordinal(columns: Columns) -> ColumnTransformer:
    """Keep numbers unchanged, also missing ones, and encode categories as whole numbers; for trees.

    An unknown category is -1.

    Parameters
    ----------
    columns
        The columns by role.
    """
    categories = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return _by_role(columns, "passthrough", categories)


def selected(columns: Columns, names: Sequence[str]) -> ColumnTransformer:
    """Take only the named columns, unchanged and in this order; for baselines and models that need few columns.

    Parameters
    ----------
    columns
        The columns by role.
    names
        Numeric columns, raw or derived.

    Raises
    ------
    ConfigurationError
        A name is not a numeric column.
    """
    if unknown := [name for name in names if name not in columns.numeric]:
        raise ConfigurationError(
            "The recipe 'selected' names columns that are not numeric.",
            expected=f"some of {', '.join(columns.numeric)}",
            got=", ".join(unknown),
            fix="recipes.<name>.settings.names in conf/<environment>/parameters/recipes.yml",
        )
    made = ColumnTransformer([("selected", "passthrough", list(names))], verbose_feature_names_out=False)
    return made.set_output(transform="pandas")


def weight_of_evidence(
    columns: Columns,
    max_bins: int = 8,
    minimum_bin_share: float = 0.02,
    minimum_information_value: float = 0.0,
    maximum_correlation: float = 1.0,
    monotonic_trend: str = "auto_asc_desc",
    time_limit: int = 10,
) -> WeightOfEvidence:
    """Replace every characteristic by its weight of evidence; for scorecards. See ``WeightOfEvidence``.

    Parameters
    ----------
    columns
        The columns by role.
    max_bins, minimum_bin_share, minimum_information_value, maximum_correlation, monotonic_trend, time_limit
        As in ``WeightOfEvidence``.
    """
    return WeightOfEvidence(
        columns=(*columns.numeric, *columns.categorical),
        categorical=columns.categorical,
        special_codes=dict(columns.special_codes),
        direction=dict(columns.direction) or None,
        max_bins=max_bins,
        minimum_bin_share=minimum_bin_share,
        minimum_information_value=minimum_information_value,
        maximum_correlation=maximum_correlation,
        monotonic_trend=monotonic_trend,
        time_limit=time_limit,
    )


def _by_role(columns: Columns, numeric: object, categorical: object) -> ColumnTransformer:
    roles = [("numeric", numeric, list(columns.numeric)), ("categorical", categorical, list(columns.categorical))]
    kept = [role for role in roles if role[2]]
    return ColumnTransformer(kept, verbose_feature_names_out=False).set_output(transform="pandas")


RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {"one_hot": one_hot, "ordinal": ordinal, "weight_of_evidence": weight_of_evidence, "selected": selected}
)
"""The recipes that YAML can refer to by a short name."""


def resolve(name: str) -> Recipe:
    """Return a recipe by its short name or dotted path.

    Raises
    ------
    ConfigurationError
        No recipe has that name, or the path is not allowed.
    """
    if name in RECIPES:
        return RECIPES[name]
    if "." not in name:
        close = find_closest_name(name, RECIPES)
        raise ConfigurationError(
            f"There is no recipe '{name}'." + (f" Did you mean '{close}'?" if close else ""),
            expected=f"one of {', '.join(RECIPES)}, or a dotted path to a function",
            got=name,
            fix="conf/<environment>/parameters/recipes.yml",
        )
    return cast("Recipe", dotted_path.load(name))


def build(
    function: str, columns: Columns, settings: Mapping[str, object], leave_out: Sequence[str] = ()
) -> BaseEstimator:
    """Make an unfitted recipe by short name or dotted path; it transforms a table to a table.

    Parameters
    ----------
    function, settings
        The recipe, and its arguments other than the columns.
    columns, leave_out
        The columns by role, and the columns that are hidden from the recipe.

    Raises
    ------
    ConfigurationError
        There is no such recipe, or no such column to leave out.
    """
    return resolve(function)(_without(columns, leave_out), **settings).set_output(transform="pandas")


def _without(columns: Columns, leave_out: Sequence[str]) -> Columns:
    known = (*columns.numeric, *columns.categorical)
    if unknown := [name for name in leave_out if name not in known]:
        raise ConfigurationError(
            f"A recipe leaves out {', '.join(unknown)}, which it does not see.",
            expected=f"some of {', '.join(known)}",
            got=", ".join(unknown),
            fix="recipes.<name>.leave_out in conf/<environment>/parameters/recipes.yml",
        )
    numeric = tuple(name for name in columns.numeric if name not in leave_out)
    categorical = tuple(name for name in columns.categorical if name not in leave_out)
    return replace(columns, numeric=numeric, categorical=categorical)
