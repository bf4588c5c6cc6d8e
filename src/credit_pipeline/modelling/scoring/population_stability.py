"""Population stability: how far a current sample has drifted from the sample that a model was made on."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from credit_pipeline.modelling.features import binning
from credit_pipeline.modelling.features.information_value import information_values
from credit_pipeline.spec import Code

Numbers = NDArray[np.float64]
_FEWEST = 2  # distinct numbers that two bins need


def population_stability_index(
    expected: ArrayLike, actual: ArrayLike, *, bins: int = 10, categorical: bool = False
) -> float:
    r"""Give the population stability index of a score or a characteristic: 0 means no drift; there is no upper bound.

    .. math:: \mathrm{PSI} = \sum_i (a_i - e_i) \ln \frac{a_i}{e_i}

    :math:`e_i, a_i` are the shares of the expected and of the actual sample in bin i. In the logarithm, a bin that is
    empty in one sample counts half a row. By convention less than 0.1 is stable and more than 0.25 is another
    population. Two samples of :math:`n_e, n_a` rows from one population have about
    :math:`(k - 1)(1/n_e + 1/n_a)` in k bins.

    Parameters
    ----------
    expected
        Shape (n,): the sample that the model was made on. Missing values form a separate bin.
    actual
        Shape (m,): the current sample.
    bins
        Maximum number of quantile bins of the expected sample; equal numbers share a bin, so ties leave fewer. Numbers
        of the actual sample outside the expected range fall into the outer bins.
    categorical
        Every value is a bin, also a value that only one of the samples has. Numbers with one distinct value are always
        treated so.

    Raises
    ------
    ValueError
        A sample is empty, there are no bins, or values are not numbers and ``categorical`` is False.

    References
    ----------
    N. Siddiqi, *Intelligent Credit Scoring*, 2nd ed., Wiley 2017, chapter 12. B. Yurdakul, J. Naranjo, *Journal of
    Risk Model Validation* 14 (2020) 89-100, its distribution.

    Examples
    --------
    The shares 0.5 and 0.5 become 0.6 and 0.4, (0.6 - 0.5) ln 1.2 + (0.4 - 0.5) ln 0.8:

    >>> round(population_stability_index([1] * 5 + [2] * 5, [1] * 6 + [2] * 4), 5)
    0.04055
    """
    table = population_stability_table(expected, actual, bins=bins, categorical=categorical)
    return float(table["population_stability_index"].sum())


def population_stability_table(
    expected: ArrayLike, actual: ArrayLike, *, bins: int = 10, categorical: bool = False
) -> pd.DataFrame:
    """Give both samples by bin, with the contribution of each bin to the population stability index.

    Parameters
    ----------
    expected, actual, bins, categorical
        As in ``population_stability_index``.

    Returns
    -------
    pandas.DataFrame
        One row per bin that has rows: ``bin``, ``expected_count``, ``actual_count``, ``expected_share``,
        ``actual_share``, ``population_stability_index``.

    Raises
    ------
    ValueError
        As in ``population_stability_index``.

    Examples
    --------
    >>> table = population_stability_table(["own", "rent"], ["rent", "rent", None], categorical=True)
    >>> table[["bin", "expected_count", "actual_count"]].to_numpy().tolist()
    [['own', 1, 0], ['rent', 1, 2], ['missing', 0, 1]]
    """
    before, now = _sample(expected, "expected"), _sample(actual, "actual")
    if categorical or before.nunique() < _FEWEST:
        splits, codes = np.empty(0), sorted({*before.dropna(), *now.dropna()}, key=str)
        before, now = _objects(before), _objects(now)
    else:
        before, now = _numbers(before), _numbers(now)
        splits, codes = quantile_cuts(before.dropna().to_numpy(), bins), []
    return _table(binning.labels(splits, codes), _counted(before, splits, codes), _counted(now, splits, codes))


def _sample(values: ArrayLike, name: str) -> pd.Series:
    sample = pd.Series(values)
    if sample.empty:
        raise ValueError(f"the {name} sample has no rows")
    return sample


def _objects(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna(), None)


def _numbers(values: pd.Series) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(values):
        raise ValueError(f"quantile bins need numbers, got {values.dtype}; use categorical=True for other values")
    return pd.Series(values.to_numpy(np.float64, na_value=np.nan))


def quantile_cuts(values: Numbers, bins: int) -> Numbers:
    """Cut numbers into bins of as equal size as ties allow.

    Parameters
    ----------
    values
        Shape (n,), none missing.
    bins
        Maximum number of bins.

    Returns
    -------
    numpy.ndarray
        Cut points, ascending, each the lowest number of its bin. The lowest number of all is not a cut.

    Raises
    ------
    ValueError
        There are no bins.

    Examples
    --------
    >>> quantile_cuts(np.array([1.0, 2.0, 3.0, 4.0]), 2).tolist()
    [3.0]
    """
    if bins < 1:
        raise ValueError(f"at least one bin is needed, got {bins}")
    splits = np.unique(np.quantile(values, np.arange(1, bins) / bins, method="higher"))
    return np.asarray(splits[splits > values.min()])


def _counted(values: pd.Series, splits: Numbers, codes: Sequence[Code]) -> NDArray[np.intp]:
    # Intervals, codes and one bin for missing.
    return np.bincount(binning.positions(values, splits, codes), minlength=len(splits) + len(codes) + 2)


def _table(labels: Sequence[str], expected: NDArray[np.intp], actual: NDArray[np.intp]) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "bin": labels,
            "expected_count": expected,
            "actual_count": actual,
            "expected_share": expected / expected.sum(),
            "actual_share": actual / actual.sum(),
            "population_stability_index": stability_parts(expected, actual),
        }
    )
    return table[(expected > 0) | (actual > 0)].reset_index(drop=True)


def stability_parts(expected_count: ArrayLike, actual_count: ArrayLike) -> NDArray[np.float64]:
    """Give the contribution of each bin to the population stability index; it is symmetric in the samples.

    Parameters
    ----------
    expected_count, actual_count
        Shape (k,): rows of each sample in each bin.

    Examples
    --------
    >>> stability_parts([50, 50], [60, 40]).round(5).tolist()
    [0.01823, 0.02231]
    """
    expected, actual = np.asarray(expected_count), np.asarray(actual_count)
    # The index is the information value with the sample as the outcome. The half row of an empty bin can be a greater
    # share than an almost empty bin of the other sample: this is not drift, so no contribution is below 0.
    return np.maximum(information_values(expected + actual, actual), 0.0)
