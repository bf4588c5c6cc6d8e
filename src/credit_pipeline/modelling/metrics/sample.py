"""Rows with their outcomes and one model's answers: what a metric is computed on."""

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from credit_pipeline.core import Outcome, Probability
from credit_pipeline.modelling.metrics.counts import check_answers
from credit_pipeline.spec import Task


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows that a model was not fitted on: outcomes, the model's answers, and what else a metric needs.

    Attributes
    ----------
    outcome
        Shape (n,): 1 = default, 0 = payment, or the observed value of a regression.
    answer
        Shape (n,): probability of default, 0 to 1, or the predicted value; none missing.
    scale
        Unit of a scaled metric: the mean absolute error of the naive forecast on train, above 0.
    cluster
        Shape (n,): rows with correlated errors, such as the loans of one borrower, have the same whole number from 0.
        ``None``: the errors of all rows are independent.
    """

    outcome: Outcome = field(repr=False)
    answer: Probability = field(repr=False)
    scale: float = 1.0
    cluster: NDArray[np.intp] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.outcome)

    def rows(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Self:
        """Give the sample of some rows, by a mask or by positions.

        >>> len(Sample(np.array([0, 1, 1]), np.array([0.1, 0.8, 0.4])).rows(np.array([0, 2])))
        2
        """
        cluster = None if self.cluster is None else self.cluster[chosen]
        return replace(self, outcome=self.outcome[chosen], answer=self.answer[chosen], cluster=cluster)

    def answered(self, answer: Probability) -> Self:
        """Give the same rows with the answers of another model, shape (n,)."""
        return replace(self, answer=answer)

    def checked(self, task: Task) -> Self:
        """Give the sample with arrays that a metric of the task can be computed on.

        Raises
        ------
        ValueError
            As in ``counts.check_probabilities`` and ``counts.check_values``.
        """
        outcome, answer = check_answers(task, self.outcome, self.answer)
        return replace(self, outcome=outcome, answer=answer)


def require_same_rows(one: Sample, other: Sample) -> None:
    """Check that two samples have the same outcomes, scale and clusters: paired differences need the same rows.

    Raises
    ------
    ValueError
        One of them differs.
    """
    same_clusters = (one.cluster is None) == (other.cluster is None) and (
        one.cluster is None or np.array_equal(one.cluster, np.asarray(other.cluster))
    )
    if not (np.array_equal(one.outcome, other.outcome) and one.scale == other.scale and same_clusters):
        raise ValueError("a paired difference needs the same rows: outcomes, scale or clusters differ")
