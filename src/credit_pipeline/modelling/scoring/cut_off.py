"""The cut-off: the probability of default from which on an applicant is refused, and what it brings."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from credit_pipeline.core import Estimate, Outcome, Probability
from credit_pipeline.modelling.metrics.counts import checked, count
from credit_pipeline.modelling.metrics.uncertainty.delong import Z
from credit_pipeline.modelling.metrics.uncertainty.intervals import wilson_interval
from credit_pipeline.spec import CutOffSpec, ProfitSpec

CUT_OFF = "cut_off"
ESTIMATES = ("approval_rate", "approved_default_rate", "profit_per_applicant")
"""What a cut-off is described by, in the order of ``described``."""


@dataclass(frozen=True)
class Choices:
    """Every cut-off that divides n rows otherwise, from approving nobody to approving all, each of shape (k,).

    Attributes
    ----------
    cut_off
        Ascending: rows below it are approved, rows at or above it refused.
    approved, defaults
        How many rows are approved, and how many defaults are among them.
    rows
        How many rows there are.
    """

    cut_off: Probability = field(repr=False)
    approved: NDArray[np.int64] = field(repr=False)
    defaults: NDArray[np.int64] = field(repr=False)
    rows: int

    @property
    def approval_rate(self) -> NDArray[np.float64]:
        """Share of the rows that is approved, shape (k,)."""
        return self.approved / self.rows

    @property
    def default_rate(self) -> NDArray[np.float64]:
        """Share of defaults among the approved, shape (k,); 0 where nobody is."""
        return self.defaults / np.maximum(self.approved, 1)

    def profit(self, amounts: ProfitSpec) -> NDArray[np.float64]:
        """Profit per applicant, approved or not, in the currency of the amounts, shape (k,)."""
        payers = self.approved - self.defaults
        return np.asarray((amounts.payer * payers + amounts.default * self.defaults) / self.rows, dtype=np.float64)


def choices(outcome: Outcome, probability: Probability) -> Choices:
    """List every cut-off: each distinct probability, and 1, which approves all but those with the probability 1.

    Parameters
    ----------
    outcome, probability
        Shape (n,), 1 = default and probability of default.

    Raises
    ------
    ValueError
        As in ``metrics.score``.

    Examples
    --------
    >>> found = choices(np.array([0, 0, 1]), np.array([0.1, 0.3, 0.3]))
    >>> found.cut_off.tolist(), found.approved.tolist(), found.defaults.tolist()
    ([0.1, 0.3, 1.0], [0, 1, 3], [0, 0, 1])
    """
    counts = count(*checked(outcome, probability))
    defaults, payers = (np.r_[0, part[0].cumsum()] for part in (counts.defaults, counts.payers))
    cut_off = np.r_[counts.probability, 1.0]
    distinct = np.r_[True, cut_off[1:] > cut_off[:-1]]
    return Choices(cut_off[distinct], (defaults + payers)[distinct], defaults[distinct], len(outcome))


def chosen(spec: CutOffSpec, outcome: Outcome, probability: Probability) -> float:
    """Choose the cut-off by the rule of the specification, on rows that the model was not fitted on.

    * ``approval_rate``: the cut-off whose approval rate is nearest, of two equally near the lower.
    * ``default_rate``: the highest with at most that share of defaults among the approved. The lowest, which approves
      nobody, always keeps it.
    * ``profit``: the one of greatest profit, of several the lowest.

    Parameters
    ----------
    spec
        The rule.
    outcome, probability
        Shape (n,), 1 = default and probability of default.

    Raises
    ------
    ValueError
        As in ``metrics.score``.

    References
    ----------
    L. Thomas, J. Crook, D. Edelman, *Credit Scoring and Its Applications*, 2nd ed., SIAM 2017, chapter 8.

    Examples
    --------
    >>> outcome, probability = np.array([0, 0, 1, 0]), np.array([0.1, 0.2, 0.3, 0.4])
    >>> chosen(CutOffSpec(profit=ProfitSpec(payer=1, default=-2)), outcome, probability)
    0.3
    """
    found = choices(outcome, probability)
    if spec.approval_rate is not None:
        position = int(np.abs(found.approval_rate - spec.approval_rate).argmin())
    elif spec.default_rate is not None:
        position = int(np.flatnonzero(found.default_rate <= spec.default_rate)[-1])
    elif spec.profit is not None:
        position = int(found.profit(spec.profit).argmax())
    return float(found.cut_off[position])


def described(
    cut_off: float, outcome: Outcome, probability: Probability, amounts: ProfitSpec | None = None
) -> dict[str, Estimate]:
    r"""Describe what a cut-off brings on some rows, with 95 % intervals.

    * ``approval_rate``: share of the rows below the cut-off, Wilson's interval.
    * ``approved_default_rate``: share of defaults among them, Wilson's interval; missing where nobody is approved.
    * ``profit_per_applicant``: mean :math:`\bar g` of what each of the n rows brings, 0 for a refused one, with the
      interval :math:`\bar g \pm z s / \sqrt n`, s the standard deviation and z 1.96; missing without amounts.

    Parameters
    ----------
    cut_off
        Probability from which on a row is refused.
    outcome, probability
        Shape (n,), 1 = default and probability of default.
    amounts
        What an approved payer and an approved default bring.

    Raises
    ------
    ValueError
        As in ``metrics.score``.

    Examples
    --------
    >>> outcome, probability = np.array([0, 0, 1, 0]), np.array([0.1, 0.2, 0.3, 0.4])
    >>> round(described(0.35, outcome, probability)["approved_default_rate"].value, 4)
    0.3333
    """
    outcome, probability = checked(outcome, probability)
    approved = probability < cut_off
    found = {"approval_rate": _share(approved)}
    if approved.any():
        found["approved_default_rate"] = _share(outcome[approved] == 1)
    if amounts is not None:
        found["profit_per_applicant"] = _mean(
            np.where(approved, np.where(outcome == 1, amounts.default, amounts.payer), 0.0)
        )
    return found


def _share(holds: NDArray[np.bool_]) -> Estimate:
    lower, upper = wilson_interval(np.array([holds.sum()]), np.array([len(holds)]))
    return Estimate(float(holds.mean()), float(lower[0]), float(upper[0]), len(holds))


def _mean(values: NDArray[np.float64]) -> Estimate:
    mean, margin = float(values.mean()), Z * float(values.std(ddof=1)) / len(values) ** 0.5
    return Estimate(mean, mean - margin, mean + margin, len(values))
