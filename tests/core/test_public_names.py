"""What YAML, a catalog or a stored model names is found under its public name, under whichever name it was written."""

import importlib
import inspect
import json
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from conftest import ROOT
from credit_pipeline.configuration.loader import ProjectConfigLoader
from credit_pipeline.core import dotted_path
from credit_pipeline.core.public_names import PUBLIC, public_name, with_public_names
from credit_pipeline.datasets.trusted_types import TRUSTED_TYPES, dump_trusted, load_trusted, trusted_types
from credit_pipeline.modelling.estimators.event_weighting import EventWeighted
from credit_pipeline.modelling.scoring.scorecard import is_scorecard
from credit_pipeline.modelling.scoring.scoring_model import answer_name, answers_in

STORED = ROOT / "tests/data/stored_models"


@pytest.mark.parametrize("name", ["scorecard", "beta", "isotonic", "seasonal_naive"])
def test_a_model_stored_by_the_first_version_is_loaded_and_answers_as_it_did(name: str) -> None:
    probe = pd.read_parquet(STORED / f"{name}_probe.parquet")
    model = load_trusted(STORED / f"{name}.skops")
    answered = answers_in(model.predict(probe.drop(columns=answer_name(model.pipeline))))
    np.testing.assert_allclose(answered, answers_in(probe), rtol=0, atol=1e-12)


def test_the_files_of_the_first_version_hold_former_names() -> None:
    classes = {name for path in STORED.glob("*.skops") for name in _classes(path)}
    assert classes <= set(PUBLIC)
    # The module of the row features had the name that their package has now.
    assert {name for name in classes if PUBLIC[name] == name} == {"credit_pipeline.modelling.features.RowFeatures"}


def _schema(path: Path) -> str:
    with ZipFile(path) as stored:
        return stored.read("schema.json").decode()


def _classes(path: Path) -> set[str]:
    found: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if str(node.get("__module__", "")).startswith("credit_pipeline"):
                found.add(f"{node['__module__']}.{node['__class__']}")
            for inner in node.values():
                walk(inner)
        elif isinstance(node, list):
            for inner in node:
                walk(inner)

    walk(json.loads(_schema(path)))
    return found


def shipped(public: str) -> bool:
    """Whether the module is there: one of a use case may have been deleted."""
    return not public.startswith("credit_pipeline.use_cases.") or find_spec(public.rpartition(".")[0]) is not None


@pytest.mark.parametrize("public", sorted(filter(shipped, set(PUBLIC.values()))))
def test_every_public_name_leads_to_the_object_of_that_name(public: str) -> None:
    module, _, name = public.rpartition(".")
    found = getattr(importlib.import_module(module), name)
    assert found.__name__ == name
    assert public_name(f"{found.__module__}.{name}") == public


def test_every_trusted_class_of_ours_has_a_public_name() -> None:
    ours = {name for name in TRUSTED_TYPES if name.startswith("credit_pipeline")}
    assert ours <= set(PUBLIC.values())


def test_a_model_is_written_with_public_names(tmp_path: Path) -> None:
    fitted = EventWeighted(LogisticRegression()).fit(np.array([[0.0], [1.0], [2.0]]), np.array([0, 0, 1]))
    dump_trusted(fitted, tmp_path / "model.skops")
    assert _classes(tmp_path / "model.skops") == {"credit_pipeline.modelling.estimators.EventWeighted"}
    assert trusted_types(tmp_path / "model.skops") == ["credit_pipeline.modelling.estimators.EventWeighted"]


def test_a_class_keeps_its_module_so_that_its_source_code_is_found() -> None:
    assert EventWeighted.__module__ == "credit_pipeline.modelling.estimators.event_weighting"
    assert "class EventWeighted" in inspect.getsource(EventWeighted)


def test_former_names_in_yaml_lead_to_what_they_name_today() -> None:
    former = "credit_pipeline.modelling.scorecard_regression.ScorecardRegression"
    assert dotted_path.load(former) is dotted_path.load(PUBLIC[former])
    assert is_scorecard("weight_of_evidence", former)


def test_the_catalog_and_the_parameters_of_a_former_version_are_read(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "local").mkdir()
    (tmp_path / "base/catalog.yml").write_text("raw: {type: credit_pipeline.datasets.raw_table.RawTableDataset}\n")
    (tmp_path / "base/parameters.yml").write_text(
        "fit: [{estimator: credit_pipeline.modelling.calibration.Calibrated}]\n"
    )
    loader = ProjectConfigLoader(str(tmp_path), base_env="base", default_run_env="local")
    assert loader["catalog"]["raw"]["type"] == "credit_pipeline.datasets.RawTableDataset"
    assert loader["parameters"]["fit"][0]["estimator"] == "credit_pipeline.modelling.estimators.Calibrated"


def test_names_of_other_packages_and_longer_names_stay() -> None:
    schema = '{"__class__": "Ridge", "__module__": "sklearn.linear_model._ridge"}'
    assert with_public_names(schema) == schema
    assert public_name("credit_pipeline.modelling.calibration.Calibrated.of") == (
        "credit_pipeline.modelling.calibration.Calibrated.of"
    )
