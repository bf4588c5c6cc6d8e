import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from credit_pipeline import spec
from credit_pipeline.spec import (
    ChallengerSpec,
    ColumnSpec,
    DataSpec,
    FoldsSpec,
    ModelSpec,
    ProjectSpec,
    SearchSpec,
    Spec,
    SplitSpec,
    TrainingSpec,
)

SPECS = [kind for kind in vars(spec).values() if isinstance(kind, type) and issubclass(kind, Spec)]
INPUT = {"role": "numeric"}
TARGET = {"role": "target"}
PROJECT: Mapping[str, Any] = {
    "data": {"columns": {"age": INPUT, "default": TARGET}},
    "split": {},
    "features": {},
    "recipes": {"plain": {"function": "ordinal"}},
    "models": {"tree": {"recipe": "plain", "estimator": "sklearn.tree.DecisionTreeClassifier"}},
    "training": {"metrics": ["roc_auc"], "challenger": {"minimum": 0.7}},
    "deployment": {"gates": {}},
}


def faults(kind: type[Spec], document: Mapping[str, object]) -> list[str]:
    """Messages of a document that must be refused."""
    with pytest.raises(ValidationError) as reported:
        kind.model_validate(document)
    return [fault["msg"] for fault in reported.value.errors()]


def test_a_project_may_say_no_more_than_it_must() -> None:
    project = ProjectSpec.model_validate(PROJECT)
    assert project.data.event == 1
    assert (project.split.scheme, project.split.test_share, project.split.seed) == ("random_stratified", 0.2, 42)
    assert project.features.function is None
    assert project.models["tree"].search.strategy == "grid"
    assert project.training.folds == FoldsSpec(count=5, seed=42)
    assert project.deployment.gates.champion.when_not_compared == "hold"


@pytest.mark.parametrize("kind", SPECS)
def test_no_specification_takes_a_key_it_does_not_know(kind: type[Spec]) -> None:
    with pytest.raises(ValidationError) as reported:
        kind.model_validate({"misspelt": 1})
    assert ("extra_forbidden", ("misspelt",)) in [(fault["type"], fault["loc"]) for fault in reported.value.errors()]


def test_a_specification_is_not_changed_after_it_was_checked() -> None:
    split = SplitSpec()
    with pytest.raises(ValidationError, match="frozen"):
        split.seed = 1  # type: ignore[misc]  # that is the point


@pytest.mark.parametrize("key", sorted(PROJECT))
def test_every_top_level_key_is_needed(key: str) -> None:
    assert faults(ProjectSpec, {name: value for name, value in PROJECT.items() if name != key}) == ["Field required"]


@pytest.mark.parametrize(
    ("column", "fault"),
    [
        ({"role": "numeric", "type": "text", "range": [0, 1]}, "a text column has no range"),
        ({"role": "categorical"}, "a categorical column lists its categories"),
        ({"role": "numeric", "range": [2, 1]}, "'range' runs from 2 down to 1"),
        ({"role": "numeric", "range": [0, math.nan]}, "'range' runs from 0 down to nan"),
        ({"role": "categorical", "categories": {"m": "male"}}, "codes of a number column are whole numbers"),
        ({"role": "numeric", "type": "integer", "special_codes": {"x": "none"}}, "codes of a integer column are whole"),
        ({"role": "categorical", "type": "text", "categories": {1: "one"}}, "codes of a text column are texts, in qu"),
        # YAML reads an unquoted `no` as false, which is the number 0.
        ({"role": "categorical", "type": "text", "categories": {False: "Norway"}}, "codes of a text column are texts"),
    ],
)
def test_a_column_that_contradicts_itself_is_refused(column: Mapping[str, object], fault: str) -> None:
    (reported,) = faults(ColumnSpec, column)
    assert reported.startswith(f"Value error, {fault}")


def test_a_text_means_missing_or_is_a_code_not_both() -> None:
    document = {"role": "categorical", "type": "text", "categories": {"rent": "", "NA": "not asked"}, "missing": ["NA"]}
    assert "'NA' means missing or is a code, not both" in faults(ColumnSpec, document)[0]
    assert ColumnSpec.model_validate({**document, "missing": ["?"]}).missing == ("?",)


BOUND = st.none() | st.floats(allow_nan=False)


