"""What tells two models apart: on the same test rows, and over the same folds."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from credit_pipeline.core import Outcome, Probability
from credit_pipeline.modelling.metrics import Metric, metric_named
from credit_pipeline.modelling.metrics.counts import checked_for
from credit_pipeline.modelling.metrics.delong import delong_difference
from credit_pipeline.modelling.metrics.paired_differences import (
    PairedDifference,
    bootstrap_difference,
    value_difference,
)

RANKED: Mapping[str, float] = {"roc_auc": 1.0, "gini": 2.0}
"""Metrics whose difference is DeLong's, as multiples of the AUC."""


@dataclass(frozen=True)
class FoldDifference:
    """Mean difference of a metric over the folds, its corrected standard error, 95 % interval and two-sided p-value."""

    fold_difference: float
    fold_lower: float
    fold_upper: float
    fold_p_value: float
    corrected_standard_error: float


@dataclass(frozen=True)
class Folds:
    """One metric of every model on the folds that all share.

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
        """Give the difference of two models; ``None`` where the scores of one are not known fold by fold."""
        one, other = self.scores.get(model), self.scores.get(against)
        if one is None or other is None or len(one) != len(other) or len(one) < 2:  # noqa: PLR2004  # no variance
            return None
        return fold_difference(one, other, self.held_out_ratio)


def fold_difference(one: ArrayLike, other: ArrayLike, held_out_ratio: float) -> FoldDifference:
    r"""Compare two models over the folds of one cross-validation, with Nadeau and Bengio's correction.

    .. math:: \bar d \pm t_{k-1} s, \quad s^2 = \left(\frac1k + \frac{n_v}{n_f}\right) \operatorname{var}(d)

    with :math:`d_j` the difference on fold j of k, var their sample variance, :math:`n_v` and :math:`n_f` the rows that
    a fold validates and is fitted on, t the 97.5 % point of Student's distribution with k - 1 degrees of freedom. The
    folds share most of what they are fitted on, so their differences vary together: without the second term the
    interval would be too narrow. Models that differ by the same on every fold have s = 0, and the p-value 1 if that
    is nothing, else 0.

    Parameters
    ----------
    one, other
        Shape (k,): a metric of either model, fold by fold; k at least 2.
    held_out_ratio
        :math:`n_v / n_f`; of k equal folds :math:`1 / (k - 1)`.

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
    >>> found.fold_difference, round(found.corrected_standard_error**2, 6)
    (2.0, 0.833333)
    """
    first, second = (np.asarray(scores, dtype=np.float64) for scores in (one, other))
    if first.shape != second.shape or first.ndim != 1 or len(first) < 2:  # noqa: PLR2004  # no variance
        raise ValueError(f"two models on two folds at least, got scores of shapes {first.shape}, {second.shape}")
    gaps = first - second
    mean, freedom = float(gaps.mean()), len(gaps) - 1
    error = float(np.sqrt((1 / len(gaps) + held_out_ratio) * gaps.var(ddof=1)))
    margin = float(student.ppf(0.975, freedom)) * error
    p_value = float(2 * student.sf(abs(mean) / error, freedom)) if error > 0 else float(mean == 0)
    return FoldDifference(mean, mean - margin, mean + margin, p_value, error)


@dataclass(frozen=True)
class HeldOut:
    """The test part: its outcome, the answers of every model, and how a difference is made sure of.

    Attributes
    ----------
    outcome
        Shape (n,): 1 = default, or a regression's target.
    answers
        By model: shape (n,), probability of default or predicted value of the same rows.
    resamples, seed
        Of the bootstrap, where a difference has no closed form.
    scale
        Unit of a scaled metric, see ``metrics.score``.
    cluster
        Shape (n,): which rows err together, a whole number from 0; by default each by itself.
    """

    outcome: Outcome
    answers: Mapping[str, Probability]
    resamples: int = 500
    seed: int = 42
    scale: float = 1.0
    cluster: NDArray[np.intp] | None = None


COLUMNS = (
    "model",
    "against",
    "metric",
    *PairedDifference.__dataclass_fields__,
    *FoldDifference.__dataclass_fields__,
)


def compare(held_out: HeldOut, folds: Mapping[str, Folds], against: str) -> pd.DataFrame:
    """Set every model against one, on the same test rows and over the same folds.

    AUC and Gini have the paired difference of DeLong; other metrics of a classification a paired bootstrap, which draws
    the same rows for both; those of a regression the interval of ``value_metrics.interval``. Each knows the clusters of
    rows that err together. A difference is the model's value less that of the other, in the unit of the metric.

    Parameters
    ----------
    held_out
        What the models answer on the test part.
    folds
        The folds' scores by metric; each metric is compared.
    against
        The model that the others are compared with.

    Returns
    -------
    pandas.DataFrame
        One row a metric and model other than ``against``; columns ``COLUMNS``. Missing where a model's folds are not
        known.

    Examples
    --------
    >>> answers = {"a": np.array([0.1, 0.2, 0.8, 0.9]), "b": np.array([0.1, 0.8, 0.2, 0.9])}
    >>> table = compare(HeldOut(np.array([0, 0, 1, 1]), answers), {"roc_auc": Folds({}, 0.25)}, "a")
    >>> table[["model", "against", "difference"]].values.tolist()
    [['b', 'a', -0.25]]
    """
    rows = [
        {"model": model, "against": against, "metric": name, **asdict(found), **_told(folds[name], model, against)}
        for name in folds
        for model, found in paired(held_out, metric_named(name), against).items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _told(folds: Folds, model: str, against: str) -> dict[str, float]:
    found = folds.difference(model, against)
    return {} if found is None else asdict(found)


def paired(held_out: HeldOut, metric: Metric, against: str) -> dict[str, PairedDifference]:
    """Give the difference of every other model to one on the test part, by model."""
    others = [model for model in held_out.answers if model != against]
    cluster = held_out.cluster
    outcome, standing = checked_for(metric.task, held_out.outcome, held_out.answers[against])
    answers = {model: checked_for(metric.task, outcome, held_out.answers[model])[1] for model in others}
    if metric.task == "regression":
        unit, observed = held_out.scale if metric.scaled else 1.0, outcome.astype(np.float64)
        return {m: value_difference(metric, observed, answers[m], standing, cluster) / unit for m in others}
    if (unit := RANKED.get(metric.name, 0.0)) > 0:
        return {model: _by_ranks(outcome, answers[model], standing, cluster) * unit for model in others}
    resamples, seed = held_out.resamples, held_out.seed
    return bootstrap_difference(metric, outcome, answers, standing, resamples=resamples, seed=seed, cluster=cluster)


def _by_ranks(
    outcome: Outcome, one: Probability, other: Probability, cluster: NDArray[np.intp] | None
) -> PairedDifference:
    found = delong_difference(outcome, one, other, cluster)
    return PairedDifference(found.difference, found.lower, found.upper, found.p_value)


def fold_scores_of(rows: Sequence[Mapping[str, object]], metric: str) -> NDArray[np.float64]:
    """Give one metric out of the stored scores of the folds, in the order of the folds; empty where it is not there."""
    table = pd.DataFrame(rows)
    if metric not in table:
        return np.empty(0)
    return table.sort_values("fold")[metric].to_numpy(np.float64)
