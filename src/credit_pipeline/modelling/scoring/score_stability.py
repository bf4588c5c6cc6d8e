"""How far a model's answers on other rows have moved from those on the rows that it was made on."""

from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.optimize import brentq
from scipy.stats import chi2, ncx2

from credit_pipeline.core import Estimate, Probability, Values
from credit_pipeline.modelling.metrics.uncertainty.influence import standard_error
from credit_pipeline.modelling.scoring.population_stability import quantile_cuts, stability_parts

SCORE_PSI: Final = "score_psi"
"""Name of the index among the metrics; no model is chosen by it."""


class ScoreBins(BaseModel):
    """Out-of-fold answers of a model on train by tenths: what its answers to other rows are held against.

    Attributes
    ----------
    cuts
        Ascending, each the lowest answer of its bin; equal answers share a bin, so ties leave fewer than nine.
    counts
        Rows in each bin, one bin more than cuts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cuts: list[float]
    counts: list[int]

    @classmethod
    def of(cls, answers: Probability, *, bins: int = 10) -> Self | None:
        """Count answers by quantile bins; ``None`` where all are equal, which are no bins.

        Parameters
        ----------
        answers
            Shape (n,): to rows that the model was not fitted on, none missing.
        bins
            Most bins.

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

    :math:`e_i` are the shares of the out-of-fold answers on train in k bins, :math:`a_i` those of the answers asked
    about; see ``population_stability_index``. By the field's custom less than 0.1 is stable, more than 0.25 another
    population. Out-of-fold the models answer that were fitted on a part of train each, elsewhere the one that was
    fitted on all of it: the index tells of that difference as well as of the rows'.

    The index of two samples lies above that of their populations, :math:`\psi`, of one population some
    :math:`(k - 1) c` above 0. With

    .. math:: \frac{\mathrm{PSI}}{c} \sim \chi^2_{k-1}\left(\frac{\psi}{c}\right), \quad
              c = \frac1{n_e} + \frac1{n_a}

    the bounds are those :math:`\psi` of which the index found is the 97.5 and the 2.5 % point, 0 where none is. To the
    second order the index is :math:`\sum_i (a_i - e_i)^2 / e_i`, Pearson's statistic of two samples of :math:`n_e, n_a`
    rows times c: of one population its distribution is Yurdakul and Naranjo's, of two that differ by a multiple of
    :math:`\sqrt c` the noncentral one. That the cuts are quantiles of the expected sample changes nothing to that
    order. An index that is rarely so small, even of one population, has the interval from 0 to itself.

    Where rows err together in clusters, c is d times as great, with d the ratio of the index's variance with clusters
    to that without, 1 at least, taken for both samples from the answers asked about. A row of bin i adds
    :math:`\ln (a_i / e_i) + 1 - e_i / a_i` less the mean to the index; see ``value_metrics.interval``.

    Of 1,000 samples of 2,000 and 500 rows the intervals held an index of 0 in 97 %, 0.01 to 0.1 in 95 %, 0.24 in 94 %,
    0.9 in 93 %; of 300 samples of 1,200 and 300 borrowers with three loans each 0 in 98 %, 0.01 to 0.24 in 94 to 97 %.

    Parameters
    ----------
    expected
        The model's answers on train.
    answers
        Shape (n,): its answers to other rows, none missing.
    cluster
        Shape (n,): which of them err together, a whole number from 0; by default, and where there is one cluster only,
        each by itself.

    References
    ----------
    B. Yurdakul, J. Naranjo, *Journal of Risk Model Validation* 14 (2020) 89-100. S. Mitra, *Annals of Mathematical
    Statistics* 29 (1958) 1221-1233, the noncentral distribution. J. Kent, T. Hainsworth, *Journal of Statistical
    Planning and Inference* 46 (1995) 147-159, intervals of its parameter. J. Rao, A. Scott, *Journal of the American
    Statistical Association* 76 (1981) 221-230, clusters.

    Examples
    --------
    Halves become six and four tenths, (0.6 - 0.5) ln 1.2 + (0.4 - 0.5) ln 0.8:

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
    """Give what a row of each bin adds to the index, up to a constant."""
    ratio = now / now.sum() / (before / before.sum())
    ratio[now == 0] = 1.0  # No row is there to add anything.
    return np.asarray(np.log(ratio) + 1 - 1 / ratio)


def _design_effect(influence: Values, cluster: NDArray[np.intp] | None) -> float:
    if cluster is None or len(np.unique(cluster)) == 1 or np.ptp(influence) == 0:
        return 1.0
    centred = influence - influence.mean()
    return float(max((standard_error(centred, cluster)[0] / standard_error(centred)[0]) ** 2, 1.0))


def _noncentrality(statistic: float, freedom: int, share: float) -> float:
    """Noncentrality with that share of a chi-squared distribution below the statistic; 0 where there is none."""
    if chi2.cdf(statistic, freedom) <= share:
        return 0.0
    # With twice the statistic and 100 next to nothing lies below it.
    return float(brentq(lambda found: ncx2.cdf(statistic, freedom, found) - share, 0.0, 2 * statistic + 100))