@given(BOUND, BOUND)
def test_a_range_is_taken_unless_it_runs_downwards(lower: float | None, upper: float | None) -> None:
    document = {"role": "numeric", "range": [lower, upper]}
    if lower is not None and upper is not None and lower > upper:
        assert "down to" in faults(ColumnSpec, document)[0]
    else:
        assert ColumnSpec.model_validate(document).range == (lower, upper)


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"age": INPUT, "name": {"role": "ignored"}}, "exactly one column has the role 'target', found none"),
        ({"a": TARGET, "b": TARGET}, "exactly one column has the role 'target', found ['a', 'b']"),
        (
            {"a": {"role": "identifier"}, "b": {"role": "identifier"}, "c": TARGET, "d": INPUT},
            "exactly one column has the role 'identifier', found ['a', 'b']",
        ),
        ({"a": TARGET, "b": {"role": "ignored"}}, "no column has the role 'numeric' or 'categorical'"),
    ],
)
def test_a_table_has_one_target_at_most_one_identifier_and_inputs(columns: Mapping[str, object], fault: str) -> None:
    assert faults(DataSpec, {"columns": columns}) == [f"Value error, {fault}"]


def test_the_event_is_one_of_the_targets_categories() -> None:
    target = {"role": "target", "type": "text", "categories": {"good": "paid", "bad": "did not"}}
    columns = {"age": INPUT, "outcome": target}
    assert DataSpec.model_validate({"event": "bad", "columns": columns}).event == "bad"
    reported = "Value error, event 1 is not a category of the target; its categories are ['good', 'bad']"
    assert faults(DataSpec, {"columns": columns}) == [reported]


OTHERS = st.lists(st.sampled_from(["numeric", "categorical", "ignored"]), max_size=6)


@given(OTHERS, OTHERS)
def test_columns_are_named_by_role_in_the_tables_order(before: list[str], after: list[str]) -> None:
    roles = [*before, "target", "numeric", *after]
    columns = {f"c{place}": {"role": role, "categories": {0: "no"}} for place, role in enumerate(roles)}
    data = DataSpec.model_validate({"event": 0, "columns": columns})
    assert data.target == f"c{len(before)}"
    assert data.identifier is None
    assert data.inputs == tuple(f"c{place}" for place, role in enumerate(roles) if role in ("numeric", "categorical"))
    every_role = ("identifier", "target", "numeric", "categorical", "ignored")
    assert data.named(*every_role) == tuple(columns)


def test_a_random_search_says_how_many_candidates_and_a_grid_does_not() -> None:
    assert SearchSpec(strategy="random", candidates=3).candidates == 3
    reported = ["Value error, 'candidates' goes with strategy 'random' or 'racing', and 'random' needs it"]
    assert faults(SearchSpec, {"strategy": "random"}) == reported
    assert faults(SearchSpec, {"strategy": "grid", "candidates": 3}) == reported


@pytest.mark.parametrize("space", ["space", "recipe_space"])
def test_a_search_tries_at_least_one_value_of_what_it_names(space: str) -> None:
    (reported,) = faults(SearchSpec, {space: {"C": []}})
    assert "at least 1 item" in reported


def test_an_argument_is_fixed_or_searched_never_both() -> None:
    document = {"recipe": "r", "estimator": "e", "fixed": {"C": 1, "tol": 2}, "search": {"space": {"C": [1, 2]}}}
    assert faults(ModelSpec, document) == ["Value error, ['C'] are both in 'fixed' and in 'search.space'"]


@pytest.mark.parametrize(
    ("document", "got"),
    [
        ({}, "none"),
        ({"approval_rate": None}, "none"),
        ({"approval_rate": 0.8, "default_rate": 0.1}, "approval_rate, default_rate"),
        ({"approval_rate": 0.8, "profit": {"payer": 1, "default": -5}}, "approval_rate, profit"),
    ],
)
def test_a_cut_off_is_chosen_by_exactly_one_rule(document: dict[str, object], got: str) -> None:
    reported = f"Value error, exactly one of approval_rate, default_rate and profit, got {got}"
    assert faults(spec.CutOffSpec, document) == [reported]


def test_the_challenger_rule_uses_metrics_that_are_computed() -> None:
    rule = {"metric": "ks", "minimum": 0.3, "tie_breaks": ["log_loss", "fit_seconds", "roc_auc"]}
    (reported,) = faults(TrainingSpec, {"metrics": ["roc_auc"], "challenger": rule})
    assert reported == "Value error, challenger.metric is 'ks', which 'metrics' does not list"
    (reported,) = faults(TrainingSpec, {"metrics": ["roc_auc"], "challenger": {**rule, "metric": "roc_auc"}})
    assert reported == "Value error, challenger.tie_breaks names ['log_loss'], which 'metrics' does not list"


