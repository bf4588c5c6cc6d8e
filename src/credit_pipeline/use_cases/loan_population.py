"""The population of the synthetic loan book: latent factors of applicants, their drift, their odds of default."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

FACTORS = ("debt", "delinquency", "affluence", "stability", "experience", "appetite")
DEBT, DELINQUENCY, AFFLUENCE, STABILITY, EXPERIENCE, APPETITE = range(len(FACTORS))
DEBT_DRIFT = 0.1  # standard deviations a year

_OF_THE_BORROWER = np.sqrt([0.6, 0.6, 0.8, 0.6, 1.0, 0.4])  # correlation of two loans of one borrower, by factor
_USUAL_WEIGHTS = np.array([0.55, 0.65, -0.45, -0.35, -0.3, 0.25])
_STRENGTH, _INTERACTION, _UNOBSERVED = 1.5, 0.3, 0.5


@dataclass(frozen=True, eq=False)
class Applicants:
    """Latent factors of applications, one row each.

    Attributes
    ----------
    factors
        Shape (rows, 6): standard normal, except for the drift of debt.
    unobserved
        Shape (rows,): a cause of default that no column shows.
    years
        Shape (rows,): years since the first day of the book.
    first_loan
        Shape (rows,): position of the borrower's first row.
    """

    factors: Floats
    unobserved: Floats
    years: Floats
    first_loan: Positions


def draw_applicants(years: Floats, first_loan: Positions, generator: np.random.Generator) -> Applicants:
    r"""Draw the factors of applications; those of one borrower are correlated.

    Parameters
    ----------
    years
        Shape (rows,), since the first day of the book.
    first_loan
        Shape (rows,), the position of the borrower's first row.
    generator
        Source of the draw.

    Returns
    -------
    Applicants
        Factor :math:`j` of row :math:`i` is :math:`\sqrt{\rho_j} b + \sqrt{1 - \rho_j} e`, with :math:`b` of the
        borrower and :math:`e` of the application both standard normal. Debt grows by 0.1 standard deviations a year.

    Examples
    --------
    >>> applicants = draw_applicants(np.zeros(3), np.array([0, 0, 2]), np.random.default_rng(1))
    >>> applicants.factors[:, EXPERIENCE].round(2).tolist()
    [0.91, 0.91, 0.04]
    """
    shape = (len(years), len(FACTORS))
    shared = generator.standard_normal(shape)[first_loan] * _OF_THE_BORROWER
    factors = shared + generator.standard_normal(shape) * np.sqrt(1 - _OF_THE_BORROWER**2)
    factors[:, DEBT] += DEBT_DRIFT * years
    unobserved = generator.standard_normal(len(years))[first_loan]
    return Applicants(factors, unobserved, years, first_loan)


@dataclass(frozen=True, eq=False)
class DefaultOdds:
    r"""The odds of default as a function of the factors.

    .. math:: \ln \frac{p}{1 - p} = \alpha + \sum_j w_j f_j + 0.3 f_a f_s + 0.5 u

    with the probability of default :math:`p`, the ``intercept`` :math:`\alpha`, the ``weights`` :math:`w_j`, shape
    (6,), the factors :math:`f_j`, among them affluence :math:`f_a` and stability :math:`f_s`, and the unobserved cause
    :math:`u`.
    """

    weights: Floats
    intercept: float

    @classmethod
    def draw(cls, default_rate: float, years: float, generator: np.random.Generator) -> Self:
        """Draw the weights once and find the intercept that gives the default rate.

        Parameters
        ----------
        default_rate
            Above 0, below 1: the expected share of defaults among applications spread evenly over the book.
        years
            Length of the book in years.
        generator
            Source of the weights. Their signs are the usual ones, and the vector has length 1.5.
        """
        weights = _USUAL_WEIGHTS * np.exp(0.2 * generator.standard_normal(len(FACTORS)))
        weights *= _STRENGTH / np.linalg.norm(weights)
        intercept = brentq(lambda alpha: expected_rate(cls(weights, alpha), years) - default_rate, -40, 40)
        return cls(weights, float(intercept))

    def probability_of_default(self, applicants: Applicants) -> Floats:
        """Return the probability of default of each application, shape (rows,)."""
        factors = applicants.factors
        together = _INTERACTION * factors[:, AFFLUENCE] * factors[:, STABILITY]
        hidden = _UNOBSERVED * applicants.unobserved
        return np.asarray(expit(self.intercept + factors @ self.weights + together + hidden), dtype=np.float64)


def expected_rate(odds: DefaultOdds, years: float) -> float:
    """Return the expected share of defaults of a book, by quadrature instead of a sample.

    Given affluence and the date, the log-odds are normal: one integral over each.

    Parameters
    ----------
    odds
        Weights and intercept.
    years
        Length of the book in years; applications are spread evenly.

    Returns
    -------
    float
        Between 0 and 1, with an error of about 1e-6.
    """
    nodes, shares = np.polynomial.hermite_e.hermegauss(40)
    shares = shares / shares.sum()
    moments = (np.arange(64) + 0.5)[:, None, None] / 64 * years
    affluence, other = nodes[:, None], nodes
    weights = odds.weights
    rest = np.square(np.delete(weights, [AFFLUENCE, STABILITY])).sum() + _UNOBSERVED**2
    spread = np.sqrt(rest + (weights[STABILITY] + _INTERACTION * affluence) ** 2)
    centre = odds.intercept + weights[DEBT] * DEBT_DRIFT * moments + weights[AFFLUENCE] * affluence
    by_moment = np.einsum("mao,a,o->m", expit(centre + spread * other), shares, shares)
    return float(by_moment.mean())
