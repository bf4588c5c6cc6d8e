"""The parameters of one environment, checked together."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from credit_pipeline.spec.base import Name, Spec
from credit_pipeline.spec.canary import CanarySpec
from credit_pipeline.spec.data import DataSpec
from credit_pipeline.spec.deployment import DeploymentSpec
from credit_pipeline.spec.features import FeaturesSpec, RecipeSpec
from credit_pipeline.spec.generator import GeneratorSpec
from credit_pipeline.spec.model import ModelSpec
from credit_pipeline.spec.split import SplitSpec
from credit_pipeline.spec.training import TrainingSpec


class ProjectSpec(Spec):
    """Everything under ``conf/<environment>/parameters``."""

    generator: GeneratorSpec | None = None
    data: DataSpec
    split: SplitSpec
    features: FeaturesSpec
    recipes: Annotated[dict[Name, RecipeSpec], Field(min_length=1)]
    models: Annotated[dict[Name, ModelSpec], Field(min_length=1)]
    training: TrainingSpec
    deployment: DeploymentSpec
    canary: CanarySpec = CanarySpec()

    @model_validator(mode="after")
    def _split_fits_the_data(self) -> Self:
        needed = {"grouped": ("group", self.data.group), "out_of_time": ("date", self.data.date)}
        role, found = needed.get(self.split.scheme, ("", ""))
        if found is None:
            raise ValueError(
                f"split.scheme '{self.split.scheme}' needs a column with the role '{role}' in data.columns"
            )
        if self.split.scheme == "random_stratified" and self.data.task != "classification":
            raise ValueError("split.scheme 'random_stratified' is for classification; use 'random' for a regression")
        return self

    @model_validator(mode="after")
    def _segments_are_columns(self) -> Self:
        if unknown := sorted(set(self.training.segments) - set(self.data.columns)):
            raise ValueError(f"training.segments names {unknown}, which are not columns of 'data.columns'")
        return self

    @model_validator(mode="after")
    def _baseline_is_a_model(self) -> Self:
        if (baseline := self.training.challenger.baseline) is not None and baseline not in self.models:
            raise ValueError(f"training.challenger.baseline is '{baseline}', which is not an entry of 'models'")
        return self

    @model_validator(mode="after")
    def _the_simplest_are_models(self) -> Self:
        if unknown := sorted(set(self.training.challenger.simplest_first) - set(self.models)):
            raise ValueError(f"training.challenger.simplest_first names {unknown}, which are not entries of 'models'")
        return self

    @model_validator(mode="after")
    def _the_canary_runs_a_model(self) -> Self:
        if self.canary.model is not None and self.canary.model not in self.models:
            raise ValueError(f"canary.model is '{self.canary.model}', which is not an entry of 'models'")
        return self
