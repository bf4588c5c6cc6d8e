"""How far a model's answers on other rows have drifted from those on train."""

from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.optimize import brentq
from scipy.stats import chi2, ncx2

from credit_pipeline.core import Estimate, Probability, Values
from credit_pipeline.modelling.metrics.uncertainty import standard_error
from credit_pipeline.modelling.scoring.population_stability import quantile_cuts, stability_parts

SCORE_PSI: Final = "score_psi"
"""Name of the index among the metrics; models are not ranked by it."""


class ScoreBins(BaseModel):
    """Out-of-fold answers of a model on train by tenths, with which its answers to other rows are compared.

    Attributes
    ----------
    cuts
        Ascending, each the lowest answer of its bin; equal answers share a bin, so ties leave fewer than nine cuts.
    counts
        Rows in each bin; there is one bin more than cuts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cuts: list[float]
    counts: list[int]

    @classmethod
    def of(cls, answers: Probability, *, bins: int = 10) -> Self | None:
        """Count answers by quantile bins; ``None`` if all answers are equal.

        Parameters
        ----------
        answers
            Shape (n,): to rows that the model was not fitted on, none missing.
        bins
            Maximum number of bins.

        Examples
        --------
        >>> ScoreBins.of(np.array([0.1, 0.2, 0.2, 0.4]), bins=2)
        ScoreBins(cuts=[0.2], counts=[1, 3])
        """
        cuts = quantile_cuts(answers, bins)
        counts = np.bincount(np.searchsorted(cuts, answers, side="right"))
        return cls(cuts=cuts.tolist(), counts=counts.tolist()) if len(cuts) else None


def score_stability(expected: ScoreBins, answers: Probability, cluster: NDArray[np.intp] | None = None) -> Estimate:
    r"""Give the population stability index of a model's answers, with a 95 % interval.

    .. math:: \mathrm{PSI} = \sum_{i=1}^k (a_i - e_i) \ln \frac{a_i}{e_i}

    :math:`e_i` are the shares of the out-of-fold answers on train in k bins, :math:`a_i` those of the given answers;
    see ``population_stability_index``. By convention less than 0.1 is stable, more than 0.25 is another population. The
    out-of-fold answers come from models that were fitted on parts of train, the others from the model that was fitted
    on all of it: the index contains this difference as well as that of the rows.

    The index of two samples is on average above that of their populations, :math:`\psi`. For two samples of one
    population it is about :math:`(k - 1) c`. With

    .. math:: \frac{\mathrm{PSI}}{c} \sim \chi^2_{k-1}\left(\frac{\psi}{c}\right), \quad
              c = \frac1{n_e} + \frac1{n_a}

    the bounds are the :math:`\psi` for which the observed index is the 97.5 % and the 2.5 % point, or 0 if there is no
    such value. To the second order the index is :math:`\sum_i (a_i - e_i)^2 / e_i`, which is c times Pearson's
    statistic of two samples of :math:`n_e, n_a` rows. For one population its distribution is Yurdakul and Naranjo's;
    for two populations that differ by a multiple of :math:`\sqrt c` it is noncentral. The cuts are quantiles of the
    expected sample, which does not matter to that order. An index that would be unusually small even for one population
    has the interval from 0 to itself.

    With clusters, c is multiplied by d, the ratio of the index's variance with clusters to that without, at least 1; it
    is estimated from the given answers and used for both samples. The influence of a row of bin i is
    :math:`\ln (a_i / e_i) + 1 - e_i / a_i` less the mean; see ``influence.interval``.

    Coverage was measured on 1,000 samples of 2,000 and 500 rows. The intervals contained an index of 0 in 97 %, 0.01 to
    0.1 in 95 %, 0.24 in 94 %, 0.9 in 93 %. On 300 samples of 1,200 and 300 borrowers with three loans each it was 98 %
    for 0, and 94 to 97 % for 0.01 to 0.24.

    Parameters
    ----------
    expected
        The model's answers on train.
    answers
        Shape (n,): its answers to other rows, none missing.
    cluster
        Shape (n,): rows with correlated errors, a whole number from 0 for each cluster. By default, and if there is
        only one cluster, every row is by itself.

    References
    ----------
    B. Yurdakul, J. Naranjo, *Journal of Risk Model Validation* 14 (2020) 89-100. S. Mitra, *Annals of Mathematical
    Statistics* 29 (1958) 1221-1233, the noncentral distribution. J. Kent, T. Hainsworth, *Journal of Statistical
    Planning and Inference* 46 (1995) 147-159, intervals of its parameter. J. Rao, A. Scott, *Journal of the American
    Statistical Association* 76 (1981) 221-230, clusters.

    Examples
    --------
    The shares 0.5 and 0.5 become 0.6 and 0.4, (0.6 - 0.5) ln 1.2 + (0.4 - 0.5) ln 0.8:

    >>> found = score_stability(ScoreBins(cuts=[0.3], counts=[50, 50]), np.repeat([0.1, 0.4], [60, 40]))
    >>> round(found.value, 5), found.lower, round(found.upper, 2), found.n
    (0.04055, 0.0, 0.23, 100)
    """
    position = np.searchsorted(expected.cuts, answers, side="right")
    before, now = np.array(expected.counts), np.bincount(position, minlength=len(expected.counts))
    value = float(stability_parts(before, now).sum())
    unit = (1 / before.sum() + 1 / now.sum()) * _design_effect(_influence(before, now)[position], cluster)
    lower, upper = (float(unit) * _noncentrality(value / unit, len(before) - 1, share) for share in (0.975, 0.025))
    return Estimate(value, min(lower, value), max(upper, value), len(answers))


def _influence(before: NDArray[np.intp], now: NDArray[np.intp]) -> Values:
    """Give the influence of a row of each bin on the index, up to a constant."""
    ratio = now / now.sum() / (before / before.sum())
    ratio[now == 0] = 1.0  # No row has this influence.
    return np.asarray(np.log(ratio) + 1 - 1 / ratio)


def _design_effect(influence: Values, cluster: NDArray[np.intp] | None) -> float:
    if cluster is None or len(np.unique(cluster)) == 1 or np.ptp(influence) == 0:
        return 1.0
    centred = influence - influence.mean()
    return float(max((standard_error(centred, cluster)[0] / standard_error(centred)[0]) ** 2, 1.0))


def _noncentrality(statistic: float, freedom: int, share: float) -> float:
    """Noncentrality with that share of a chi-squared distribution below the statistic; 0 if there is none."""
    if chi2.cdf(statistic, freedom) <= share:
        return 0.0
    # With twice the statistic plus 100, almost nothing lies below it.
    return float(brentq(lambda found: ncx2.cdf(statistic, freedom, found) - share, 0.0, 2 * statistic + 100))
