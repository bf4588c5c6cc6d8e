"""Weight of evidence: each characteristic cut into bins, each bin replaced by how safe it is."""

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from credit_pipeline.modelling import binning
from credit_pipeline.spec import Code

Values = NDArray[np.float64]
# A bin without events or without non-events counts as if it held half a row of them, so that its weight stays finite.
_HALF_A_ROW = 0.5
_TREND = {1: "ascending", -1: "descending"}


def weights_of_evidence(count: ArrayLike, events: ArrayLike) -> Values:
    r"""Weight of evidence of each bin.

    .. math:: \mathrm{WoE}_i = \ln \frac{n_{0,i} / n_0}{n_{1,i} / n_1}

    :math:`n_{0,i}, n_{1,i}` are non-events and events of bin i, :math:`n_0, n_1` of all bins: high is safe. Where one
    of them is 0 in a bin that has rows, half a row stands in its place; a bin without rows weighs 0.

    Parameters
    ----------
    count, events
        Rows and events of each bin, shape (bins,).

    References
    ----------
    N. Siddiqi, *Intelligent Credit Scoring*, 2nd ed., Wiley 2017, chapter 10.

    Examples
    --------
    >>> weights_of_evidence([100, 100], [20, 5]).round(3).tolist()
    [-0.56, 0.999]
    """
    total, bad = np.asarray(count, dtype=np.float64), np.asarray(events, dtype=np.float64)
    good = total - bad
    shares = np.maximum(good, _HALF_A_ROW) / max(good.sum(), 1.0), np.maximum(bad, _HALF_A_ROW) / max(bad.sum(), 1.0)
    weights: Values = np.where(total > 0, np.log(shares[0] / shares[1]), 0.0)
    return weights


def information_values(count: ArrayLike, events: ArrayLike) -> Values:
    r"""Each bin's part of the information value: :math:`(n_{0,i} / n_0 - n_{1,i} / n_1) \, \mathrm{WoE}_i`.

    >>> float(information_values([100, 100], [20, 5]).sum().round(3))
    0.534
    """
    total, bad = np.asarray(count, dtype=np.float64), np.asarray(events, dtype=np.float64)
    good = total - bad
    gap = good / max(good.sum(), 1.0) - bad / max(bad.sum(), 1.0)
    parts: Values = gap * weights_of_evidence(count, events)
    return parts


