"""Feature names that boosted trees accept: XGBoost refuses brackets and ``<``, LightGBM special characters of JSON."""

import re
from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

_REFUSED = re.compile(r'[\[\]<{}:,"]')
_REFUSING = ("xgboost", "lightgbm")


def refuses_names(estimator: BaseEstimator, names: Sequence[str]) -> bool:
    """Return whether an estimator cannot be fitted on features with these names."""
    return type(estimator).__module__.split(".")[0] in _REFUSING and any(map(_REFUSED.search, names))


def plain_names(names: Sequence[str]) -> list[str]:
    """Replace the refused characters; names that become equal get their position appended.

    >>> plain_names(["age [years]", "a<b", "a,b", "income"])
    ['age _years_', 'a_b 1', 'a_b 2', 'income']
    """
    replaced = [_REFUSED.sub("_", name) for name in names]
    return [f"{name} {place}" if replaced.count(name) > 1 else name for place, name in enumerate(replaced)]


class PlainNames(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):  # type: ignore[call-arg,misc]  # scikit-learn ships no types
    """The step before an estimator that refuses names: it renames the features to plain names.

    ``get_feature_names_out`` returns the original names, for people.

    Examples
    --------
    >>> step = PlainNames().fit(pd.DataFrame({"age [years]": [30]}))
    >>> step.transform(pd.DataFrame({"age [years]": [30]})).columns.tolist(), step.get_feature_names_out().tolist()
    (['age _years_'], ['age [years]'])
    """

    def fit(self, X: pd.DataFrame, y: object = None) -> Self:  # noqa: ARG002  # scikit-learn's signature
        """Learn the names."""
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Rename the features to plain names, shape (rows, features)."""
        return X.set_axis(plain_names(list(self.feature_names_in_)), axis="columns")

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:  # noqa: ARG002  # scikit-learn's signature
        """Give the original names."""
        return np.asarray(self.feature_names_in_, dtype=object)
