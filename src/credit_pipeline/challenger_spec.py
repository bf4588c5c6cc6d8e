"""The rule that picks the challenger."""

from typing import Annotated

from pydantic import Field

from credit_pipeline.contract_spec import Spec


class ChallengerSpec(Spec):
    """The rule that picks the challenger on cross-validation.

    The best mean of ``metric`` wins if it reaches ``minimum``; models whose means lie within ``tie`` of the best are
    told apart by ``tie_breaks`` in their order. ``simplest_first`` names models from the simplest on: the first of them
    whose mean lies within one corrected standard error of the best wins in its place. ``baseline`` names a model that
    is never challenger itself and that the challenger must beat, such as a naive forecast.
    """

    metric: str = "roc_auc"
    """The metric that ranks the models; ``training.metrics`` lists it."""
    minimum: Annotated[float, Field(allow_inf_nan=False)]
    """The cross-validated mean that a challenger must reach; for a metric where less is better, not exceed."""
    tie: Annotated[float, Field(ge=0)] = 0.0
    """Models within this distance of the best are tied."""
    tie_breaks: tuple[str, ...] = ()
    """The metrics, or ``fit_seconds``, that decide between tied models, in this order."""
    simplest_first: tuple[str, ...] = ()
    """Models from the simplest on: the first within one corrected standard error of the best wins."""
    baseline: str | None = None
    """The model that a challenger must beat and that cannot win itself."""
