"""The JSON Schemas for editors say what the specifications say."""

import json
from pathlib import Path

import pytest
import write_schemas
import yaml
from jsonschema import Draft202012Validator

from credit_pipeline.spec import ProjectSpec

ROOT = Path(__file__).parents[2]
FILES = sorted(path for path in ROOT.glob("conf/*/parameters/*.yml") if path.parts[-3] != "local")


def faults(schema: str, text: str) -> list[str]:
    """What an editor underlines: it reads whole numbers as keys, and dates, as texts."""
    read = json.loads(json.dumps(yaml.safe_load(text), default=str))
    validator = Draft202012Validator(json.loads((write_schemas.SCHEMAS / schema).read_text(encoding="utf-8")))
    return [fault.message for fault in validator.iter_errors(read)]


def test_the_schemas_are_those_of_the_specifications() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in write_schemas.SCHEMAS.glob("*.json")}
    assert kept == write_schemas.schemas(), "python tools/write_schemas.py"


def test_every_key_of_a_project_has_a_schema() -> None:
    assert sorted(write_schemas.OWNED.values()) == sorted(ProjectSpec.model_fields)


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_parameter_file_names_its_schema_and_keeps_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    reported = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / reported).resolve() == (write_schemas.SCHEMAS / f"{path.stem}.json")
    assert faults(f"{path.stem}.json", text) == []


@pytest.mark.parametrize(
    ("schema", "text", "said"),
    [
        ("models.json", "models: {a: {recipe: r, estimater: e, estimator: e}}", "'estimater' was unexpected"),
        ("models.json", "models: {a: {recipe: r, estimator: e, search: {strategy: grit}}}", "'grit' is not one of"),
        ("models.json", "models: {}", "{} should be non-empty"),
        ("data_split.json", "split: {test_share: 1.5}", "1.5 is greater than or equal to the maximum of 1"),
        ("training.json", "training: {metrics: [ks]}", "'challenger' is a required property"),
        ("generator.json", "generator: null", "None is not of type 'object'"),
    ],
)
def test_a_fault_is_underlined(schema: str, text: str, said: str) -> None:
    assert any(said in fault for fault in faults(schema, text))
