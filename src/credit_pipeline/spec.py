"""What a YAML may say: one frozen model per owner file of ``conf/<environment>/parameters``."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Role = Literal["identifier", "target", "numeric", "categorical", "ignored"]
ColumnType = Literal["integer", "number", "text"]
Code = int | str
Scalar = bool | int | float | str | None
Share = Annotated[float, Field(gt=0, lt=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Spec(BaseModel):
    """A frozen piece of configuration that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnSpec(Spec):
    """One column of the raw table: its role and the values that it may hold.

    ``range`` is inclusive, ``None`` leaves a side open. ``categories`` and ``special_codes`` map a code to its meaning.
    A special code is a value with a meaning of its own (no consumption, not documented), allowed beside the range.
    """

    role: Role
    type: ColumnType = "number"
    meaning: str = ""
    unit: str | None = None
    range: tuple[float | None, float | None] | None = None
    categories: dict[Code, str] | None = None
    special_codes: dict[Code, str] = {}
    missing: bool = False

    @model_validator(mode="after")
    def _values_fit_the_type(self) -> Self:
        if self.type == "text" and self.range is not None:
            raise ValueError("a text column has categories, not a range")
        if self.role == "categorical" and not self.categories:
            raise ValueError("a categorical column lists its categories")
        return self

    @model_validator(mode="after")
    def _codes_are_of_the_type(self) -> Self:
        numbers = self.type != "text"
        if any(isinstance(code, int) != numbers for code in (*(self.categories or {}), *self.special_codes)):
            raise ValueError(f"codes of a {self.type} column are {'whole numbers' if numbers else 'texts, in quotes'}")
        return self

    @model_validator(mode="after")
    def _range_runs_upwards(self) -> Self:
        lower, upper = self.range or (None, None)
        if lower is not None and upper is not None and not lower <= upper:
            raise ValueError(f"'range' runs from {lower:g} down to {upper:g}")
        return self


class DataSpec(Spec):
    """The contract of the raw table: ``data.yml``."""

    event: Code = 1
    maximum_quarantined_share: Annotated[float, Field(ge=0, le=1)] = 0.01
    columns: Annotated[dict[str, ColumnSpec], Field(min_length=2)]

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        for role, most in (("target", 1), ("identifier", 1)):
            found = self.named(role)
            if len(found) > most or (role == "target" and not found):
                raise ValueError(f"exactly one column has the role '{role}', found {list(found) or 'none'}")
        if not self.inputs:
            raise ValueError("no column has the role 'numeric' or 'categorical'")
        return self

    @model_validator(mode="after")
    def _event_is_a_class(self) -> Self:
        classes = self.columns[self.target].categories
        if classes is not None and self.event not in classes:
            raise ValueError(f"event {self.event!r} is no category of the target, which are {list(classes)}")
        return self

    def named(self, *roles: str) -> tuple[str, ...]:
        """Names of the columns that have one of the roles, in the table's order."""
        return tuple(name for name, column in self.columns.items() if column.role in roles)

    @property
    def target(self) -> str:
        """Name of the target column."""
        return self.named("target")[0]

    @property
    def identifier(self) -> str | None:
        """Name of the identifier column, if the table has one."""
        return next(iter(self.named("identifier")), None)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the columns that a model sees."""
        return self.named("numeric", "categorical")


class SplitSpec(Spec):
    """How rows become train and test: ``data_split.yml``."""

    scheme: Literal["random_stratified"] = "random_stratified"
    test_share: Share = 0.2
    seed: Seed = 42


class FeaturesSpec(Spec):
    """The row-wise features added to every row: ``feature_engineering.yml``. ``None`` adds nothing.

    ``direction`` says of raw and derived numbers how the risk must run with them: 1 rises, -1 falls.
    """

    function: str | None = None
    direction: dict[str, Literal[-1, 1]] = {}


class RecipeSpec(Spec):
    """How columns become features: a recipe function, by short name or dotted path, and its settings."""

    function: str
    settings: dict[str, Scalar] = {}


class SearchSpec(Spec):
    """Which candidates are tried: every combination (``grid``) or a sample of them (``random``).

    ``space`` holds arguments of the estimator, ``recipe_space`` settings of the recipe.
    """

    strategy: Literal["grid", "random"] = "grid"
    space: dict[str, Annotated[list[Scalar], Field(min_length=1)]] = {}
    recipe_space: dict[str, Annotated[list[Scalar], Field(min_length=1)]] = {}
    candidates: Annotated[int, Field(ge=1)] | None = None
    seed: Seed = 42

    @model_validator(mode="after")
    def _random_says_how_many(self) -> Self:
        if (self.strategy == "random") != (self.candidates is not None):
            raise ValueError("'candidates' goes with strategy 'random', and 'random' needs it")
        return self


class ModelSpec(Spec):
    """One model, an entry of ``models.yml``: recipe, estimator by dotted path, fixed arguments, search."""

    recipe: str
    estimator: str
    fixed: dict[str, Scalar] = {}
    search: SearchSpec = SearchSpec()

    @model_validator(mode="after")
    def _fixed_is_not_searched(self) -> Self:
        if both := sorted(set(self.fixed) & set(self.search.space)):
            raise ValueError(f"{both} stand in 'fixed' and in 'search.space'")
        return self


class FoldsSpec(Spec):
    """The stratified cross-validation folds that every model shares."""

    count: Annotated[int, Field(ge=2, le=50)] = 5
    seed: Seed = 42


class ChallengerSpec(Spec):
    """The rule that picks the challenger on cross-validation.

    The best mean of ``metric`` wins if it reaches ``minimum``; models whose means lie within ``tie`` of the best are
    told apart by ``tie_breaks`` in their order.
    """

    metric: str = "roc_auc"
    minimum: Annotated[float, Field(allow_inf_nan=False)]
    tie: Annotated[float, Field(ge=0)] = 0.0
    tie_breaks: tuple[str, ...] = ()


class PointsSpec(Spec):
    """How a scorecard counts: applicants with ``base_odds`` (payers to one default) have ``base_points``.

    Every ``points_to_double_the_odds`` points double the odds.
    """

    points_to_double_the_odds: Annotated[float, Field(gt=0)] = 20
    base_odds: Annotated[float, Field(gt=0)] = 50
    base_points: float = 600


class TrainingSpec(Spec):
    """Folds, metrics, the rule for the challenger: ``training.yml``.

    ``jobs`` is the number of worker processes of a search, -1 one per core. ``bootstrap`` is the number of resamples
    behind an interval that has no closed form.
    """

    folds: FoldsSpec = FoldsSpec()
    metrics: Annotated[tuple[str, ...], Field(min_length=1)]
    challenger: ChallengerSpec
    seed: Seed = 42
    jobs: Annotated[int, Field(ge=-1)] = -1
    bootstrap: Annotated[int, Field(ge=50)] = 500
    points: PointsSpec = PointsSpec()

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


class ProjectSpec(Spec):
    """Everything under ``conf/<environment>/parameters``."""

    data: DataSpec
    split: SplitSpec
    features: FeaturesSpec
    recipes: Annotated[dict[Name, RecipeSpec], Field(min_length=1)]
    models: Annotated[dict[Name, ModelSpec], Field(min_length=1)]
    training: TrainingSpec
    deployment: DeploymentSpec
