"""What a YAML may say: one frozen model per owner file of ``conf/<environment>/parameters``."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from credit_pipeline.spec.canary import CanarySpec
from credit_pipeline.spec.data import (
    Code,
    ColumnSpec,
    ColumnType,
    DataSpec,
    Name,
    Role,
    Scalar,
    Seed,
    Share,
    Spec,
    Task,
)
from credit_pipeline.spec.model import Calibration, CutOffSpec, ModelSpec, ProfitSpec
from credit_pipeline.spec.search import SearchSpec
from credit_pipeline.spec.split import FoldsSpec, SplitScheme, SplitSpec
from credit_pipeline.spec.training import ChallengerSpec

__all__ = [
    "Calibration",
    "CanarySpec",
    "ChallengerSpec",
    "ChampionGateSpec",
    "Code",
    "ColumnSpec",
    "ColumnType",
    "CutOffSpec",
    "DataSpec",
    "DeploymentSpec",
    "FeaturesSpec",
    "FoldsSpec",
    "GatesSpec",
    "GeneratorSpec",
    "ModelSpec",
    "Name",
    "PointsSpec",
    "ProfitSpec",
    "ProjectSpec",
    "RecipeSpec",
    "Role",
    "Scalar",
    "SearchSpec",
    "Seed",
    "Share",
    "Spec",
    "SplitScheme",
    "SplitSpec",
    "Task",
    "TrainingSpec",
]


class FeaturesSpec(Spec):
    """The row-wise features added to every row: ``feature_engineering.yml``. ``None`` adds nothing.

    ``direction`` says of raw and derived numbers how the risk must run with them: 1 rises, -1 falls.
    """

    function: str | None = None
    direction: dict[str, Literal[-1, 1]] = {}


class RecipeSpec(Spec):
    """How columns become features: a recipe function, by short name or dotted path, and its settings.

    ``leave_out`` are columns, raw or derived, that the recipe does not see.
    """

    function: str
    settings: dict[str, Scalar | list[Scalar]] = {}
    leave_out: tuple[str, ...] = ()


class PointsSpec(Spec):
    """How a scorecard counts: applicants with ``base_odds`` (payers to one default) have ``base_points``.

    Every ``points_to_double_the_odds`` points double the odds.
    """

    points_to_double_the_odds: Annotated[float, Field(gt=0)] = 20
    base_odds: Annotated[float, Field(gt=0)] = 50
    base_points: float = 600


class TrainingSpec(Spec):
    """Folds, metrics, the rule for the challenger, the cut-off: ``training.yml``.

    ``segments`` are columns by whose values the errors are told apart. ``jobs`` is the number of worker processes of a
    search, -1 one per core. ``bootstrap`` is the number of resamples behind an interval that has no closed form.
    """

    folds: FoldsSpec = FoldsSpec()
    metrics: Annotated[tuple[str, ...], Field(min_length=1)]
    challenger: ChallengerSpec
    segments: tuple[str, ...] = ()
    seed: Seed = 42
    jobs: Annotated[int, Field(ge=-1)] = -1
    bootstrap: Annotated[int, Field(ge=50)] = 500
    points: PointsSpec = PointsSpec()
    cut_off: CutOffSpec | None = None

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
            raise ValueError("'jobs' is a number of processes, or -1 for one a core")
        return self


class ChampionGateSpec(Spec):
    """The challenger against the standing champion, on rows that neither was fitted on.

    It passes if its ``metric`` is not worse by more than ``margin``. Fewer than ``minimum_rows`` rows or
    ``minimum_events`` events are no comparison: ``when_not_compared`` says whether such a challenger waits or passes.
    """

    metric: str = "roc_auc"
    margin: Annotated[float, Field(ge=0)] = 0.0
    minimum_rows: Annotated[int, Field(ge=2)] = 500
    minimum_events: Annotated[int, Field(ge=1)] = 50
    when_not_compared: Literal["hold", "pass"] = "hold"


class GatesSpec(Spec):
    """What a version must show before the alias ``champion`` moves to it.

    ``minimum`` and ``maximum`` bound metrics by their tracked names, such as ``test_roc_auc``.
    """

    minimum: dict[str, float] = {}
    maximum: dict[str, float] = {}
    champion: ChampionGateSpec = ChampionGateSpec()


class DeploymentSpec(Spec):
    """The registered model and its gates: ``deployment.yml``."""

    annotation: str = ""
    gates: GatesSpec


class GeneratorSpec(Spec):
    """The synthetic loan book: ``generator.yml``. The same seed gives the same population, whatever the rows.

    ``first`` is the month of the first application, ``months`` how many there are.
    """

    rows: Annotated[int, Field(ge=1)]
    columns: Annotated[int, Field(ge=21)] = 40
    default_rate: Share = 0.08
    seed: Seed = 42
    first: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] = "2018-01"
    months: Annotated[int, Field(ge=1)] = 72


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
            raise ValueError("split.scheme 'random_stratified' is for classification; a regression has 'random'")
        return self

    @model_validator(mode="after")
    def _segments_are_columns(self) -> Self:
        if unknown := sorted(set(self.training.segments) - set(self.data.columns)):
            raise ValueError(f"training.segments names {unknown}, which are no columns of 'data.columns'")
        return self

    @model_validator(mode="after")
    def _baseline_is_a_model(self) -> Self:
        if (baseline := self.training.challenger.baseline) is not None and baseline not in self.models:
            raise ValueError(f"training.challenger.baseline is '{baseline}', which is no entry of 'models'")
        return self

    @model_validator(mode="after")
    def _the_simplest_are_models(self) -> Self:
        if unknown := sorted(set(self.training.challenger.simplest_first) - set(self.models)):
            raise ValueError(f"training.challenger.simplest_first names {unknown}, which are no entries of 'models'")
        return self

    @model_validator(mode="after")
    def _the_canary_runs_a_model(self) -> Self:
        if self.canary.model is not None and self.canary.model not in self.models:
            raise ValueError(f"canary.model is '{self.canary.model}', which is no entry of 'models'")
        return self
