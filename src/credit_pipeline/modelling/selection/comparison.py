"""How far two models differ: on the same test rows, and over the same folds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from credit_pipeline.core import Difference
from credit_pipeline.modelling.metrics import Sample, metric_named
from credit_pipeline.modelling.metrics.uncertainty import (
    bootstrap_difference,
    delong_difference,
    value_difference,
)

RANKED: Mapping[str, float] = MappingProxyType({"roc_auc": 1.0, "gini": 2.0})
"""Metrics whose difference is DeLong's, with their unit in terms of the AUC."""


@dataclass(frozen=True)
class FoldDifference(Difference):
    """Mean difference of a metric over the folds, with its interval, p-value and corrected standard error."""

    corrected_standard_error: float


@dataclass(frozen=True)
class Folds:
    """One metric of every model on the shared folds.

    Attributes
    ----------
    scores
        By model: shape (folds,), in the order of the folds.
    held_out_ratio
        Rows that a fold validates over rows that it is fitted on.
    """

    scores: Mapping[str, NDArray[np.float64]]
    held_out_ratio: float

    def difference(self, model: str, against: str) -> FoldDifference | None:
        """Give the difference of two models; ``None`` if the scores of one are not known for every fold."""
        one, other = self.scores.get(model), self.scores.get(against)
        if one is None or other is None or len(one) != len(other) or len(one) < 2:  # noqa: PLR2004  # no variance
            return None
        return fold_difference(one, other, self.held_out_ratio)


def fold_difference(one: ArrayLike, other: ArrayLike, held_out_ratio: float) -> FoldDifference:
    r"""Compare two models over the folds of one cross-validation, with Nadeau and Bengio's correction.

    .. math:: \bar d \pm t_{k-1} s, \quad s^2 = \left(\frac1k + \frac{n_v}{n_f}\right) \operatorname{var}(d)

    with :math:`d_j` the difference on fold j of k, var their sample variance, :math:`n_v` and :math:`n_f` the rows that
    a fold validates and is fitted on, t the 97.5 % point of Student's distribution with k - 1 degrees of freedom. The
    folds share most of the rows that they are fitted on, so their differences are correlated: without the second term
    the interval would be too narrow. If the difference is the same on every fold, s = 0, and the p-value is 1 for a
    difference of 0, else 0.

    Parameters
    ----------
    one, other
        Shape (k,): a metric of each model, fold by fold; k at least 2.
    held_out_ratio
        :math:`n_v / n_f`; for k equal folds :math:`1 / (k - 1)`.

    Raises
    ------
    ValueError
        The scores have different shapes, or there are fewer than two folds.

    References
    ----------
    C. Nadeau, Y. Bengio, *Machine Learning* 52 (2003) 239-281.

    Examples
    --------
    Differences 1, 2, 3: mean 2, variance 1, so s is the root of 1/3 + 1/2:

    >>> found = fold_difference([2.0, 4.0, 6.0], [1.0, 2.0, 3.0], 1 / 2)
    >>> found.value, round(found.corrected_standard_error**2, 6)
    (2.0, 0.833333)
    """
    first, second = (np.asarray(scores, dtype=np.float64) for scores in (one, other))
    if first.shape != second.shape or first.ndim != 1 or len(first) < 2:  # noqa: PLR2004  # no variance
        raise ValueError(
            f"two models need scores on at least two shared folds, got shapes {first.shape}, {second.shape}"
        )
    gaps = first - second
    mean, freedom = float(gaps.mean()), len(gaps) - 1
    error = float(np.sqrt((1 / len(gaps) + held_out_ratio) * gaps.var(ddof=1)))
    margin = float(student.ppf(0.975, freedom)) * error
    p_value = float(2 * student.sf(abs(mean) / error, freedom)) if error > 0 else float(mean == 0)
    return FoldDifference(mean, mean - margin, mean + margin, p_value, error)


COLUMNS = (
    "model",
    "against",
    "metric",
    "difference",
    "lower",
    "upper",
    "p_value",
    "fold_difference",
    "fold_lower",
    "fold_upper",
    "fold_p_value",
    "corrected_standard_error",
)


def compare(
    samples: Mapping[str, Sample], folds: Mapping[str, Folds], against: str, *, resamples: int = 500, seed: int = 42
) -> pd.DataFrame:
    """Compare every model with one, on the same test rows and over the same folds.

    AUC and Gini have the paired difference of DeLong. Other metrics of a classification have a paired bootstrap, which
    draws the same rows for both models. Metrics of a regression have the interval of ``influence.interval``. All of
    them take clusters of rows into account. A difference is the model's value less that of the other model, in the
    unit of the metric.

    Parameters
    ----------
    samples
        By model: the test part with the model's answers. All samples have the same rows.
    folds
        The folds' scores by metric; each metric is compared.
    against
        The model that the others are compared with.
    resamples, seed
        Of the bootstrap, where a difference has no closed form.

    Returns
    -------
    pandas.DataFrame
        One row per metric and model other than ``against``; columns ``COLUMNS``. The columns of the folds are missing
        if a model's folds are not known.

    Examples
    --------
    >>> one = Sample(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9]))
    >>> both = {"a": one, "b": one.answered(np.array([0.1, 0.8, 0.2, 0.9]))}
    >>> table = compare(both, {"roc_auc": Folds({}, 0.25)}, "a")
    >>> table[["model", "against", "difference"]].values.tolist()
    [['b', 'a', -0.25]]
    """
    rows = [
        {"model": model, "against": against, "metric": name, **_columns(found), **_over_folds(scores, model, against)}
        for name, scores in folds.items()
        for model, found in paired_differences(samples, name, against, resamples=resamples, seed=seed).items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _over_folds(folds: Folds, model: str, against: str) -> dict[str, float]:
    found = folds.difference(model, against)
    if found is None:
        return {}
    return {**_columns(found, "fold_"), "corrected_standard_error": found.corrected_standard_error}


def _columns(found: Difference, prefix: str = "") -> dict[str, float]:
    named = {"difference": found.value, "lower": found.lower, "upper": found.upper, "p_value": found.p_value}
    return {f"{prefix}{name}": value for name, value in named.items()}


def paired_differences(
    samples: Mapping[str, Sample], metric: str, against: str, *, resamples: int, seed: int
) -> dict[str, Difference]:
    """Give the difference of every other model to one on the test part, by model.

    Parameters
    ----------
    samples, against, resamples, seed
        As in ``compare``.
    metric
        Name of the metric to compare.
    """
    known, reference = metric_named(metric), samples[against]
    others = {model: sample for model, sample in samples.items() if model != against}
    if known.task == "regression":
        return {model: value_difference(known, sample, reference) for model, sample in others.items()}
    if (unit := RANKED.get(metric, 0.0)) > 0:
        return {model: delong_difference(sample, reference) * unit for model, sample in others.items()}
    return bootstrap_difference(known, others, reference, resamples=resamples, seed=seed)


def fold_scores_of(rows: Sequence[Mapping[str, object]], metric: str) -> NDArray[np.float64]:
    """Give one metric from the stored scores of the folds, in the order of the folds; empty if it was not stored."""
    table = pd.DataFrame(rows)
    if metric not in table:
        return np.empty(0)
    return table.sort_values("fold")[metric].to_numpy(np.float64)
