"""Recipes: how columns become features. Each is one function that gives an unfitted scikit-learn transformer."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, PowerTransformer

from credit_pipeline.core import dotted_path
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.features.weight_of_evidence import WeightOfEvidence
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


Recipe = Callable[..., BaseEstimator]


def columns_of(spec: DataSpec, derived: Sequence[str], direction: Mapping[str, int] | None = None) -> Columns:
    """Read the columns out of a contract; derived columns are numeric."""
    special = {name: tuple(column.special_codes) for name, column in spec.columns.items() if column.special_codes}
    return Columns((*spec.named("numeric"), *derived), spec.named("categorical"), special, direction or {})


def one_hot(columns: Columns) -> ColumnTransformer:
    """Numbers made symmetric and scaled, categories one-hot; for linear models.

    A missing number becomes the median, with an indicator beside it. Numbers are transformed by Yeo and Johnson's power
    transformation to mean 0 and variance 1, since amounts of money are skewed. A category never seen is all zeros.

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
    """Numbers as they are, missing ones included; categories as whole numbers; for trees.

    A category never seen is -1.

    Parameters
    ----------
    columns
        The columns by role.
    """
    categories = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return _by_role(columns, "passthrough", categories)


def selected(columns: Columns, names: Sequence[str]) -> ColumnTransformer:
    """Take some columns as they are, in the order named, and no others; for baselines and models that ask for few.

    Parameters
    ----------
    columns
        The columns by role.
    names
        Numeric columns, raw or derived.

    Raises
    ------
    ConfigurationError
        A name is no numeric column.
    """
    if unknown := [name for name in names if name not in columns.numeric]:
        raise ConfigurationError(
            "The recipe 'selected' names what is no number.",
            expected=f"some of {', '.join(columns.numeric)}",
            got=", ".join(unknown),
            mend="recipes.<name>.settings.names in conf/<environment>/parameters/recipes.yml",
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
    """Every characteristic as its weight of evidence; for scorecards. See ``WeightOfEvidence``."""
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
"""The recipes that YAML may name by a short name."""


def resolve(name: str) -> Recipe:
    """Give a recipe by its short name, or by dotted path.

    Raises
    ------
    ConfigurationError
        There is none of that name, or the path is not allowed.
    """
    if name in RECIPES:
        return RECIPES[name]
    if "." not in name:
        close = get_close_matches(name, RECIPES, n=1)
        raise ConfigurationError(
            f"There is no recipe '{name}'." + (f" Did you mean '{close[0]}'?" if close else ""),
            expected=f"one of {', '.join(RECIPES)}, or a dotted path to a function",
            got=name,
            mend="conf/<environment>/parameters/recipes.yml",
        )
    return cast("Recipe", dotted_path.load(name))


def tables(fitted: BaseEstimator) -> pd.DataFrame:
    """Describe a fitted recipe for people: bins of a weight of evidence, else statistics by feature.

    Returns
    -------
    pandas.DataFrame
        What the recipe's own ``table()`` gives, where it has one, as ``WeightOfEvidence`` has: one row a bin. Else
        ``feature``, ``statistic``, ``value``.
    """
    if hasattr(fitted, "table"):
        return cast("pd.DataFrame", fitted.table())
    rows = [row for step, names in _steps(fitted) for row in _statistics(step, names)]
    return pd.DataFrame(rows, columns=["feature", "statistic", "value"])


def _steps(fitted: object, names: Sequence[str] | None = None) -> Iterator[tuple[object, Sequence[str]]]:
    """Fitted steps with the names of their inputs, out of columns by role and of steps in a row."""
    if isinstance(fitted, ColumnTransformer):
        known = np.asarray(fitted.feature_names_in_, dtype=object)
        for _, step, columns in fitted.transformers_:
            if not isinstance(step, str):  # "drop"
                yield from _steps(step, _names(known, columns))
    elif isinstance(fitted, Pipeline):
        for step in fitted[:]:
            yield step, list(getattr(step, "feature_names_in_", names or ()))
    else:
        yield fitted, list(getattr(fitted, "feature_names_in_", ())) if names is None else names


def _names(known: NDArray[np.object_], columns: object) -> list[str]:
    """Names of columns that are told by name, position, mask or slice."""
    if isinstance(columns, str):
        return [columns]
    told = list(columns) if isinstance(columns, Iterable) else known[cast("slice", columns)]
    return [str(name) for name in (told if all(isinstance(name, str) for name in told) else known[told])]


def _statistics(step: object, names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Tell what a step learned of each of its inputs, by the names that scikit-learn gives its attributes."""
    if isinstance(categories := getattr(step, "categories_", None), list):
        known = zip(names, categories, strict=True)
        return [(name, "categories", ", ".join(map(str, np.asarray(found).tolist()))) for name, found in known]
    learned = {word: getattr(step, attribute, None) for attribute, word in _LEARNED.items()}
    rows = [
        (name, word, f"{value:.6g}" if isinstance(value, float) else str(value))
        for word, values in learned.items()
        if values is not None and np.shape(values) == (len(names),)
        for name, value in zip(names, np.asarray(values).tolist(), strict=True)
    ]
    return rows or [(name, "as it is" if _passes(step) else type(step).__name__, "") for name in names]


def _passes(step: object) -> bool:
    return isinstance(step, FunctionTransformer) and step.func is None


_LEARNED: Mapping[str, str] = MappingProxyType(
    {
        "statistics_": "imputed by",
        "lambdas_": "power",
        "mean_": "mean",
        "center_": "centre",
        "scale_": "scale",
        "data_min_": "minimum",
        "data_max_": "maximum",
    }
)


def source(name: str) -> str:
    """Give the source code of a recipe."""
    return dotted_path.source_of(resolve(name))
