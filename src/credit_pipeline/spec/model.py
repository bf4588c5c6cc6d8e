"""What a model is: recipe, estimator, search, weights and calibration; and where applicants are refused."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from credit_pipeline.spec.data import Scalar, Share, Spec
from credit_pipeline.spec.search import SearchSpec

Calibration = Literal["none", "sigmoid", "isotonic", "beta"]


class ModelSpec(Spec):
    """One model, an entry of ``models.yml``: recipe, estimator by dotted path, fixed arguments, search.

    ``event_weight`` is what a default weighs in the fit where a payer weighs 1; ``balanced`` gives all defaults the
    weight of all payers. The probabilities are corrected back. ``calibration`` maps them to those that came true out of
    fold.
    """

    recipe: str
    estimator: str
    fixed: dict[str, Scalar] = {}
    search: SearchSpec = SearchSpec()
    event_weight: Literal["balanced"] | Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    calibration: Calibration = "none"

    @model_validator(mode="after")
    def _fixed_is_not_searched(self) -> Self:
        if both := sorted(set(self.fixed) & set(self.search.space)):
            raise ValueError(f"{both} stand in 'fixed' and in 'search.space'")
        return self


class ProfitSpec(Spec):
    """What an approved applicant brings, in one currency: a ``payer`` a gain, a ``default`` a loss, so below 0."""

    payer: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    default: Annotated[float, Field(lt=0, allow_inf_nan=False)]


class CutOffSpec(Spec):
    """How the probability is chosen from which on applicants are refused; exactly one rule.

    ``approval_rate`` is the share of applicants to approve, ``default_rate`` the largest share of defaults among the
    approved, ``profit`` what is to be greatest in sum.
    """

    approval_rate: Share | None = None
    default_rate: Share | None = None
    profit: ProfitSpec | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        told = sorted(self.model_fields_set - {name for name, value in self if value is None})
        if len(told) != 1:
            raise ValueError(f"exactly one of approval_rate, default_rate and profit, got {', '.join(told) or 'none'}")
        return self
