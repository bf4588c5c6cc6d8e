"""The rule that picks the challenger."""

from typing import Annotated

from pydantic import Field

from credit_pipeline.spec.data import Spec


class ChallengerSpec(Spec):
    """The rule that picks the challenger on cross-validation.

    The best mean of ``metric`` wins if it reaches ``minimum``; models whose means lie within ``tie`` of the best are
    told apart by ``tie_breaks`` in their order. ``simplest_first`` names models from the simplest on: the first of them
    whose mean lies within one corrected standard error of the best wins in its place. ``baseline`` names a model that
    is never challenger itself and that the challenger must beat, such as a naive forecast.
    """

    metric: str = "roc_auc"
    minimum: Annotated[float, Field(allow_inf_nan=False)]
    tie: Annotated[float, Field(ge=0)] = 0.0
    tie_breaks: tuple[str, ...] = ()
    simplest_first: tuple[str, ...] = ()
    baseline: str | None = None
