"""A specification is validated once in a run, and a node takes it typed or as a document."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from pydantic import GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, core_schema

from conftest import copy_project, one_model, run_in_process
from credit_pipeline import configuration
from credit_pipeline.configuration import Configuration, OpenRun, as_specification, open_run, takes_specifications
from credit_pipeline.modelling.splitting.schemes import scheme_of
from credit_pipeline.spec import ColumnSpec, DataSpec, FoldsSpec, ModelSpec, ProjectSpec, Spec, SplitSpec

SOUND: Mapping[str, Any] = {
    "data": {"columns": {"age": {"role": "numeric"}, "default": {"role": "target"}}},
    "split": {"seed": 1},
    "features": {},
    "recipes": {"plain": {"function": "ordinal"}},
    "models": {"tree": {"recipe": "plain", "estimator": "a.Tree", "fixed": {"depth": 1}}},
    "training": {"metrics": ["roc_auc"], "challenger": {"minimum": 0.7}},
    "deployment": {"gates": {}},
}


@pytest.fixture
def validations() -> Iterator[Counter[str]]:
    """Count how often each class of specification is validated, also within another one, also an instance again."""
    counted: Counter[str] = Counter()

    def counting(cls: type[Spec], source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401
        def count(value: Spec) -> Spec:
            counted[cls.__name__] += 1
            return value

        schema = handler(source)
        if schema.get("metadata", {}).get("counts") is counted:  # the part of another one counts already
            return schema
        return core_schema.no_info_after_validator_function(count, schema, metadata={"counts": counted})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Spec, "__get_pydantic_core_schema__", classmethod(counting), raising=False)
        rebuild()
        yield counted
    rebuild()


def rebuild() -> None:
    for kind in Spec.__subclasses__():  # in the order of their definition, so parts come before the whole
        kind.model_rebuild(force=True)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Configuration:
    configured = Configuration(tmp_path, "test", SOUND)
    monkeypatch.setattr(open_run, "_open", [OpenRun(configured)])
    return configured


def test_the_counter_sees_every_validation(validations: Counter[str]) -> None:
    found = ProjectSpec.model_validate(SOUND)
    assert validations["ProjectSpec"] == validations["DataSpec"] == validations["ModelSpec"] == 1
    assert validations["ColumnSpec"] == 2
    ModelSpec.model_validate(found.models["tree"])
    assert validations["ModelSpec"] == 2


def test_a_whole_run_validates_each_specification_once(
    tmp_path: Path, validations: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = one_model(copy_project(tmp_path / "project"))
    run_in_process(project)
    found = dict(validations)
    validations.clear()
    monkeypatch.chdir(project)
    monkeypatch.setenv("KEDRO_ENV", "test")
    spec = ProjectSpec.model_validate(configuration.current().parameters)
    assert found == validations
    once = ("DataSpec", "SplitSpec", "TrainingSpec", "DeploymentSpec")
    assert {name: found[name] for name in once} == dict.fromkeys(once, 1)
    assert (found["ModelSpec"], found["RecipeSpec"]) == (1, len(spec.recipes))


def test_a_specification_of_the_open_configuration_is_the_checked_one(opened: Configuration) -> None:
    copied = {"columns": {name: dict(column) for name, column in SOUND["data"]["columns"].items()}}
    assert as_specification(DataSpec, copied) is opened.spec.data
    assert as_specification(ModelSpec, SOUND["models"]["tree"]) is opened.spec.models["tree"]
    assert as_specification(DataSpec, opened.spec.data) is opened.spec.data


def test_the_split_of_a_manifest_is_the_checked_one(opened: Configuration) -> None:
    split = opened.spec.split
    stored = {"parts": {}, **json.loads(json.dumps(split.model_dump(mode="json"), sort_keys=True)), "split_id": "a1"}
    assert as_specification(SplitSpec, scheme_of(stored)) is split
    other = as_specification(SplitSpec, scheme_of({**stored, "seed": 2}))
    assert (split.seed, other.seed) == (1, 2)


def test_a_document_that_python_calls_equal_is_another_one(opened: Configuration) -> None:
    other = {**SOUND["models"]["tree"], "fixed": {"depth": True}}
    assert other == SOUND["models"]["tree"]
    assert as_specification(ModelSpec, other).fixed["depth"] is True
    assert opened.spec.models["tree"].fixed["depth"] is not True


def test_columns_in_another_order_are_another_contract(opened: Configuration) -> None:
    turned = {"columns": dict(reversed(SOUND["data"]["columns"].items()))}
    found = as_specification(DataSpec, turned)
    assert list(found.columns) == ["default", "age"]
    assert list(opened.spec.data.columns) == ["age", "default"]


@pytest.mark.usefixtures("opened")
def test_a_document_of_another_configuration_is_validated() -> None:
    assert as_specification(FoldsSpec, {"count": 7}).count == 7
    with pytest.raises(ValidationError, match="less than or equal to 50"):
        as_specification(FoldsSpec, {"count": 70})


@takes_specifications
def node(
    rows: int,
    data: DataSpec,
    models: Mapping[str, ModelSpec],
    named: dict[str, object],
    folds: FoldsSpec | None = None,
    **columns: ColumnSpec | int | None,
) -> tuple[Any, ...]:
    """Return what it was given."""
    return rows, data, models, named, folds, columns


@pytest.mark.parametrize("is_open", [True, False])
def test_a_node_takes_documents_and_specifications(
    is_open: bool, opened: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_open:
        monkeypatch.setattr(open_run, "_open", [])
    spec, column = opened.spec, {"role": "numeric"}
    read = node(1, SOUND["data"], SOUND["models"], {"a": 1}, {"count": 3}, age=column, many=2, none=None)
    typed = node(1, spec.data, dict(spec.models), {"a": 1}, FoldsSpec(count=3), many=2)
    assert read[:5] == typed[:5] == (1, spec.data, spec.models, {"a": 1}, FoldsSpec(count=3))
    assert read[5] == {"age": ColumnSpec(role="numeric"), "many": 2, "none": None}
    assert (read[1] is spec.data) is is_open
    assert typed[1] is spec.data
    assert node(1, spec.data, {}, {}, None)[4] is None


def test_kedro_sees_no_types_of_a_node() -> None:
    assert node.__annotations__ == {}
    assert (node.__name__, node.__doc__) == ("node", "Return what it was given.")


def test_a_copy_with_other_parameters_has_other_specifications(opened: Configuration) -> None:
    assert opened.spec is opened.spec
    assert "spec" not in {field.name for field in fields(opened)}
