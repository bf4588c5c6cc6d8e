"""Calibration slope and intercept: the logistic regression of the outcome on the predicted logit."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from credit_pipeline.core import Interval, Values
from credit_pipeline.modelling.metrics.counts import Counts, count
from credit_pipeline.modelling.metrics.sample import Sample
from credit_pipeline.modelling.metrics.uncertainty import Z

FURTHEST: Final = 100.0
"""Bound of a slope and of both intervals: beyond it the exact value has no meaning."""
_STEPS, _CONVERGED = 200, 1e-10


def calibration_slope(counts: Counts) -> Values:
    r"""Slope of the logistic recalibration: 1 is right; below 1 probabilities are too extreme, above 1 too moderate.

    .. math:: \operatorname{logit} P(y_i = 1) = a + b \operatorname{logit} p_i

    with :math:`y_i` the outcome and :math:`p_i` the probability of default of row i, clipped to the machine epsilon
    from 0 and 1. The slope is the maximum-likelihood b, clipped to ``FURTHEST``. If no payer has a greater probability
    than any default, the likelihood has no maximum and the slope is ``FURTHEST``; in the opposite case it is minus
    ``FURTHEST``. If all rows have the same probability it is 0.

    Parameters
    ----------
    counts
        b samples.

    References
    ----------
    D. Cox, *Biometrika* 45 (1958) 562-565. B. Van Calster et al., *BMC Medicine* 17 (2019) 230.

    Examples
    --------
    The predicted odds are 1 to 9 where the true odds are 1 to 3, and 9 to 1 where they are 3 to 1. The true logits are
    half of the predicted ones.

    >>> calibration_slope(Counts(np.array([0.1, 0.9]), np.array([[5, 15]]), np.array([[15, 5]]))).round(6)
    array([0.5])
    """
    return _fitted(counts)[0]


def calibration_intercept(counts: Counts) -> Values:
    r"""Calibration in the large: the shift of the logit that makes the mean probability equal to the default rate.

    .. math:: \operatorname{logit} P(y_i = 1) = a + \operatorname{logit} p_i

    with the slope fixed at 1, symbols as for ``calibration_slope``. 0 is right; above 0 the predicted risk is too low.

    Parameters
    ----------
    counts
        b samples.

    References
    ----------
    As for ``calibration_slope``.

    Examples
    --------
    The predicted odds are 1 to 9 where the true odds are 1 to 3: the shift is ln 3.

    >>> calibration_intercept(Counts(np.array([0.1]), np.array([[5]]), np.array([[15]]))).round(4)
    array([1.0986])
    """
    return _shifted(counts)[0]


def slope_interval(sample: Sample) -> Interval:
    """Give the 95 % interval of the calibration slope, Wald's: by the curvature of the likelihood at its maximum.

    If the likelihood has no maximum, every slope is possible.

    Parameters
    ----------
    sample
        Of a classification, as ``Sample.checked`` gives it; clusters are not taken into account.

    Examples
    --------
    >>> sample = Sample(np.repeat([1, 0, 1, 0], [50, 150, 150, 50]), np.repeat([0.1, 0.9], 200))
    >>> print("{:.3f} to {:.3f}".format(*slope_interval(sample)))
    0.397 to 0.603
    """
    return _wald(*_fitted(count(sample.outcome, sample.answer)))


def intercept_interval(sample: Sample) -> Interval:
    """Give the 95 % interval of the calibration intercept, Wald's.

    The default rate of the sample is random too. A bootstrap that fixes it has intervals that are far too narrow.

    Parameters
    ----------
    sample
        Of a classification, as ``Sample.checked`` gives it; clusters are not taken into account.

    Examples
    --------
    >>> sample = Sample(np.repeat([1, 0], [50, 150]), np.full(200, 0.25))
    >>> print("{:.3f} to {:.3f}".format(*intercept_interval(sample)))
    -0.320 to 0.320
    """
    return _wald(*_shifted(count(sample.outcome, sample.answer)))


def _wald(value: Values, error: Values) -> Interval:
    lower, upper = np.clip([value - Z * error, value + Z * error], -FURTHEST, FURTHEST)
    return float(lower[0]), float(upper[0])


def _fitted(counts: Counts) -> tuple[Values, Values]:
    """Slope and its standard error by sample."""
    predicted = _predicted_logit(counts)
    slope, overlapping = _without_overlap(counts, predicted)
    error = np.full(len(slope), np.inf)
    some = Counts(counts.probability, counts.defaults[overlapping], counts.payers[overlapping])
    slope[overlapping], error[overlapping] = _newton(some, predicted, np.zeros(len(some.defaults)), bends=True)
    return slope.clip(-FURTHEST, FURTHEST), error


def _shifted(counts: Counts) -> tuple[Values, Values]:
    """Intercept and its standard error by sample."""
    return _newton(counts, _predicted_logit(counts), np.ones(len(counts.defaults)), bends=False)


def _predicted_logit(counts: Counts) -> Values:
    epsilon = np.finfo(np.float64).eps
    return np.asarray(logit(counts.probability.clip(epsilon, 1 - epsilon)))


def _without_overlap(counts: Counts, predicted: Values) -> tuple[Values, NDArray[np.bool_]]:
    """Slope of samples whose likelihood has no maximum, and a mask of the samples that have one."""
    lowest_default, highest_default = _ends(counts.defaults, predicted)
    lowest_payer, highest_payer = _ends(counts.payers, predicted)
    upright, upside_down = highest_payer <= lowest_default, highest_default <= lowest_payer
    return FURTHEST * (upright.astype(np.float64) - upside_down), ~(upright | upside_down)


def _ends(counted: NDArray[np.int64], predicted: Values) -> tuple[Values, Values]:
    some = counted > 0
    return predicted[some.argmax(axis=1)], predicted[::-1][some[:, ::-1].argmax(axis=1)]


def _newton(counts: Counts, predicted: Values, slope: Values, *, bends: bool) -> tuple[Values, Values]:
    """Maximise the likelihood; give the slope if it ``bends``, else the intercept, and its standard error.

    A full Newton step overshoots if the outcomes hardly overlap. A step whose largest change of a logit is d is
    multiplied by ln(1 + d) / d, which always increases the likelihood: T. Sun, Q. Tran-Dinh, *Mathematical
    Programming* 178 (2019) 145-213.
    """
    linear = slope[:, None] * predicted
    for _ in range(_STEPS):
        step = _newton_step(counts, predicted, linear, bends=bends)
        furthest = np.abs(step.move).max(axis=1, initial=0)
        damping = np.log1p(furthest) / np.maximum(furthest, np.finfo(np.float64).tiny)
        linear, slope = linear + damping[:, None] * step.move, slope + damping * step.bend
        if (furthest < _CONVERGED).all():
            break
    return slope if bends else linear[:, 0] - slope * predicted[0], step.error


@dataclass(frozen=True)
class _Step:
    """A Newton step of b samples: of every logit (b, g), of the slope (b,); standard error of the estimate (b,)."""

    move: Values
    bend: Values
    error: Values


def _newton_step(counts: Counts, predicted: Values, linear: Values, *, bends: bool) -> _Step:
    risk, safety = expit(linear), expit(-linear)
    residual = counts.defaults * safety - counts.payers * risk
    weight = (counts.defaults + counts.payers) * risk * safety
    information = weight.sum(axis=1)
    shift = (residual.sum(axis=1) / information)[:, None]
    if not bends:
        return _Step(np.broadcast_to(shift, linear.shape), np.zeros(len(linear)), information**-0.5)
    # Centred on their weighted mean, the logits separate slope and intercept: two equations of one unknown each.
    centred = predicted - ((weight * predicted).sum(axis=1) / information)[:, None]
    curvature = (weight * centred**2).sum(axis=1)
    bend = (residual * centred).sum(axis=1) / curvature
    return _Step(shift + bend[:, None] * centred, bend, curvature**-0.5)
