"""Weight of evidence: each characteristic is cut into bins, and each bin is replaced by a measure of its safety."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from credit_pipeline.modelling.features import binning, characteristic_selection
from credit_pipeline.modelling.features.information_value import information_values, weights_of_evidence
from credit_pipeline.spec import Code

Values = NDArray[np.float64]
_TREND = {1: "ascending", -1: "descending"}


class WeightOfEvidence(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Bins that are fitted once and then only looked up.

    OptBinning cuts numeric characteristics into bins whose default rate only rises or only falls; if it finds no cut,
    the best single cut is used. Categories are ranked by their default rate, and the rank is cut in the same way:
    categories between two cuts share a bin; without a cut each has its own bin. Special codes and missing values have
    their own bins. The fitted state is plain arrays: transforming does not need OptBinning.

    Parameters
    ----------
    columns
        The characteristics; all columns by default.
    categorical
        Columns whose values are categories.
    special_codes
        By column: codes, of numbers or categories, that have their own bins.
    direction
        By column: 1 = the risk rises with it, -1 = it falls. It overrides ``monotonic_trend``.
    max_bins, minimum_bin_share
        Limits on the bins that are neither special codes nor missing: their largest number, and the smallest share of
        all rows in each.
    minimum_information_value
        Characteristics with a smaller information value are dropped.
    maximum_correlation
        A characteristic is dropped if its weights of evidence have a larger absolute correlation (Pearson's) with those
        of a kept one with a higher information value; 1 drops none.
    monotonic_trend
        OptBinning's trend for numbers, such as ``auto_asc_desc``, ``ascending`` or ``descending``.
    time_limit
        Seconds for the binning of one characteristic.

    Attributes
    ----------
    kept_
        Names of the kept characteristics.
    dropped_
        Reason by dropped characteristic.
    splits_, codes_, weights_, bins_
        By kept characteristic: cut points (numeric) and codes in ascending order; the weights of the intervals, then of
        the codes, then of missing; label, rows and events of each bin, in this order. Of joined categories, the first
        has the rows and events of all, the others have none.
    information_values_, bin_counts_
        By characteristic, also for dropped ones: the information value and the number of bins that hold rows.

    Examples
    --------
    >>> delay = pd.DataFrame({"delay": [0, 0, 0, 0, 1, 1, 1, 1] * 50})
    >>> woe = WeightOfEvidence(categorical=["delay"]).fit(delay, np.array([0, 0, 0, 1, 0, 1, 1, 1] * 50))
    >>> woe.transform(delay)["delay"].round(3).unique().tolist()
    [1.099, -1.099]
    """

    def __init__(  # noqa: PLR0913, PLR0917  # an estimator of scikit-learn names each of its settings
        self,
        columns: Sequence[str] | None = None,
        categorical: Sequence[str] = (),
        special_codes: Mapping[str, Sequence[Code]] | None = None,
        direction: Mapping[str, int] | None = None,
        max_bins: int = 8,
        minimum_bin_share: float = 0.02,
        minimum_information_value: float = 0.0,
        maximum_correlation: float = 1.0,
        monotonic_trend: str = "auto_asc_desc",
        time_limit: int = 10,
    ) -> None:
        self.columns = columns
        self.categorical = categorical
        self.special_codes = special_codes
        self.direction = direction
        self.max_bins = max_bins
        self.minimum_bin_share = minimum_bin_share
        self.minimum_information_value = minimum_information_value
        self.maximum_correlation = maximum_correlation
        self.monotonic_trend = monotonic_trend
        self.time_limit = time_limit

    def fit(self, X: pd.DataFrame, y: ArrayLike) -> Self:
        """Cut every characteristic.

        Parameters
        ----------
        X
            Shape (rows, characteristics).
        y
            Shape (rows,), 1 = default.

        Raises
        ------
        ValueError
            No characteristic has enough information value, or ``maximum_correlation`` is not in (0, 1].
        """
        outcome = np.asarray(y, dtype=np.int64)
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.splits_: dict[str, Values] = {}
        self.codes_: dict[str, list[Code]] = {}
        self.bins_: dict[str, list[tuple[str, int, int]]] = {}
        self.weights_: dict[str, Values] = {}
        self.dropped_: dict[str, str] = {}
        self.information_values_: dict[str, float] = {}
        self.bin_counts_: dict[str, int] = {}
        for name in X.columns:
            if self.columns is None or name in self.columns:
                self._fit_characteristic(str(name), X[name], outcome)
        self.kept_ = list(self.weights_)
        if not self.kept_:
            why = "; ".join(f"{name}: {reason}" for name, reason in self.dropped_.items())
            raise ValueError(f"no characteristic has two bins and enough information value ({why})")
        self._drop_correlated(X)
        return self

    def _fit_characteristic(self, name: str, values: pd.Series, outcome: NDArray[np.int64]) -> None:
        codes = self._coded_bins(name, values)
        splits = np.empty(0) if name in self.categorical else self._cut(name, values, codes, outcome)
        position = binning.positions(values, splits, codes)
        bins = self._bins(name, codes, position, outcome, len(splits) + 1 + len(codes) + 1)
        count = np.bincount(bins[position], minlength=len(bins))
        events = np.bincount(bins[position], outcome, minlength=len(bins))
        self.bin_counts_[name] = int((count > 0).sum())
        self.information_values_[name] = float(information_values(count, events).sum())
        if reason := self._too_little(name, values):
            self.dropped_[name] = reason
            return
        labels = binning.labels(splits, codes, bins)
        self.splits_[name], self.codes_[name] = splits, codes
        self.weights_[name] = weights_of_evidence(count, events)[bins]
        self.bins_[name] = list(zip(labels, count.tolist(), events.astype(int).tolist(), strict=True))

    def _coded_bins(self, name: str, values: pd.Series) -> list[Code]:
        if name in self.categorical:
            return sorted(values.dropna().unique().tolist())
        return sorted(self._special(name))

    def _special(self, name: str) -> Sequence[Code]:
        return (self.special_codes or {}).get(name, ())

    def _bins(
        self, name: str, codes: list[Code], position: binning.Positions, outcome: NDArray[np.int64], size: int
    ) -> binning.Positions:
        """Give the bin of each position: itself, or the first of the categories that it is joined with."""
        if name not in self.categorical:
            return np.arange(size)
        ordinary = [1 + place for place, code in enumerate(codes) if code not in self._special(name)]
        categories = np.array(ordinary, dtype=np.intp)
        return binning.join_categories(position, outcome, categories, size, self._bounds(len(outcome)))

    def _cut(self, name: str, values: pd.Series, codes: Sequence[Code], outcome: NDArray[np.int64]) -> Values:
        ordinary = (values.notna() & ~values.isin(list(codes))).to_numpy()
        trend = _TREND.get((self.direction or {}).get(name, 0), self.monotonic_trend)
        return binning.best_cuts(
            values.to_numpy(np.float64)[ordinary], outcome[ordinary], trend, self._bounds(len(outcome))
        )

    def _bounds(self, rows: int) -> binning.Bounds:
        fewest = ceil(round(self.minimum_bin_share * rows, 6))  # 0.07 * 100 lies above 7
        return binning.Bounds(self.max_bins, max(fewest, 1), self.time_limit)

    def _too_little(self, name: str, values: pd.Series) -> str:
        if self.bin_counts_[name] < 2:  # noqa: PLR2004  # one bin carries no information
            return f"one bin: {_why_one(values)}"
        information = self.information_values_[name]
        return f"information value {information:.4f}" if information < self.minimum_information_value else ""

    def _drop_correlated(self, X: pd.DataFrame) -> None:
        if self.maximum_correlation == 1:  # nothing is dropped, so skip the look-up of a large table
            return
        information = {name: self.information_values_[name] for name in self.kept_}
        repeats = characteristic_selection.find_repeats(self.transform(X), information, self.maximum_correlation)
        self.dropped_ |= repeats
        for name in repeats:
            for fitted in (self.splits_, self.codes_, self.weights_, self.bins_):
                del fitted[name]
        self.kept_ = list(self.weights_)

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Give the weights of the kept characteristics, shape (rows, kept). An unknown category weighs 0."""
        check_is_fitted(self, "kept_")
        named = X.set_axis([str(name) for name in X.columns], axis="columns")
        columns = {name: self._look_up(name, named[name]) for name in self.kept_}
        return pd.DataFrame(columns, index=X.index)

    def _look_up(self, name: str, values: pd.Series) -> Values:
        # One more weight for unknown categories: 0, neither safe nor unsafe.
        weights = np.append(self.weights_[name], 0.0)
        splits, codes = self.splits_[name], self.codes_[name]
        position = binning.positions(values, splits, codes)
        unseen = (position < len(splits) + 1) if name in self.categorical else np.zeros(len(position), dtype=bool)
        return np.asarray(weights[np.where(unseen, len(weights) - 1, position)])

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:  # noqa: ARG002  # scikit-learn's
        """Give the names of the kept characteristics."""
        return np.asarray(self.kept_, dtype=object)

    def table(self) -> pd.DataFrame:
        """List every bin of the kept characteristics.

        Returns
        -------
        pandas.DataFrame
            One row per bin: ``characteristic``, ``bin``, ``kind`` (``interval``, ``category``, ``special code``,
            ``missing``), ``count``, ``events``, ``event_rate``, ``weight_of_evidence``, ``information_value``.
        """
        return pd.concat([self._table_of(name) for name in self.kept_], ignore_index=True)

    def selection(self) -> pd.DataFrame:
        """List every characteristic, also dropped ones with the reason; see ``characteristic_selection.table``."""
        return characteristic_selection.table(self.information_values_, self.bin_counts_, self.dropped_)

    def _table_of(self, name: str) -> pd.DataFrame:
        rows = pd.DataFrame(self.bins_[name], columns=["bin", "count", "events"])
        kinds = binning.kinds(self.splits_[name], self.codes_[name], self._special(name))
        rows.insert(0, "characteristic", name)
        rows.insert(2, "kind", kinds)
        table = rows.assign(
            event_rate=rows["events"] / rows["count"].clip(lower=1),
            weight_of_evidence=self.weights_[name],
            information_value=information_values(rows["count"], rows["events"]),
        )
        return table.loc[table["count"] > 0]


def _why_one(values: pd.Series) -> str:
    if values.isna().all():
        return "all missing"
    return "one value" if len(values.unique()) == 1 else "no cut with the requested trend is better than chance"
