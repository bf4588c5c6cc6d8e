"""The files of a new use case as text, with comments on what a person has to fill in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from credit_pipeline.proposal.columns import TableRoles
from credit_pipeline.proposal.contract_text import contract
from credit_pipeline.proposal.first_models import FirstModel, Size, first_models
from credit_pipeline.proposal.source import Source, file_entry
from credit_pipeline.proposal.yaml_text import comment, flow, join_lines

_VALIDATORS = "credit_pipeline.datasets"
_ENOUGH_FOR_TIME = 100
_RARELY = 50
_FOR_EDITORS = "# yaml-language-server: $schema=../../../docs/schemas/{}.json\n"


@dataclass(frozen=True)
class UseCase:
    """Everything that the files of a use case are written from.

    Attributes
    ----------
    name
        Name of the environment.
    source
        Where the raw table is and how it is written.
    roles
        The proposed roles of its columns.
    quarantined_share
        Share of its rows that break the proposed contract, 0 to 1.
    """

    name: str
    source: Source
    roles: TableRoles = field(repr=False)
    quarantined_share: float = 0.0

    @property
    def size(self) -> Size:
        """The numbers that limit how much can be learnt from the table."""
        rows, events = self.roles.rows, self.roles.events
        rarer = rows if events is None else min(events, rows - events)
        return Size(rows, len(self.roles.names_of("numeric", "categorical")), rarer)

    @property
    def is_classification(self) -> bool:
        """Whether the target has two values."""
        return self.roles.task == "classification"

    @property
    def scheme(self) -> str:
        """The split: by time if there is a date and enough rows, by borrower if there is a group, else at random."""
        if self.roles.names_of("date") and self.size.rarer >= _ENOUGH_FOR_TIME:
            return "out_of_time"
        if self.roles.names_of("group"):
            return "grouped"
        return "random_stratified" if self.is_classification else "random"


def files(use_case: UseCase) -> dict[str, str]:
    """Return the text of every file, by its path below ``conf/<name>``.

    Parameters
    ----------
    use_case
        What they are written from.
    """
    parameters = {
        "data": contract(use_case.roles, use_case.source.name, use_case.quarantined_share),
        "data_split": _split(use_case),
        "feature_engineering": _features(),
        "recipes": _recipes(use_case),
        "models": _models(use_case),
        "training": _training(use_case),
        "deployment": _deployment(use_case),
    }
    return {
        "globals.yml": join_lines(f"use_case: {use_case.name}", f"folder: data/{use_case.name}"),
        "catalog/data_split.yml": _raw_entry("applications", use_case.source.entry, "RawApplications"),
        "catalog/scoring.yml": _applicants(use_case),
        **{f"parameters/{name}.yml": _FOR_EDITORS.format(name) + text for name, text in parameters.items()},
    }


def _raw_entry(name: str, lines: Sequence[str], validator: str, *, tracking: str = "") -> str:
    return join_lines(
        f"{name}:",
        *lines,
        "  validator:",
        f"    class: {_VALIDATORS}.{validator}",
        '    "on": load',
        f"  metadata: {{kedro-viz: {{layer: raw}}{tracking}}}",
    )


def _applicants(use_case: UseCase) -> str:
    suffix = ".parquet" if use_case.source.name.endswith(".parquet") else ".csv"
    file = file_entry(f"data/{use_case.name}/01_raw/applicants{suffix}", use_case.source.text_format)
    entry = _raw_entry("applicants", file, "RawApplicants", tracking=", tracking: {input: scoring}")
    what = "# Put the applicants to score at this path: a table with the columns of the contract; it needs no target."
    return join_lines(what, f"# Then run: kedro run --env {use_case.name} --pipelines scoring") + entry


def _split(use_case: UseCase) -> str:
    why = {
        "random_stratified": "Rows are assigned at random; train and test have the same share of defaults.",
        "random": "Rows are assigned at random.",
        "grouped": "All rows of a borrower are in the same part.",
        "out_of_time": "The latest rows are the test part, because a model is used on rows later than its own.",
    }
    return join_lines(
        f"# {why[use_case.scheme]}",
        "# Schemes are random_stratified, random, grouped (needs a column with the role group) and out_of_time (date).",
        "split:",
        f"  scheme: {use_case.scheme}",
        f"  test_share: {use_case.size.test_share}",
        "  seed: 42",
    )


def _features() -> str:
    return join_lines(
        "# The dotted path of your own function that adds columns, row by row; see the README.",
        "features:",
        "  function: null",
        "  # How the risk must change when a column rises, by column name: 1 rises, -1 falls.",
        "  direction: {}",
    )


def _recipes(use_case: UseCase) -> str:
    used = dict.fromkeys(model.recipe for model in first_models(use_case.roles.task, use_case.size))
    settings = "    settings: {minimum_information_value: 0.02}"
    lines = [
        line
        for recipe in used
        for line in (f"  {recipe}:", f"    function: {recipe}", *([settings] if recipe == "weight_of_evidence" else []))
    ]
    return join_lines("# How columns become features. Each model names one of these recipes.", "recipes:", *lines)


def _models(use_case: UseCase) -> str:
    models = first_models(use_case.roles.task, use_case.size)
    head = "# Each entry is a model. Remove it, change its grid, or add another estimator by its dotted path."
    return join_lines(head, "models:", *(line for model in models for line in _model(model)))


def _model(model: FirstModel) -> Iterator[str]:
    yield f"  {comment(model.what)}"
    yield f"  {model.name}:"
    yield f"    recipe: {model.recipe}"
    yield f"    estimator: {model.estimator}"
    if model.fixed:
        yield f"    fixed: {flow(model.fixed)}"
    yield f"    search: {flow({'strategy': 'grid', 'space': model.space})}"


def _training(use_case: UseCase) -> str:
    if use_case.is_classification:
        metrics, rule = ["roc_auc", "gini", "ks", "brier", "log_loss", "average_precision"], ("roc_auc", 0.5)
        tie, breaks, points = 0.0005, ["log_loss", "brier"], _POINTS
    else:
        metrics, rule, tie, breaks, points = ["r2", "mae", "rmse"], ("r2", 0.0), 0.001, ["mae"], []
    return join_lines(
        "training:",
        "  seed: 42",
        "  jobs: -1",
        "  bootstrap: 500",
        f"  folds: {{count: {use_case.size.folds}, seed: 42}}",
        f"  metrics: {flow(metrics)}",
        "  # The best cross-validated model becomes the challenger. Raise the minimum to a useful value.",
        "  challenger:",
        f"    metric: {rule[0]}",
        f"    minimum: {rule[1]}",
        f"    tie: {tie}",
        f"    tie_breaks: {flow(breaks)}",
        *points,
    )


_POINTS = ["  points: {points_to_double_the_odds: 20, base_odds: 50, base_points: 600}"]


def _deployment(use_case: UseCase) -> str:
    size, metric = use_case.size, "roc_auc" if use_case.is_classification else "r2"
    gate = "{test_roc_auc: 0.55}" if use_case.is_classification else "{test_r2: 0.05}"
    half = size.test_share / 2
    events = [f"      minimum_events: {max(2, min(_RARELY, round(size.rarer * half)))}"]
    return join_lines(
        "deployment:",
        '  annotation: ""',
        "  # What a version must reach on the test part to become champion. These limits are low: set your own.",
        "  gates:",
        f"    minimum: {gate}",
        "    champion:",
        f"      metric: {metric}",
        "      margin: 0.005",
        f"      minimum_rows: {max(2, min(10 * _RARELY, round(size.rows * half)))}",
        *(events if use_case.is_classification else []),
        "      when_not_compared: hold",
    )
