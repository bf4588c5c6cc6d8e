"""From the parts of one split to fitted recipes, their sources and their tables."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import Run, copy_finished
from credit_pipeline.datasets.trusted_types import load_trusted
from credit_pipeline.errors import SplitMismatchError

RECIPES = ("one_hot", "ordinal", "weight_of_evidence")
FILES = (
    "04_feature/{}/recipe.skops",
    "04_feature/{}/source.py",
    "04_feature/{}/tables.parquet",
    "05_model_input/{}/train.parquet",
    "05_model_input/{}/test.parquet",
)
TARGET = "default payment next month"
STRICTER = {"settings": {"minimum_information_value": 0.3}}


def paths(project: Path, name: str) -> list[Path]:
    """Every version of a file, oldest first."""
    return sorted((project / "data/test" / name).glob("*/*"))


def versions(project: Path, name: str) -> list[str]:
    return [path.parent.name for path in paths(project, name)]


def table(project: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(paths(project, name)[-1])


@pytest.fixture(scope="module")
def rerun(finished_project: Path, tmp_path_factory: pytest.TempPathFactory, kedro_run: Run) -> Path:
    """Give a finished project in which feature_engineering has run once more, alone. Tests only read it."""
    copied = copy_finished(finished_project, tmp_path_factory.mktemp("features") / "project")
    kedro_run(copied, pipeline_names=["feature_engineering"])
    return copied


def test_a_run_alone_writes_every_recipe_under_one_version(rerun: Path) -> None:
    written = {name.format(recipe): versions(rerun, name.format(recipe)) for recipe in RECIPES for name in FILES}
    assert {name: len(found) for name, found in written.items()} == dict.fromkeys(written, 2)
    assert len({found[-1] for found in written.values()}) == 1
    assert len(versions(rerun, "03_primary/train.parquet")) == 1  # what the last run left, read and not made anew


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_same_parts_give_the_same_tables_again(rerun: Path, recipe: str) -> None:
    for name in FILES[1:]:
        first, second = paths(rerun, name.format(recipe))
        assert first.read_bytes() == second.read_bytes(), name


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_stored_recipe_makes_the_stored_tables(rerun: Path, recipe: str) -> None:
    fitted = load_trusted(paths(rerun, f"04_feature/{recipe}/recipe.skops")[-1])
    for part, rows in (("train", 1200), ("test", 300)):  # four fifths and one fifth of 1,500
        stored = table(rerun, f"05_model_input/{recipe}/{part}.parquet")
        features = table(rerun, f"04_feature/{part}_features.parquet")
        made = fitted.transform(features.drop(columns=["ID", TARGET]))
        assert len(stored) == rows
        assert stored[TARGET].tolist() == features[TARGET].tolist()
        assert "ID" not in stored
        np.testing.assert_array_equal(stored.drop(columns=TARGET).to_numpy(), np.asarray(made))


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_source_of_a_recipe_is_kept_beside_it(rerun: Path, recipe: str) -> None:
    source = paths(rerun, f"04_feature/{recipe}/source.py")[-1].read_text()
    assert recipe in {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}


def test_every_table_carries_the_split_that_it_comes_from(rerun: Path) -> None:
    split_id = table(rerun, "03_primary/train.parquet").attrs["split_id"]
    for recipe in RECIPES:
        for part in ("train", "test"):
            assert table(rerun, f"05_model_input/{recipe}/{part}.parquet").attrs["split_id"] == split_id


@pytest.mark.parametrize("old", ["train", "test", "split_manifest"])
def test_parts_of_different_splits_are_refused_and_nothing_is_written(project: Path, kedro_run: Run, old: str) -> None:
    version = versions(project, "03_primary/train.parquet")[0]
    kedro_run(project, pipeline_names=["data_split"], params={"split": {"seed": 7}})
    with pytest.raises(SplitMismatchError, match="different splits"):
        kedro_run(project, pipeline_names=["feature_engineering"], load_versions={old: version})
    assert versions(project, "04_feature/train_features.parquet") == [version]
    assert versions(project, "05_model_input/ordinal/train.parquet") == [version]


def test_a_setting_of_a_recipe_changes_that_recipe_alone(project: Path, kedro_run: Run) -> None:
    recipes = {name: {"function": name} for name in RECIPES}
    stricter = {**recipes, "weight_of_evidence": {**recipes["weight_of_evidence"], **STRICTER}}
    kedro_run(project, pipeline_names=["feature_engineering"], params={"recipes": stricter})
    first, second = (
        pd.read_parquet(path) for path in paths(project, "05_model_input/weight_of_evidence/train.parquet")
    )
    assert set(second.columns) < set(first.columns)
    for recipe in ("one_hot", "ordinal"):
        before, after = paths(project, f"05_model_input/{recipe}/train.parquet")
        assert before.read_bytes() == after.read_bytes()


def test_a_setting_given_to_a_run_leaves_what_stands_beside_it(project: Path, kedro_run: Run) -> None:
    params = {"recipes": {"weight_of_evidence": STRICTER}}
    kedro_run(project, pipeline_names=["feature_engineering"], params=params)
    assert len(versions(project, "04_feature/ordinal/recipe.skops")) == 2


def test_one_recipe_is_fitted_alone_by_its_namespace(project: Path, kedro_run: Run) -> None:
    kedro_run(project, pipeline_names=["feature_engineering"], namespaces=["recipes.ordinal"])
    counted = {recipe: len(versions(project, f"04_feature/{recipe}/recipe.skops")) for recipe in RECIPES}
    assert counted == {"one_hot": 1, "ordinal": 2, "weight_of_evidence": 1}
    assert len(versions(project, "04_feature/train_features.parquet")) == 1
