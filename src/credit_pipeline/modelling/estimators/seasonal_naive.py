"""The baseline of every forecast: the observation of one season ago is repeated."""

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

Floats = NDArray[np.float64]


class SeasonalNaive(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    r"""Predict the value of one column.

    .. math:: \hat y_t = y_{t - m}

    with the season :math:`m`, if the column holds the target of one season ago; the column is computed beforehand, by
    time. A missing value is replaced by the mean of the outcomes in ``fit``.

    Parameters
    ----------
    column
        Name or position of the column. ``None``: the only column of the table.

    Attributes
    ----------
    position_
        Position of the column.
    mean_
        Mean of the outcomes in ``fit``.

    References
    ----------
    R. J. Hyndman and G. Athanasopoulos, *Forecasting: Principles and Practice*, 3rd ed., OTexts 2021, section 5.2.

    Examples
    --------
    >>> yesterday, today = pd.DataFrame({"yesterday": [10.0, 12.0, np.nan]}), [11.0, 14.0, 8.0]
    >>> SeasonalNaive().fit(yesterday, today).predict(yesterday).tolist()
    [10.0, 12.0, 11.0]
    """

    def __init__(self, column: str | int | None = None) -> None:
        self.column = column

    def fit(self, X: pd.DataFrame, y: ArrayLike) -> Self:
        """Find the column and take the mean of the outcomes.

        Parameters
        ----------
        X
            Shape (rows, columns); NaN = missing.
        y
            Shape (rows,).

        Raises
        ------
        ValueError
            There is no such column, or no column is named and there are several.
        """
        _, outcome = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True)
        self.position_ = self._position()
        self.mean_ = float(outcome.mean())
        return self

    def predict(self, X: pd.DataFrame) -> Floats:
        """Give the column with missing values filled by the mean, shape (rows,)."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)[:, self.position_]
        return np.where(np.isnan(values), self.mean_, values)

    def _position(self) -> int:
        names = list(getattr(self, "feature_names_in_", range(self.n_features_in_)))
        if self.column is None and len(names) == 1:
            return 0
        if self.column in names:
            return names.index(self.column)
        if isinstance(self.column, int) and 0 <= self.column < len(names):
            return self.column
        raise ValueError(f"column: expected the name or position of one of {names}, got {self.column!r}")

    def __sklearn_tags__(self) -> Tags:
        """State that missing values are allowed, and that the score is poor on columns without the season."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.regressor_tags.poor_score = True
        return tags
