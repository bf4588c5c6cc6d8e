"""What a YAML may say: one frozen model per owner file of ``conf/<environment>/parameters``."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from credit_pipeline.canary_spec import CanarySpec
from credit_pipeline.challenger_spec import ChallengerSpec
from credit_pipeline.contract_spec import (
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
from credit_pipeline.model_spec import Calibration, CutOffSpec, ModelSpec, ProfitSpec
from credit_pipeline.search_spec import SearchSpec
from credit_pipeline.split_spec import FoldsSpec, SplitScheme, SplitSpec

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
    """Dotted path of the function that adds columns to each row."""
    direction: dict[str, Literal[-1, 1]] = {}
    """How the risk must run with a number: 1 rises, -1 falls."""


class RecipeSpec(Spec):
    """How columns become features: a recipe function, by short name or dotted path, and its settings.

    ``leave_out`` are columns, raw or derived, that the recipe does not see.
    """

    function: str
    """A recipe of the project by its short name, or the dotted path of another."""
    settings: dict[str, Scalar | list[Scalar]] = {}
    """Arguments of the recipe."""
    leave_out: tuple[str, ...] = ()
    """Columns that the recipe does not see."""


class PointsSpec(Spec):
    """How a scorecard counts: applicants with ``base_odds`` (payers to one default) have ``base_points``.

    Every ``points_to_double_the_odds`` points double the odds.
    """

    points_to_double_the_odds: Annotated[float, Field(gt=0)] = 20
    """How many more points double the odds."""
    base_odds: Annotated[float, Field(gt=0)] = 50
    """Payers to one default at ``base_points``."""
    base_points: float = 600
    """The points of an applicant with ``base_odds``."""


class TrainingSpec(Spec):
    """Folds, metrics, the rule for the challenger, the cut-off: ``training.yml``.

    ``segments`` are columns by whose values the errors are told apart. ``jobs`` is the number of worker processes of a
    search, -1 one per core. ``bootstrap`` is the number of resamples behind an interval that has no closed form.
    """

    folds: FoldsSpec = FoldsSpec()
    """The folds of cross-validation."""
    metrics: Annotated[tuple[str, ...], Field(min_length=1)]
    """Metrics to be computed, by name or dotted path."""
    challenger: ChallengerSpec
    """The rule that picks the challenger."""
    segments: tuple[str, ...] = ()
    """Columns by whose values the errors are reported."""
    seed: Seed = 42
    """Where the random numbers of estimators and intervals start."""
    jobs: Annotated[int, Field(ge=-1)] = -1
    """Worker processes of a search; -1 is one for each core. 0 is refused."""
    bootstrap: Annotated[int, Field(ge=50)] = 500
    """Resamples behind an interval without a closed form."""
    points: PointsSpec = PointsSpec()
    """How the points of a scorecard are counted."""
    cut_off: CutOffSpec | None = None
    """From which probability on applicants are refused."""

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
    """The metric that is compared."""
    margin: Annotated[float, Field(ge=0)] = 0.0
    """By how much the challenger may be worse."""
    minimum_rows: Annotated[int, Field(ge=2)] = 500
    """Fewer rows are not compared."""
    minimum_events: Annotated[int, Field(ge=1)] = 50
    """Fewer events are not compared."""
    when_not_compared: Literal["hold", "pass"] = "hold"
    """Whether a challenger that was not compared waits or passes."""


class GatesSpec(Spec):
    """What a version must show before the alias ``champion`` moves to it.

    ``minimum`` and ``maximum`` bound metrics by their tracked names, such as ``test_roc_auc``.
    """

    minimum: dict[str, float] = {}
    """The least value by tracked metric."""
    maximum: dict[str, float] = {}
    """The greatest value by tracked metric."""
    champion: ChampionGateSpec = ChampionGateSpec()
    """The comparison with the standing champion."""


class DeploymentSpec(Spec):
    """The registered model and its gates: ``deployment.yml``."""

    annotation: str = ""
    """A text for the description of the registered version."""
    gates: GatesSpec
    """What a version must show to become champion."""


class GeneratorSpec(Spec):
    """The synthetic loan book: ``generator.yml``. The same seed gives the same population, whatever the rows.

    ``first`` is the month of the first application, ``months`` how many there are.
    """

    rows: Annotated[int, Field(ge=1)]
    """Applications in the loan book."""
    columns: Annotated[int, Field(ge=21)] = 40
    """Columns in the loan book."""
    default_rate: Share = 0.08
    """The share of defaults."""
    seed: Seed = 42
    """Where the random numbers of the generator start."""
    first: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] = "2018-01"
    """The month of the first application, as ``YYYY-MM``."""
    months: Annotated[int, Field(ge=1)] = 72
    """How many months there are."""


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
