"""What a model is: recipe, estimator, search, weights and calibration; and where applicants are refused."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from credit_pipeline.contract_spec import Scalar, Share, Spec
from credit_pipeline.search_spec import SearchSpec

Calibration = Literal["none", "sigmoid", "isotonic", "beta"]


class ModelSpec(Spec):
    """One model, an entry of ``models.yml``: recipe, estimator by dotted path, fixed arguments, search.

    ``event_weight`` is what a default weighs in the fit where a payer weighs 1; ``balanced`` gives all defaults the
    weight of all payers. The probabilities are corrected back. ``calibration`` maps them to those that came true out of
    fold.
    """

    recipe: str
    """An entry of ``recipes.yml``."""
    estimator: str
    """Dotted path of a class with the interface of scikit-learn, from an allowed package."""
    fixed: dict[str, Scalar] = {}
    """Arguments of the estimator that every candidate has."""
    search: SearchSpec = SearchSpec()
    """Which candidates are tried."""
    event_weight: Literal["balanced"] | Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """What a default weighs in the fit where a payer weighs 1."""
    calibration: Calibration = "none"
    """The map from the model's answers to probabilities, fitted out of fold."""

    @model_validator(mode="after")
    def _fixed_is_not_searched(self) -> Self:
        if both := sorted(set(self.fixed) & set(self.search.space)):
            raise ValueError(f"{both} stand in 'fixed' and in 'search.space'")
        return self


class ProfitSpec(Spec):
    """What an approved applicant brings, in one currency: a ``payer`` a gain, a ``default`` a loss, so below 0."""

    payer: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    """What an approved payer brings."""
    default: Annotated[float, Field(lt=0, allow_inf_nan=False)]
    """What an approved default brings: a loss, so below 0."""


class CutOffSpec(Spec):
    """How the probability is chosen from which on applicants are refused; exactly one rule.

    ``approval_rate`` is the share of applicants to approve, ``default_rate`` the largest share of defaults among the
    approved, ``profit`` what is to be greatest in sum.
    """

    approval_rate: Share | None = None
    """The share of applicants to approve."""
    default_rate: Share | None = None
    """The largest share of defaults among the approved."""
    profit: ProfitSpec | None = None
    """Amounts whose sum is to be greatest."""

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        told = sorted(self.model_fields_set - {name for name, value in self if value is None})
        if len(told) != 1:
            raise ValueError(f"exactly one of approval_rate, default_rate and profit, got {', '.join(told) or 'none'}")
        return self
