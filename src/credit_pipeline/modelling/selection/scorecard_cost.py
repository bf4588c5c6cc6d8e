"""What a simple model costs against the best: in ranking, and in the applicants whom it approves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from credit_pipeline.core.arrays import Outcome, Probability
from credit_pipeline.modelling.metrics.delong import delong_difference
from credit_pipeline.modelling.scoring.scorecard import is_scorecard
from credit_pipeline.modelling.selection.swap_set import SwapSet, swap_set

_LOGISTIC = "LogisticRegression"


@dataclass(frozen=True)
class Cost:
    """AUC of the best model less that of a simple one on the same rows, with its 95 % interval, and the swap set.

    ``swaps`` tells the simple model's applicants as ``only_one``.
    """

    model: str
    against: str
    auc: float
    lower: float
    upper: float
    p_value: float
    swaps: SwapSet

    @property
    def sentence(self) -> str:
        """Say what the model costs.

        >>> swaps = SwapSet(0.8, 1000, 40, 0.3, 40, 0.2)
        >>> Cost("scorecard", "xgboost", 0.015, 0.01, 0.02, 0.001, swaps).sentence.split(";")[0]
        'scorecard costs 0.015 AUC (0.010 to 0.020) against xgboost on test'
        """
        return (
            f"{self.model} costs {self.auc:.3f} AUC ({self.lower:.3f} to {self.upper:.3f}) against {self.against} on "
            f"test; with {self.swaps.approval_rate:.0%} of {self.swaps.applicants:,} approved, "
            f"{_approved(self.model, self.swaps.only_one, self.swaps.only_one_default_rate)}, "
            f"{_approved(self.against, self.swaps.only_other, self.swaps.only_other_default_rate)}"
        )

    def document(self) -> dict[str, object]:
        """Give the cost as it is stored."""
        return {**asdict(self), "sentence": self.sentence}


def _approved(model: str, applicants: int, default_rate: float | None) -> str:
    of_them = "" if default_rate is None else f" ({default_rate:.1%} default)"
    return f"{model} alone approves {applicants:,}{of_them}"


def cost(
    outcome: Outcome,
    answers: Mapping[str, Probability],
    model: str,
    best: str,
    approval_rate: float = 0.8,
    cluster: NDArray[np.intp] | None = None,
) -> Cost:
    """Say what a model costs against the best one on the same rows.

    Parameters
    ----------
    outcome
        Shape (n,), 1 = default; at least two of each.
    answers
        Probability of default by model, each of shape (n,).
    model, best
        Two of the models.
    approval_rate
        As in ``swap_set``.
    cluster
        As in ``delong_difference``.

    Raises
    ------
    ValueError
        As in ``delong_difference`` and ``swap_set``.
    """
    found = delong_difference(outcome, answers[best], answers[model], cluster)
    swaps = swap_set(outcome, answers[model], answers[best], approval_rate)
    return Cost(model, best, found.difference, found.lower, found.upper, found.p_value, swaps)


def simple_model(models: Mapping[str, tuple[str, str]]) -> str | None:
    """Name the scorecard among models, or what comes nearest to it: a logistic regression; ``None`` without either.

    Parameters
    ----------
    models
        By model: recipe function and estimator, as YAML names them.

    Examples
    --------
    >>> simple_model({"trees": ("ordinal", "xgboost.XGBClassifier"), "logit": ("one_hot", "a.LogisticRegression")})
    'logit'
    """
    scorecards = [name for name, named in models.items() if is_scorecard(*named)]
    logistic = [name for name, (_, estimator) in models.items() if estimator.endswith(_LOGISTIC)]
    return next(iter(scorecards + logistic), None)