def test_the_challenger_rule_may_break_a_tie_by_the_seconds_of_the_fit() -> None:
    rule = {"minimum": 0.3, "tie_breaks": ["fit_seconds"]}
    checked = TrainingSpec.model_validate({"metrics": ["roc_auc"], "challenger": rule})
    assert checked.challenger.tie_breaks == ("fit_seconds",)


@pytest.mark.parametrize("name", ["Tree", "1st", "my-tree", "a.b", ""])
@pytest.mark.parametrize("key", ["models", "recipes"])
def test_models_and_recipes_have_names_that_files_and_metrics_can_have(key: str, name: str) -> None:
    entries = {**PROJECT[key], name: next(iter(PROJECT[key].values()))}
    (reported,) = faults(ProjectSpec, {**PROJECT, key: entries})
    assert "pattern" in reported


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        (SplitSpec, {"test_share": 0}),
        (SplitSpec, {"test_share": 1}),
        (SplitSpec, {"seed": -1}),
        (SplitSpec, {"seed": 2**32}),
        (SplitSpec, {"scheme": "by_date"}),
        (FoldsSpec, {"count": 1}),
        (FoldsSpec, {"count": 51}),
        (SearchSpec, {"strategy": "random", "candidates": 0}),
        (ChallengerSpec, {"minimum": 0.7, "tie": -0.1}),
        (ChallengerSpec, {"minimum": 0.7, "tie": math.nan}),
        (TrainingSpec, {"metrics": [], "challenger": {"minimum": 0.7}}),
        (TrainingSpec, {"metrics": ["roc_auc"], "challenger": {"minimum": 0.7}, "bootstrap": 49}),
        (spec.CutOffSpec, {"approval_rate": 1}),
        (spec.ProfitSpec, {"payer": 0, "default": -1}),
        (spec.ProfitSpec, {"payer": 1, "default": 0}),
        (ModelSpec, {"recipe": "r", "estimator": "e", "event_weight": 0}),
        (ModelSpec, {"recipe": "r", "estimator": "e", "event_weight": "heavy"}),
        (ModelSpec, {"recipe": "r", "estimator": "e", "calibration": "platt"}),
        (spec.ChampionGateSpec, {"margin": -0.1}),
        (spec.ChampionGateSpec, {"minimum_rows": 1}),
        (spec.ChampionGateSpec, {"minimum_events": 0}),
        (spec.ChampionGateSpec, {"when_not_compared": "maybe"}),
        (DataSpec, {"columns": {"age": INPUT, "default": TARGET}, "maximum_quarantined_share": 1.1}),
        (ProjectSpec, {**PROJECT, "models": {}}),
        (ProjectSpec, {**PROJECT, "recipes": {}, "models": {}}),
    ],
)
def test_a_value_out_of_bounds_is_refused(kind: type[Spec], document: Mapping[str, object]) -> None:
    faults(kind, document)


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        (SplitSpec, {"test_share": 0.999, "seed": 0}),
        (SplitSpec, {"seed": 2**32 - 1}),
        (FoldsSpec, {"count": 2}),
        (FoldsSpec, {"count": 50}),
        (spec.ChampionGateSpec, {"margin": 0, "minimum_rows": 2, "minimum_events": 1}),
    ],
)
def test_a_value_on_its_bound_is_taken(kind: type[Spec], document: Mapping[str, object]) -> None:
    checked = kind.model_validate(document).model_dump()
    assert {key: checked[key] for key in document} == document


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        pytest.param(ChallengerSpec, {"minimum": math.nan}, id="a minimum that no value falls short of"),
        pytest.param(
            TrainingSpec,
            {"metrics": ["roc_auc"], "challenger": {"metric": "fit_seconds", "minimum": 1}},
            id="a rule by seconds, which no candidate of a search is ranked by",
        ),
        pytest.param(
            TrainingSpec,
            {"metrics": ["roc_auc"], "challenger": {"minimum": 0.7}, "jobs": 0},
            id="a search without a process",
        ),
        pytest.param(ColumnSpec, {"role": "categorical", "categories": {}}, id="categories that no value is in"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(kind: type[Spec], document: Mapping[str, object]) -> None:
    faults(kind, document)


def test_the_simplest_models_are_models() -> None:
    training = {**PROJECT["training"], "challenger": {"minimum": 0.7, "simplest_first": ["tree", "shrub"]}}
    assert faults(ProjectSpec, {**PROJECT, "training": training}) == [
        "Value error, training.challenger.simplest_first names ['shrub'], which are not entries of 'models'"
    ]
