"""The column that each feature of a recipe comes from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import cast

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from credit_pipeline.modelling.features.weight_of_evidence import WeightOfEvidence

Sources = dict[str, str]

_EACH_BY_ITSELF = (
    MaxAbsScaler,
    MinMaxScaler,
    OrdinalEncoder,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
_INDICATOR = "missingindicator_"


def sources(recipe: BaseEstimator) -> Sources | None:
    """Find for every feature the one column that it is made from.

    Parameters
    ----------
    recipe
        Fitted on a table.

    Returns
    -------
    dict or None
        Column by feature, in the order of the features. ``None`` if the recipe holds a step that may combine several
        columns in one feature.

    Examples
    --------
    >>> import pandas as pd
    >>> homes = pd.DataFrame({"home": ["own", "rent"]})
    >>> sources(OneHotEncoder(sparse_output=False).fit(homes))
    {'home_own': 'home', 'home_rent': 'home'}
    """
    return _of_step(recipe, [str(name) for name in getattr(recipe, "feature_names_in_", ())])


def _of_step(step: object, columns: Sequence[str]) -> Sources | None:
    known = next((find for kind, find in _BY_KIND.items() if isinstance(step, kind)), None)
    return known(step, columns) if known else None


def _of_pipeline(pipeline: Pipeline, columns: Sequence[str]) -> Sources | None:
    found: Sources = {name: name for name in columns}
    for step in pipeline[:]:
        made = _of_step(step, list(found))
        if made is None:
            return None
        found = {feature: found[column] for feature, column in made.items()}
    return found


def _of_column_transformer(transformer: ColumnTransformer, columns: Sequence[str]) -> Sources | None:
    names = [str(name) for name in transformer.get_feature_names_out()]
    found: Sources = {}
    for role, step, asked in transformer.transformers_:
        made = _of_step(step, columns_asked(asked, columns))
        features = names[transformer.output_indices_[role]]
        if made is None or [name.removeprefix(f"{role}__") for name in features] != list(made):
            if features:
                return None
            continue
        found.update(zip(features, made.values(), strict=True))
    return {name: found[name] for name in names}


def columns_asked(asked: object, columns: Sequence[str]) -> list[str]:
    """Give the names of the columns that a step of a ColumnTransformer asks for.

    Parameters
    ----------
    asked
        One name, several names, positions, a mask, or a slice.
    columns
        All names, in the table's order.

    Examples
    --------
    >>> columns_asked([0, 2], ["age", "income", "limit"])
    ['age', 'limit']
    """
    wanted = [asked] if isinstance(asked, str) else list(asked) if isinstance(asked, Iterable) else asked
    if isinstance(wanted, list) and all(isinstance(name, str) for name in wanted):
        return [str(name) for name in wanted]
    return [str(name) for name in np.asarray(columns, dtype=object)[cast("slice", wanted)]]


def _of_imputer(imputer: SimpleImputer, columns: Sequence[str]) -> Sources | None:
    names = [str(name) for name in imputer.get_feature_names_out(columns)]
    found = {name: name if name in columns else name.removeprefix(_INDICATOR) for name in names}
    return found if set(found.values()) <= set(columns) else None


def _of_one_hot(encoder: OneHotEncoder, columns: Sequence[str]) -> Sources | None:
    known = {
        f"{column}_{category}": column
        for column, categories in zip(columns, encoder.categories_, strict=True)
        for category in (*categories, "infrequent_sklearn")
    }
    names = [str(name) for name in encoder.get_feature_names_out(columns)]
    # Two columns can make features with the same name: "a_b" with "c", and "a" with "b_c".
    is_plain = len(set(names)) == len(names) and len(known) == sum(len(part) + 1 for part in encoder.categories_)
    return {name: known[name] for name in names} if is_plain and set(names) <= set(known) else None


def _as_it_is(_: object, columns: Sequence[str]) -> Sources:
    return {name: name for name in columns}


def _of_function(transformer: FunctionTransformer, columns: Sequence[str]) -> Sources | None:
    return _as_it_is(transformer, columns) if transformer.func is None else None


_BY_KIND: Mapping[type | tuple[type, ...], Callable[..., Sources | None]] = MappingProxyType(
    {
        Pipeline: _of_pipeline,
        ColumnTransformer: _of_column_transformer,
        WeightOfEvidence: lambda recipe, _: {name: name for name in recipe.kept_},
        SimpleImputer: _of_imputer,
        OneHotEncoder: _of_one_hot,
        FunctionTransformer: _of_function,
        _EACH_BY_ITSELF: _as_it_is,
    }
)
