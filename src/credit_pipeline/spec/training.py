"""Folds, metrics, cut-off and the rule that picks the challenger: ``training.yml``."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from credit_pipeline.spec.base import Seed, Share, Spec
from credit_pipeline.spec.split import FoldsSpec


class ChallengerSpec(Spec):
    """The rule that picks the challenger on cross-validation.

    The model with the best mean of ``metric`` wins if it reaches ``minimum``. Models whose means lie within ``tie`` of
    the best are tied; the metrics of ``tie_breaks`` decide between them, in their order. ``simplest_first`` lists
    models from the simplest on: the first of them whose mean lies within one corrected standard error of the best wins
    instead of the best. ``baseline`` names a model that is never challenger itself and that the challenger must beat,
    such as a naive forecast.
    """

    metric: str = "roc_auc"
    """The metric that ranks the models; ``training.metrics`` lists it."""
    minimum: Annotated[float, Field(allow_inf_nan=False)]
    """The cross-validated mean that a challenger must reach; where less is better, must not exceed."""
    tie: Annotated[float, Field(ge=0)] = 0.0
    """Models within this distance of the best are tied."""
    tie_breaks: tuple[str, ...] = ()
    """The metrics, or ``fit_seconds``, that decide between tied models, in this order."""
    simplest_first: tuple[str, ...] = ()
    """Models from the simplest on: the first within one corrected standard error of the best wins."""
    baseline: str | None = None
    """The model that a challenger must beat and that cannot win itself."""


class ProfitSpec(Spec):
    """What an approved applicant earns, in one currency: a ``payer`` a gain, a ``default`` a loss, so below 0."""

    payer: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    """What an approved payer earns."""
    default: Annotated[float, Field(lt=0, allow_inf_nan=False)]
    """What an approved default costs: a loss, so below 0."""


class CutOffSpec(Spec):
    """The rule that chooses the cut-off, the probability from which on applicants are refused; exactly one rule.

    ``approval_rate`` is the share of applicants to approve. ``default_rate`` is the largest share of defaults among the
    approved. ``profit`` holds the amounts whose sum is maximised.
    """

    approval_rate: Share | None = None
    """The share of applicants to approve."""
    default_rate: Share | None = None
    """The largest share of defaults among the approved."""
    profit: ProfitSpec | None = None
    """The amounts whose sum is maximised."""

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        given = sorted(self.model_fields_set - {name for name, value in self if value is None})
        if len(given) != 1:
            raise ValueError(f"exactly one of approval_rate, default_rate and profit, got {', '.join(given) or 'none'}")
        return self


class PointsSpec(Spec):
    """The scale of a scorecard: applicants with ``base_odds`` (payers to one default) have ``base_points``.

    Each ``points_to_double_the_odds`` more points double the odds.
    """

    points_to_double_the_odds: Annotated[float, Field(gt=0)] = 20
    """How many more points double the odds."""
    base_odds: Annotated[float, Field(gt=0)] = 50
    """Payers for each default at ``base_points``."""
    base_points: float = 600
    """The points of an applicant with ``base_odds``."""


class TrainingSpec(Spec):
    """Folds, metrics, the rule for the challenger, the cut-off: ``training.yml``.

    Errors are reported for each value of the columns in ``segments``. ``jobs`` is the number of worker processes of a
    search; -1 starts one per core. ``bootstrap`` is the number of resamples for an interval without a closed form.
    """

    folds: FoldsSpec = FoldsSpec()
    """The folds of cross-validation."""
    metrics: Annotated[tuple[str, ...], Field(min_length=1)]
    """The metrics to compute, by name or dotted path."""
    challenger: ChallengerSpec
    """The rule that picks the challenger."""
    segments: tuple[str, ...] = ()
    """Columns; errors are reported for each of their values."""
    seed: Seed = 42
    """The seed of estimators and intervals."""
    jobs: Annotated[int, Field(ge=-1)] = -1
    """Worker processes of a search; -1 starts one for each core. 0 is refused."""
    bootstrap: Annotated[int, Field(ge=50)] = 500
    """Resamples for an interval without a closed form."""
    points: PointsSpec = PointsSpec()
    """How the points of a scorecard are counted."""
    cut_off: CutOffSpec | None = None
    """How the probability is chosen from which on applicants are refused; without it there is no cut-off."""

    @model_validator(mode="after")
    def _rule_uses_known_metrics(self) -> Self:
        if self.challenger.metric not in self.metrics:
            raise ValueError(f"challenger.metric is '{self.challenger.metric}', which 'metrics' does not list")
        if unknown := sorted({*self.challenger.tie_breaks} - {*self.metrics, "fit_seconds"}):
            raise ValueError(f"challenger.tie_breaks names {unknown}, which 'metrics' does not list")
        return self

    @model_validator(mode="after")
    def _some_job(self) -> Self:
        if self.jobs == 0:
            raise ValueError("'jobs' is a number of processes, or -1 for one process per core")
        return self
