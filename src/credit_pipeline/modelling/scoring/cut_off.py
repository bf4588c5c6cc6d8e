"""The cut-off: applicants with this probability of default or more are refused; its rule and its results."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from credit_pipeline.core import Estimate, Outcome, Probability
from credit_pipeline.modelling.metrics.counts import check_probabilities, count
from credit_pipeline.modelling.metrics.uncertainty import Z, wilson_interval
from credit_pipeline.spec import CutOffSpec, ProfitSpec

CUT_OFF = "cut_off"
ESTIMATES = ("approval_rate", "approved_default_rate", "profit_per_applicant")
"""Names of the estimates that describe a cut-off, in the order of ``describe_cut_off``."""


@dataclass(frozen=True)
class Choices:
    """All distinct cut-offs of n rows, from approving nobody to approving all, each array of shape (k,).

    Attributes
    ----------
    cut_off
        Ascending: rows below it are approved, rows at or above it refused.
    approved, defaults
        Number of approved rows, and of defaults among them.
    rows
        Number of rows.
    """

    cut_off: Probability = field(repr=False)
    approved: NDArray[np.int64] = field(repr=False)
    defaults: NDArray[np.int64] = field(repr=False)
    rows: int

    @property
    def approval_rate(self) -> NDArray[np.float64]:
        """Share of the rows that are approved, shape (k,)."""
        return self.approved / self.rows

    @property
    def default_rate(self) -> NDArray[np.float64]:
        """Share of defaults among the approved, shape (k,); 0 where nobody is approved."""
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
    counts = count(*check_probabilities(outcome, probability))
    defaults, payers = (np.r_[0, part[0].cumsum()] for part in (counts.defaults, counts.payers))
    cut_off = np.r_[counts.probability, 1.0]
    distinct = np.r_[True, cut_off[1:] > cut_off[:-1]]
    return Choices(cut_off[distinct], (defaults + payers)[distinct], defaults[distinct], len(outcome))


def choose_cut_off(spec: CutOffSpec, outcome: Outcome, probability: Probability) -> float:
    """Choose the cut-off by the rule of the specification, on rows that the model was not fitted on.

    * ``approval_rate``: the cut-off with the nearest approval rate; the lower one of two that are equally near.
    * ``default_rate``: the highest cut-off with at most that share of defaults among the approved. The lowest cut-off,
      which approves nobody, always satisfies the rule.
    * ``profit``: the cut-off with the greatest profit; the lowest one of several.

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
    >>> choose_cut_off(CutOffSpec(profit=ProfitSpec(payer=1, default=-2)), outcome, probability)
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


def describe_cut_off(
    cut_off: float, outcome: Outcome, probability: Probability, amounts: ProfitSpec | None = None
) -> dict[str, Estimate]:
    r"""Describe the results of a cut-off on some rows, with 95 % intervals.

    * ``approval_rate``: share of the rows below the cut-off, Wilson's interval.
    * ``approved_default_rate``: share of defaults among them, Wilson's interval; missing if nobody is approved.
    * ``profit_per_applicant``: mean profit :math:`\bar g` over the n rows, 0 for a refused row, with the interval
      :math:`\bar g \pm z s / \sqrt n`, s the standard deviation and z 1.96; missing without amounts.

    Parameters
    ----------
    cut_off
        Rows with this probability or more are refused.
    outcome, probability
        Shape (n,), 1 = default and probability of default.
    amounts
        Profit of an approved payer and of an approved default.

    Raises
    ------
    ValueError
        As in ``metrics.score``.

    Examples
    --------
    >>> outcome, probability = np.array([0, 0, 1, 0]), np.array([0.1, 0.2, 0.3, 0.4])
    >>> round(describe_cut_off(0.35, outcome, probability)["approved_default_rate"].value, 4)
    0.3333
    """
    outcome, probability = check_probabilities(outcome, probability)
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
