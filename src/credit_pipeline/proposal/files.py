"""The files of a new use case as text, each with what a person has to fill in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from credit_pipeline.proposal.columns import TableRoles
from credit_pipeline.proposal.contract_text import contract
from credit_pipeline.proposal.first_models import FirstModel, Size, first_models
from credit_pipeline.proposal.source import Source, file_entry
from credit_pipeline.proposal.yaml_text import comment, flow, joined

_VALIDATORS = "credit_pipeline.datasets.validators"
_ENOUGH_FOR_TIME = 100
_RARELY = 50
_FOR_EDITORS = "# yaml-language-server: $schema=../../../docs/schemas/{}.json\n"


@dataclass(frozen=True)
class UseCase:
    """All that the files of a use case say: its name, its raw table, the roles of its columns.

    ``quarantined_share`` is the share of the raw table's rows that break the proposed contract.
    """

    name: str
    source: Source
    roles: TableRoles = field(repr=False)
    quarantined_share: float = 0.0

    @property
    def size(self) -> Size:
        """What decides how much can be learnt."""
        rows, events = self.roles.rows, self.roles.events
        rarer = rows if events is None else min(events, rows - events)
        return Size(rows, len(self.roles.named("numeric", "categorical")), rarer)

    @property
    def is_classification(self) -> bool:
        """Whether two values are told apart."""
        return self.roles.task == "classification"

    @property
    def scheme(self) -> str:
        """How rows become train and test: by time or by borrower where the table knows them."""
        if self.roles.named("date") and self.size.rarer >= _ENOUGH_FOR_TIME:
            return "out_of_time"
        if self.roles.named("group"):
            return "grouped"
        return "random_stratified" if self.is_classification else "random"


def files(use_case: UseCase) -> dict[str, str]:
    """Give the text of every file by its path below ``conf/<name>``.

    Parameters
    ----------
    use_case
        What the files say.
    """
    parameters = {
        "data": contract(use_case.roles, use_case.source.told, use_case.quarantined_share),
        "data_split": _split(use_case),
        "feature_engineering": _features(),
        "recipes": _recipes(use_case),
        "models": _models(use_case),
        "training": _training(use_case),
        "deployment": _deployment(use_case),
    }
    return {
        "globals.yml": joined(f"use_case: {use_case.name}", f"folder: data/{use_case.name}"),
        "catalog/data_split.yml": _raw_entry("applications", use_case.source.entry, "RawApplications"),
        "catalog/scoring.yml": _applicants(use_case),
        **{f"parameters/{name}.yml": _FOR_EDITORS.format(name) + text for name, text in parameters.items()},
    }


def _raw_entry(name: str, lines: Sequence[str], validator: str, *, tracking: str = "") -> str:
    return joined(
        f"{name}:",
        *lines,
        "  validator:",
        f"    class: {_VALIDATORS}.{validator}",
        '    "on": load',
        f"  metadata: {{kedro-viz: {{layer: raw}}{tracking}}}",
    )


def _applicants(use_case: UseCase) -> str:
    suffix = ".parquet" if use_case.source.told.endswith(".parquet") else ".csv"
    file = file_entry(f"data/{use_case.name}/01_raw/applicants{suffix}", use_case.source.written)
    entry = _raw_entry("applicants", file, "RawApplicants", tracking=", tracking: {input: scoring}")
    what = "# Put the applicants to be scored there: the columns of the contract, with or without the target."
    return joined(what, f"# Then kedro run --env {use_case.name} --pipelines scoring") + entry


def _split(use_case: UseCase) -> str:
    why = {
        "random_stratified": "Rows are drawn at random, with as many defaults among them in train as in test.",
        "random": "Rows are drawn at random.",
        "grouped": "All rows of one borrower stand on one side.",
        "out_of_time": "The latest rows are the test part, as a model is used on later rows than it has seen.",
    }
    return joined(
        f"# {why[use_case.scheme]}",
        "# Schemes are random_stratified, random, grouped (needs a column with the role group) and out_of_time (date).",
        "split:",
        f"  scheme: {use_case.scheme}",
        f"  test_share: {use_case.size.test_share}",
        "  seed: 42",
    )


def _features() -> str:
    return joined(
        "# A function of your own may add columns, row by row: its dotted path, see the README.",
        "features:",
        "  function: null",
        "  # How the risk must run with a number, by its name: 1 rises, -1 falls.",
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
    return joined("# How columns become features; models name these.", "recipes:", *lines)


def _models(use_case: UseCase) -> str:
    models = first_models(use_case.roles.task, use_case.size)
    head = "# Each entry is a model: remove it, change its grid, or add any estimator by its dotted path."
    return joined(head, "models:", *(line for model in models for line in _model(model)))


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
    return joined(
        "training:",
        "  seed: 42",
        "  jobs: -1",
        "  bootstrap: 500",
        f"  folds: {{count: {use_case.size.folds}, seed: 42}}",
        f"  metrics: {flow(metrics)}",
        "  # The best cross-validated model becomes challenger. Raise the minimum to what would be of use.",
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
    return joined(
        "deployment:",
        '  annotation: ""',
        "  # What a version must show on the test part before it becomes champion. These are modest: set your own.",
        "  gates:",
        f"    minimum: {gate}",
        "    champion:",
        f"      metric: {metric}",
        "      margin: 0.005",
        f"      minimum_rows: {max(2, min(10 * _RARELY, round(size.rows * half)))}",
        *(events if use_case.is_classification else []),
        "      when_not_compared: hold",
    )
