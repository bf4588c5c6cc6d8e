"""What a fitted recipe learned, as a readable table, and the source code of the recipe."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import cast

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from credit_pipeline.core import dotted_path
from credit_pipeline.modelling.features.feature_origins import columns_asked
from credit_pipeline.modelling.features.recipes import resolve


def tables(fitted: BaseEstimator) -> pd.DataFrame:
    """Describe a fitted recipe in a readable table: bins of a weight of evidence, otherwise statistics by feature.

    Returns
    -------
    pandas.DataFrame
        The recipe's ``table()`` if it has one, such as ``WeightOfEvidence`` with one row per bin; otherwise the columns
        ``feature``, ``statistic``, ``value``.
    """
    if hasattr(fitted, "table"):
        return cast("pd.DataFrame", fitted.table())
    rows = [row for step, names in _steps(fitted) for row in _statistics(step, names)]
    return pd.DataFrame(rows, columns=["feature", "statistic", "value"])


def _steps(fitted: object, names: Sequence[str] | None = None) -> Iterator[tuple[object, Sequence[str]]]:
    """Yield the fitted steps with the names of their inputs, from column transformers and pipelines."""
    if isinstance(fitted, ColumnTransformer):
        known = list(map(str, fitted.feature_names_in_))
        for _, step, columns in fitted.transformers_:
            if not isinstance(step, str):  # "drop"
                yield from _steps(step, columns_asked(columns, known))
    elif isinstance(fitted, Pipeline):
        for step in fitted[:]:
            yield step, list(getattr(step, "feature_names_in_", names or ()))
    else:
        yield fitted, list(getattr(fitted, "feature_names_in_", ())) if names is None else names


def _statistics(step: object, names: Sequence[str]) -> list[tuple[str, str, str]]:
    """List what a step learned about each of its inputs, from the attributes that scikit-learn defines."""
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
