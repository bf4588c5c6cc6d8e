"""Maps from predicted probabilities to observed default rates, and how they are fitted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from credit_pipeline.core import Outcome, Probability
from credit_pipeline.modelling.metrics.counts import check_probabilities
from credit_pipeline.spec import Calibration

_EPSILON: Final = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class BetaMap:
    r"""Map a probability p to :math:`\operatorname{logit}^{-1}(c + a \ln p - b \ln(1 - p))`, which never falls.

    With a = b this is Platt's sigmoid on the logit; with a = b = 1 and c = 0 nothing changes. Probabilities are kept
    at least the machine epsilon away from 0 and 1.

    Attributes
    ----------
    a, b
        At least 0.
    c
        Any number.

    Examples
    --------
    >>> BetaMap(1.0, 1.0, 0.0)(np.array([0.1, 0.5])).round(12).tolist()
    [0.1, 0.5]
    """

    a: float
    b: float
    c: float

    def __call__(self, probability: Probability) -> Probability:
        """Map probabilities, shape (n,).

        Raises
        ------
        ValueError
            A probability is missing or out of range.
        """
        rising, falling = _log_odds_parts(probability)
        return np.asarray(expit(self.c + self.a * rising + self.b * falling))


@dataclass(frozen=True)
class IsotonicMap:
    """Map a probability by linear interpolation between knots that never fall; constant beyond the outer knots.

    Attributes
    ----------
    probability, mapped
        Shape (k,): the knots; ``probability`` ascends, ``mapped`` is in (0, 1).

    Examples
    --------
    >>> IsotonicMap(np.array([0.2, 0.4]), np.array([0.1, 0.3]))(np.array([0.0, 0.3, 1.0])).round(12).tolist()
    [0.1, 0.2, 0.3]
    """

    probability: Probability = field(repr=False)
    mapped: Probability = field(repr=False)

    def __call__(self, probability: Probability) -> Probability:
        """Map probabilities, shape (n,).

        Raises
        ------
        ValueError
            A probability is missing or out of range.
        """
        return np.asarray(np.interp(_required(probability), self.probability, self.mapped), dtype=np.float64)


CalibrationMap = BetaMap | IsotonicMap


def fit_map(kind: Calibration, outcome: Outcome, probability: Probability) -> CalibrationMap:
    r"""Fit a map from predicted probabilities to observed default rates.

    * ``sigmoid``: Platt's, on the logit, :math:`\operatorname{logit} q = c + b \operatorname{logit} p`, b at least 0.
    * ``beta``: :math:`\operatorname{logit} q = c + a \ln p - b \ln(1 - p)`, a and b at least 0.
    * ``isotonic``: the non-decreasing steps of least squares, linear between them. They keep a distance of at least
      :math:`1 / (n + 2)` from 0 and 1 (n rows, Laplace's rule of succession): a small group without defaults does not
      prove that defaults are impossible.

    The first two maximise the likelihood of Platt's outcomes: with :math:`n_1` defaults and :math:`n_0` payers these
    are :math:`(n_1 + 1) / (n_1 + 2)` for a default and :math:`1 / (n_0 + 2)` for a payer. So there is a map even if
    the answers separate defaults and payers perfectly.

    Parameters
    ----------
    kind
        The kind of map; not ``none``.
    outcome, probability
        Shape (n,): 1 = default, and answers for rows that the model was not fitted on.

    Raises
    ------
    ValueError
        As in ``metrics.score``; or the kind is unknown.

    References
    ----------
    J. Platt, in *Advances in Large Margin Classifiers*, MIT Press 2000, 61-74. M. Kull, T. Silva Filho, P. Flach,
    *AISTATS*, PMLR 54 (2017) 623-631. B. Zadrozny, C. Elkan, *KDD* 2002, 694-699.

    Examples
    --------
    The predicted odds are 1 to 9, the true odds 1 to 3:

    >>> outcome, probability = np.repeat([1, 0, 1, 0], [5000, 15000, 15000, 5000]), np.repeat([0.1, 0.9], 20000)
    >>> fit_map("sigmoid", outcome, probability)(np.array([0.1])).round(3).tolist()
    [0.25]
    """
    if kind not in _FITS:
        raise ValueError(f"unknown calibration map '{kind}'; known: {', '.join(_FITS)}")
    return _FITS[kind](*check_probabilities(outcome, probability))


def _sigmoid(outcome: Outcome, probability: Probability) -> BetaMap:
    slope, intercept = _likeliest(np.sum(_log_odds_parts(probability), axis=0)[None, :], outcome)
    return BetaMap(slope, slope, intercept)


def _beta(outcome: Outcome, probability: Probability) -> BetaMap:
    return BetaMap(*_likeliest(_log_odds_parts(probability), outcome))


def _isotonic(outcome: Outcome, probability: Probability) -> IsotonicMap:
    steps = IsotonicRegression(out_of_bounds="clip").fit(probability, outcome)
    furthest = 1 / (len(outcome) + 2)
    mapped = np.clip(steps.y_thresholds_, furthest, 1 - furthest)
    return IsotonicMap(np.asarray(steps.X_thresholds_, dtype=np.float64), np.asarray(mapped, dtype=np.float64))


_FITS: Mapping[str, Callable[[Outcome, Probability], CalibrationMap]] = MappingProxyType(
    {
        "sigmoid": _sigmoid,
        "isotonic": _isotonic,
        "beta": _beta,
    }
)


def _likeliest(features: NDArray[np.float64], outcome: Outcome) -> list[float]:
    """Fit a logistic regression on k features, shape (k, n), without a negative coefficient; intercept last."""
    events = float(outcome.sum())
    targets = np.where(outcome == 1, (events + 1) / (events + 2), 1 / (len(outcome) - events + 2))

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        # Sums instead of matrix products: the rounding of products depends on the number of threads.
        linear = parameters[-1] + (parameters[:-1, None] * features).sum(axis=0)
        residual = expit(linear) - targets
        value = float((np.logaddexp(0, linear) - targets * linear).mean())
        return value, np.r_[(features * residual).mean(axis=1), residual.mean()]

    start, bounds = np.r_[np.ones(len(features)), 0.0], [(0, None)] * len(features) + [(None, None)]
    exact = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 1000}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=exact)
    return [float(value) for value in found.x]


def _log_odds_parts(probability: Probability) -> NDArray[np.float64]:
    """Give ln p and -ln(1 - p), shape (2, n): both rise with p, and their sum is the logit."""
    held = np.clip(_required(probability), _EPSILON, 1 - _EPSILON)
    return np.stack([np.log(held), -np.log1p(-held)])


def _required(probability: Probability) -> Probability:
    given = np.asarray(probability, dtype=np.float64)
    if faulty := int(np.count_nonzero(~((given >= 0) & (given <= 1)))):
        raise ValueError(f"probabilities must lie between 0 and 1; {faulty} of {given.size} do not")
    return given
