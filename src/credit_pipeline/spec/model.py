"""What a model consists of, recipe, estimator, search, weights and calibration: ``models.yml``."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from credit_pipeline.spec.base import Scalar, Seed, Spec

Calibration = Literal["none", "sigmoid", "isotonic", "beta"]


class SearchSpec(Spec):
    """Which candidates are tried: every combination (``grid``) or a sample of them (``random``), on every fold.

    ``racing`` tries every combination, or a sample of ``candidates``, fold by fold. A candidate that is behind in a
    paired test is dropped. ``tolerance`` is the largest loss that a race may cause against the full search, in the unit
    of the metric.

    ``space`` holds arguments of the estimator, ``recipe_space`` settings of the recipe.
    """

    strategy: Literal["grid", "random", "racing"] = "grid"
    """Every combination, a random sample of them, or a race over the folds."""
    space: dict[str, Annotated[list[Scalar], Field(min_length=1)]] = {}
    """Values to try by argument of the estimator."""
    recipe_space: dict[str, Annotated[list[Scalar], Field(min_length=1)]] = {}
    """Values to try by setting of the recipe."""
    candidates: Annotated[int, Field(ge=1)] | None = None
    """How many combinations are drawn; ``random`` needs it, ``grid`` has none."""
    seed: Seed = 42
    """The seed of the random sample of candidates."""
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """The largest loss of a race against the full search, in the unit of the metric; without it 0.0005."""

    @model_validator(mode="after")
    def _random_says_how_many(self) -> Self:
        if self.strategy == ("random" if self.candidates is None else "grid"):
            raise ValueError("'candidates' goes with strategy 'random' or 'racing', and 'random' needs it")
        if self.tolerance is not None and self.strategy != "racing":
            raise ValueError("'tolerance' goes with strategy 'racing'")
        return self

    @property
    def allowed_loss(self) -> float | None:
        """The largest loss of a race; ``None`` where every candidate is fitted on every fold."""
        if self.strategy != "racing":
            return None
        return 0.0005 if self.tolerance is None else self.tolerance


class ModelSpec(Spec):
    """One model, an entry of ``models.yml``: recipe, estimator by dotted path, fixed arguments, search.

    ``event_weight`` is the weight of a default in the fit, where a payer has the weight 1. ``balanced`` gives all
    defaults together the weight of all payers. The probabilities are corrected for the weight. ``calibration`` maps
    them to the default rates observed out of fold.
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
            raise ValueError(f"{both} are both in 'fixed' and in 'search.space'")
        return self
