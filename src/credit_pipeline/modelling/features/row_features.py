"""Row-wise features: the first step of every model, in which no row depends on another row."""

from collections.abc import Callable, Mapping, Sequence
from typing import Self, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin

from credit_pipeline.core import dotted_path
from credit_pipeline.errors import DataError

RowFunction = Callable[[pd.DataFrame], Mapping[str, ArrayLike] | pd.DataFrame]


class RowFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """The first step of every model: raw columns in, raw and derived columns out.

    Parameters
    ----------
    function
        Dotted path of a row-wise function: it takes the columns by name and returns the new ones by name, as arrays or
        as a DataFrame. ``None`` adds nothing. It is kept as text: no code is stored with a model.
    columns
        Input columns in the model's order; others are left out. ``None`` takes all.

    Examples
    --------
    >>> RowFeatures(columns=["age"]).fit_transform(pd.DataFrame({"age": [30], "name": ["Ada"]})).columns.tolist()
    ['age']
    """

    def __init__(
        self,
        function: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> None:
        self.function = function
        self.columns = columns

    def fit(self, X: pd.DataFrame, y: object = None) -> Self:  # noqa: ARG002  # scikit-learn's signature
        """Learn only the names of the columns.

        Raises
        ------
        DataError
            An input column is missing.
        """
        self.feature_names_in_ = np.asarray(self._inputs(X).columns, dtype=object)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Give raw and derived columns, shape (rows, columns).

        Raises
        ------
        DataError
            An input column is missing.
        """
        inputs = self._inputs(X)
        if self.function is None:
            return inputs
        derive = cast("RowFunction", dotted_path.load(self.function))
        derived = pd.DataFrame(derive(inputs), index=inputs.index)
        return pd.concat([inputs, derived], axis="columns")

    def _inputs(self, frame: pd.DataFrame) -> pd.DataFrame:
        names = list(frame.columns if self.columns is None else self.columns)
        if missing := [name for name in names if name not in frame.columns]:
            raise DataError(
                "An application lacks columns that the model needs.",
                expected=", ".join(names),
                got=f"no {', '.join(missing)}",
                fix="the table or the request",
            )
        return frame[names]

    def __sklearn_is_fitted__(self) -> bool:
        """Report to scikit-learn that there is nothing to fit."""
        return True
