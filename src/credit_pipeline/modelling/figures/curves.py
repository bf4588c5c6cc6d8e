"""The curves behind the figures: ROC, cumulative shares, gains and calibration."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_curve as sklearn_roc_curve

from credit_pipeline.core import Outcome, Probability
from credit_pipeline.modelling.metrics.counts import Counts, check_probabilities, count
from credit_pipeline.modelling.metrics.uncertainty import wilson_interval

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class RocCurve:
    """Shares of payers and defaults that are flagged at or above each cut-off, from nobody to everybody.

    Attributes
    ----------
    payers_flagged
        Shape (k,): share of payers flagged, the false positive rate, ascending from 0 to 1.
    defaults_flagged
        Shape (k,): share of defaults flagged, the true positive rate, ascending from 0 to 1.
    """

    payers_flagged: Shares
    defaults_flagged: Shares


@dataclass(frozen=True)
class KsCurve:
    """Cumulative shares of both outcomes by probability of default.

    Attributes
    ----------
    probability
        Shape (g,): the distinct probabilities of default, ascending.
    payers, defaults
        Shape (g,): share of the payers, of the defaults, at or below that probability.
    """

    probability: Probability
    payers: Shares
    defaults: Shares

    @property
    def widest(self) -> int:
        """Position of the largest distance between the curves; the lowest if there are several."""
        return int(np.argmax(self.payers - self.defaults))


@dataclass(frozen=True)
class GainsCurve:
    """Share of all defaults among the riskiest applicants; applicants with equal probabilities are in random order.

    Attributes
    ----------
    applicants
        Shape (g + 1,): share of applicants examined, riskiest first, from 0 to 1.
    defaults
        Shape (g + 1,): share of all defaults found among them, from 0 to 1.
    """

    applicants: Shares
    defaults: Shares

    def found(self, applicants: Shares) -> Shares:
        """Give the share of defaults found among a share of applicants."""
        return np.interp(applicants, self.applicants, self.defaults)

    def lift(self, applicants: Shares) -> Shares:
        """Give the defaults found as a multiple of those among as many applicants drawn at random."""
        return self.found(applicants) / applicants


@dataclass(frozen=True)
class CalibrationBins:
    """Applicants in bins of about equal size, in order of rising probability of default.

    Attributes
    ----------
    predicted
        Shape (b,): mean probability of default of the bin.
    observed, lower, upper
        Shape (b,): share of the bin that defaulted, with its 95 % Wilson interval.
    n
        Shape (b,): applicants in the bin.
    """

    predicted: Probability
    observed: Shares
    lower: Shares
    upper: Shares
    n: NDArray[np.int_]


def roc_curve(outcome: Outcome, probability: Probability) -> RocCurve:
    """Trace the receiver operating characteristic.

    Parameters
    ----------
    outcome, probability
        Shape (n,), as in ``metrics.score``.

    Raises
    ------
    ValueError
        As in ``metrics.score``.

    Examples
    --------
    >>> roc_curve(np.array([0, 1, 1]), np.array([0.3, 0.2, 0.9])).defaults_flagged
    array([0. , 0.5, 0.5, 1. ])
    """
    false_positive_rate, true_positive_rate, _ = sklearn_roc_curve(*check_probabilities(outcome, probability))
    return RocCurve(false_positive_rate, true_positive_rate)


def ks_curve(outcome: Outcome, probability: Probability) -> KsCurve:
    """Trace the cumulative shares whose greatest distance is the metric ``ks``.

    Parameters
    ----------
    outcome, probability
        Shape (n,), as in ``metrics.score``.

    Raises
    ------
    ValueError
        As in ``metrics.score``.

    Examples
    --------
    >>> curve = ks_curve(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.2, 0.9]))
    >>> curve.payers, curve.defaults
    (array([0.5, 1. , 1. ]), array([0. , 0.5, 1. ]))
    """
    counts = count(*check_probabilities(outcome, probability))
    return KsCurve(counts.probability, _cumulative_share(counts.payers[0]), _cumulative_share(counts.defaults[0]))


def gains_curve(outcome: Outcome, probability: Probability) -> GainsCurve:
    """Trace the defaults found when applicants are examined riskiest first.

    Parameters
    ----------
    outcome, probability
        Shape (n,), as in ``metrics.score``.

    Raises
    ------
    ValueError
        As in ``metrics.score``.

    Examples
    --------
    >>> gains_curve(np.array([0, 0, 0, 1]), np.array([0.1, 0.2, 0.3, 0.9])).lift(np.array([0.25, 0.5]))
    array([4., 2.])
    """
    counts = count(*check_probabilities(outcome, probability))
    return _gains(counts.defaults[0], counts.payers[0])


def found_among_riskiest(counts: Counts, applicants: float) -> Shares:
    """Give for each of b samples the share of defaults found among the riskiest applicants.

    Parameters
    ----------
    counts
        The samples, counts of shape (b, g).
    applicants
        Share of the applicants examined, 0 to 1.

    Examples
    --------
    >>> found_among_riskiest(count(np.array([0, 0, 0, 1]), np.array([0.1, 0.2, 0.3, 0.9])), 0.25)
    array([1.])
    """
    samples = zip(counts.defaults, counts.payers, strict=True)
    return np.array([_gains(defaults, payers).found(np.array(applicants)) for defaults, payers in samples])


def _gains(defaults: NDArray[np.int64], payers: NDArray[np.int64]) -> GainsCurve:
    return GainsCurve(_from_zero((defaults + payers)[::-1]), _from_zero(defaults[::-1]))


def calibration_bins(outcome: Outcome, probability: Probability, bins: int = 10) -> CalibrationBins:
    """Compare predicted with observed default rates in quantile bins.

    Applicants with equal probabilities share a bin, so ties can lead to fewer bins.

    Parameters
    ----------
    outcome, probability
        Shape (n,), as in ``metrics.score``.
    bins
        Largest number of bins.

    Raises
    ------
    ValueError
        As in ``metrics.score``.

    Examples
    --------
    >>> calibration_bins(np.array([0, 1, 0, 1]), np.array([0.1, 0.3, 0.6, 0.8]), bins=2).predicted
    array([0.2, 0.7])
    """
    outcome, probability = check_probabilities(outcome, probability)
    last_of_bin = (np.arange(1, bins) * len(probability) // bins - 1).clip(0)
    edges = np.unique(np.sort(probability)[last_of_bin])
    _, of_row = np.unique(np.searchsorted(edges, probability), return_inverse=True)
    rows, events = np.bincount(of_row), np.bincount(of_row, weights=outcome).astype(np.int_)
    predicted = np.bincount(of_row, weights=probability) / rows
    return CalibrationBins(predicted, events / rows, *wilson_interval(events, rows), rows)


def _cumulative_share(counted: NDArray[np.int64]) -> Shares:
    cumulative = counted.cumsum()
    return np.asarray(cumulative / cumulative[-1])


def _from_zero(counted: NDArray[np.int64]) -> Shares:
    return np.concatenate([[0.0], _cumulative_share(counted)])