class WeightOfEvidence(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Bins that are fitted once and looked up ever after.

    Numeric characteristics are cut by OptBinning into bins whose default rate runs in one direction, or by the best
    single cut where it finds none; categories, special codes and missing values are bins of their own. What is kept is
    plain arrays: transforming needs no OptBinning.

    Parameters
    ----------
    categorical
        Columns whose values are categories, each a bin.
    special_codes
        Codes by column that have bins of their own.
    direction
        How the risk runs with a column, 1 rises, -1 falls; it takes the place of ``monotonic_trend``.
    max_bins, minimum_bin_share
        Bounds on the bins of a numeric characteristic: their number and their share of the rows.
    minimum_information_value
        Characteristics with less are dropped.
    monotonic_trend
        OptBinning's trend, such as ``auto_asc_desc``, ``ascending`` or ``descending``.
    time_limit
        Seconds for the binning of one characteristic.

    Attributes
    ----------
    kept_
        Names of the characteristics that are kept.
    dropped_
        Reason by dropped characteristic.
    splits_, codes_, weights_, bins_
        By kept characteristic: cut points (numeric) and codes in ascending order; the weights, of the intervals, then
        of the codes, then of missing; label, rows and events of each bin.

    Examples
    --------
    >>> delay = pd.DataFrame({"delay": [0, 0, 0, 0, 1, 1, 1, 1] * 50})
    >>> woe = WeightOfEvidence(categorical=["delay"]).fit(delay, np.array([0, 0, 0, 1, 0, 1, 1, 1] * 50))
    >>> woe.transform(delay)["delay"].round(3).unique().tolist()
    [1.099, -1.099]
    """

    def __init__(
        self,
        categorical: Sequence[str] = (),
        special_codes: Mapping[str, Sequence[Code]] | None = None,
        direction: Mapping[str, int] | None = None,
        max_bins: int = 8,
        minimum_bin_share: float = 0.02,
        minimum_information_value: float = 0.0,
        monotonic_trend: str = "auto_asc_desc",
        time_limit: int = 10,
    ) -> None:
        self.categorical = categorical
        self.special_codes = special_codes
        self.direction = direction
        self.max_bins = max_bins
        self.minimum_bin_share = minimum_bin_share
        self.minimum_information_value = minimum_information_value
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
            No characteristic has enough information value.
        """
        outcome = np.asarray(y, dtype=np.int64)
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.splits_: dict[str, Values] = {}
        self.codes_: dict[str, list[Code]] = {}
        self.bins_: dict[str, list[tuple[str, int, int]]] = {}
        self.weights_: dict[str, Values] = {}
        self.dropped_: dict[str, str] = {}
        for name in X.columns:
            self._fit_characteristic(str(name), X[name], outcome)
        self.kept_ = list(self.weights_)
        if not self.kept_:
            why = "; ".join(f"{name}: {reason}" for name, reason in self.dropped_.items())
            raise ValueError(f"no characteristic has two bins and enough information value ({why})")
        return self

    def _fit_characteristic(self, name: str, values: pd.Series, outcome: NDArray[np.int64]) -> None:
        codes = self._own_bins(name, values)
        splits = np.empty(0) if name in self.categorical else self._cut(name, values, codes, outcome)
        position = binning.positions(values, splits, codes)
        size = len(splits) + 1 + len(codes) + 1
        count, events = np.bincount(position, minlength=size), np.bincount(position, outcome, minlength=size)
        information = float(information_values(count, events).sum())
        if (count > 0).sum() < 2:  # noqa: PLR2004  # one bin tells nothing
            self.dropped_[name] = f"one bin: {_why_one(values)}"
            return
        if information < self.minimum_information_value:
            self.dropped_[name] = f"information value {information:.4f}"
            return
        labels = binning.labels(splits, codes)
        self.splits_[name], self.codes_[name] = splits, codes
        self.weights_[name] = weights_of_evidence(count, events)
        self.bins_[name] = list(zip(labels, count.tolist(), events.astype(int).tolist(), strict=True))

    def _own_bins(self, name: str, values: pd.Series) -> list[Code]:
        if name in self.categorical:
            return sorted(values.dropna().unique().tolist())
        return sorted((self.special_codes or {}).get(name, ()))

    def _cut(self, name: str, values: pd.Series, codes: Sequence[Code], outcome: NDArray[np.int64]) -> Values:
        ordinary = (values.notna() & ~values.isin(list(codes))).to_numpy()
        numbers, outcomes = values.to_numpy(np.float64)[ordinary], outcome[ordinary]
        if len(np.unique(numbers)) < 2 or len(np.unique(outcomes)) < 2:  # noqa: PLR2004  # nothing to tell apart
            return np.empty(0)
        trend = _TREND.get((self.direction or {}).get(name, 0), self.monotonic_trend)
        splits = binning.optimal_splits(
            numbers,
            outcomes,
            max_n_bins=self.max_bins,
            min_bin_size=self.minimum_bin_share,
            monotonic_trend=trend,
            time_limit=self.time_limit,
        )
        # OptBinning makes no bin without events or without others: of a number that parts them well it makes one bin.
        return splits if len(splits) else binning.single_cut(numbers, outcomes, self.minimum_bin_share, trend)

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Give the weights of the kept characteristics, shape (rows, kept). A category never seen weighs 0."""
        check_is_fitted(self, "kept_")
        named = X.set_axis([str(name) for name in X.columns], axis="columns")
        columns = {name: self._look_up(name, named[name]) for name in self.kept_}
        return pd.DataFrame(columns, index=X.index)

    def _look_up(self, name: str, values: pd.Series) -> Values:
        # One weight more for what was never seen: 0, neither safe nor unsafe.
        weights = np.append(self.weights_[name], 0.0)
        splits, codes = self.splits_[name], self.codes_[name]
        position = binning.positions(values, splits, codes)
        unseen = (position < len(splits) + 1) if name in self.categorical else np.zeros(len(position), dtype=bool)
        return np.asarray(weights[np.where(unseen, len(weights) - 1, position)])

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:  # noqa: ARG002  # scikit-learn's
        """Names of the kept characteristics."""
        return np.asarray(self.kept_, dtype=object)

    def table(self) -> pd.DataFrame:
        """Give every bin: characteristic, bin, count, events, event rate, weight of evidence, information value."""
        return pd.concat([self._table_of(name) for name in self.kept_], ignore_index=True)

    def _table_of(self, name: str) -> pd.DataFrame:
        rows = pd.DataFrame(self.bins_[name], columns=["bin", "count", "events"])
        table = rows.assign(
            characteristic=name,
            event_rate=rows["events"] / rows["count"].clip(lower=1),
            weight_of_evidence=self.weights_[name],
            information_value=information_values(rows["count"], rows["events"]),
        )
        return table.loc[table["count"] > 0, ["characteristic", *[c for c in table if c != "characteristic"]]]


def _why_one(values: pd.Series) -> str:
    if values.isna().all():
        return "all missing"
    return "one value" if len(values.unique()) == 1 else "no cut of the trend asked for tells more than chance"
