"""What a simple model costs compared with the best one: in ranking, and in the applicants it approves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from credit_pipeline.core import Outcome, Probability
from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.counts import check_probabilities
from credit_pipeline.modelling.metrics.uncertainty import delong_difference
from credit_pipeline.modelling.scoring.scorecard import is_scorecard

_LOGISTIC = "LogisticRegression"


@dataclass(frozen=True)
class SwapSet:
    """Applicants that one of two models approves and the other refuses, if both approve the same share.

    A default rate is ``None`` if there are no such applicants.
    """

    approval_rate: float
    applicants: int
    only_one: int
    only_one_default_rate: float | None
    only_other: int
    only_other_default_rate: float | None


@dataclass(frozen=True)
class Cost:
    """AUC of the best model less that of a simple one on the same rows, with its 95 % interval, and the swap set.

    In ``swaps`` the applicants of the simple model are ``only_one``.
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
        """Summarise what the model costs.

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


def cost(samples: Mapping[str, Sample], model: str, best: str, approval_rate: float = 0.8) -> Cost:
    """Measure what a model costs compared with the best one, on the same rows.

    Parameters
    ----------
    samples
        By model: the same rows with the model's probabilities of default; at least two of each outcome.
    model, best
        Two of the models.
    approval_rate
        As in ``swap_set``.

    Raises
    ------
    ValueError
        As in ``delong_difference`` and ``swap_set``.
    """
    found = delong_difference(samples[best], samples[model])
    swaps = swap_set(samples[best].outcome, samples[model].answer, samples[best].answer, approval_rate)
    return Cost(model, best, found.value, found.lower, found.upper, found.p_value, swaps)


def simple_model(models: Mapping[str, tuple[str, str]]) -> str | None:
    """Name the scorecard among models, else a logistic regression, else ``None``.

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


def swap_set(outcome: Outcome, one: Probability, other: Probability, approval_rate: float = 0.8) -> SwapSet:
    """Count the applicants on whom two models disagree, with their default rates.

    Parameters
    ----------
    outcome
        Shape (n,), 1 = default.
    one, other
        Shape (n,): the probability of default by each model.
    approval_rate
        Share of the applicants that are approved, the safest first, between 0 and 1. Applicants with the same
        probability as the last one are approved too, so a coarse model approves more.

    Raises
    ------
    ValueError
        The approval rate is not between 0 and 1, or as in ``counts.check_probabilities``.

    References
    ----------
    N. Siddiqi, *Intelligent Credit Scoring*, 2nd ed., Wiley 2017, chapter 12 (swap sets).

    Examples
    --------
    Of four applicants two are approved. The models disagree on the second, who defaults, and the third, who pays:

    >>> swap_set(np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.1, 0.3, 0.2, 0.4]), 0.5)
    ... # doctest: +NORMALIZE_WHITESPACE
    SwapSet(approval_rate=0.5, applicants=4, only_one=1, only_one_default_rate=1.0,
            only_other=1, only_other_default_rate=0.0)
    """
    if not 0 < approval_rate < 1:
        raise ValueError(f"an approval rate must be between 0 and 1, got {approval_rate:g}")
    probabilities = [check_probabilities(outcome, answers)[1] for answers in (one, other)]
    by_one, by_other = (answers <= _cut_off(answers, approval_rate) for answers in probabilities)
    only_one, only_other = outcome[by_one & ~by_other], outcome[by_other & ~by_one]
    return SwapSet(approval_rate, len(outcome), len(only_one), _rate(only_one), len(only_other), _rate(only_other))


def _cut_off(answers: Probability, approval_rate: float) -> float:
    return float(np.sort(answers)[max(round(approval_rate * len(answers)), 1) - 1])


def _rate(outcome: Outcome) -> float | None:
    return float(outcome.mean()) if len(outcome) else None
