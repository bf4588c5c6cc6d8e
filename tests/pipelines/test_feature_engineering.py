"""From the parts of one split to fitted recipes, their sources and their tables."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from conftest import Run, copy_finished
from credit_pipeline.datasets.trusted_types import load_trusted
from credit_pipeline.errors import SplitMismatchError
from credit_pipeline.pipelines.feature_engineering import create_pipeline, nodes
from drawn_words import words

RECIPES = ("one_hot", "ordinal", "weight_of_evidence")
FILES = (
    "04_feature/{}/recipe.skops",
    "04_feature/{}/source.py",
    "04_feature/{}/tables.parquet",
    "05_model_input/{}/train.parquet",
    "05_model_input/{}/test.parquet",
)
OF_BINS = ("04_feature/weight_of_evidence/selection.parquet", "08_reporting/weight_of_evidence/bins.png")
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


@pytest.mark.slow
def test_a_run_alone_writes_every_recipe_under_one_version(rerun: Path) -> None:
    written = {name.format(recipe): versions(rerun, name.format(recipe)) for recipe in RECIPES for name in FILES}
    written |= {name: versions(rerun, name) for name in OF_BINS}
    assert {name: len(found) for name, found in written.items()} == dict.fromkeys(written, 2)
    assert len({found[-1] for found in written.values()}) == 1
    assert len(versions(rerun, "03_primary/train.parquet")) == 1  # what the last run left, read and not made anew


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES)
def test_the_same_parts_give_the_same_tables_again(rerun: Path, recipe: str) -> None:
    for name in FILES[1:]:
        first, second = paths(rerun, name.format(recipe))
        assert first.read_bytes() == second.read_bytes(), name


@pytest.mark.slow
def test_bins_are_reported_and_drawn_the_same_again(rerun: Path) -> None:
    for name in OF_BINS:
        first, second = paths(rerun, name)
        assert first.read_bytes() == second.read_bytes(), name
    reported = table(rerun, OF_BINS[0]).set_index("characteristic")
    assert set(reported.index[reported["kept"]]) == set(
        table(rerun, "04_feature/weight_of_evidence/tables.parquet")["characteristic"]
    )
    assert (reported["reason"] == "").equals(reported["kept"])


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES)
def test_the_source_of_a_recipe_is_kept_beside_it(rerun: Path, recipe: str) -> None:
    source = paths(rerun, f"04_feature/{recipe}/source.py")[-1].read_text()
    assert recipe in {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}


def test_every_table_carries_the_split_that_it_comes_from(finished_project: Path) -> None:
    split_id = table(finished_project, "03_primary/train.parquet").attrs["split_id"]
    for recipe in RECIPES:
        for part in ("train", "test"):
            assert table(finished_project, f"05_model_input/{recipe}/{part}.parquet").attrs["split_id"] == split_id


@pytest.fixture(scope="module")
def split_again(finished_project: Path, tmp_path_factory: pytest.TempPathFactory, kedro_run: Run) -> Path:
    """Give a finished project with a new split, from which nothing was made. What is refused leaves it as it is."""
    copied = copy_finished(finished_project, tmp_path_factory.mktemp("split") / "project")
    kedro_run(copied, pipeline_names=["data_split"], params={"split": {"seed": 7}})
    return copied


@pytest.mark.parametrize("old", ["train", "test", "split_manifest"])
def test_parts_of_different_splits_are_refused_and_nothing_is_written(
    split_again: Path, kedro_run: Run, old: str
) -> None:
    version = versions(split_again, "03_primary/train.parquet")[0]
    with pytest.raises(SplitMismatchError, match="different splits"):
        kedro_run(split_again, pipeline_names=["feature_engineering"], load_versions={old: version})
    assert versions(split_again, "04_feature/train_features.parquet") == [version]
    assert versions(split_again, "05_model_input/ordinal/train.parquet") == [version]


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_setting_given_to_a_run_leaves_what_stands_beside_it(project: Path, kedro_run: Run) -> None:
    params: dict[str, object] = {"recipes": {"weight_of_evidence": STRICTER}}
    kedro_run(project, pipeline_names=["feature_engineering"], params=params)
    assert len(versions(project, "04_feature/ordinal/recipe.skops")) == 2


@pytest.mark.slow
def test_one_recipe_is_fitted_alone_by_its_namespace(project: Path, kedro_run: Run) -> None:
    kedro_run(project, pipeline_names=["feature_engineering"], namespaces=["recipes.ordinal"])
    counted = {recipe: len(versions(project, f"04_feature/{recipe}/recipe.skops")) for recipe in RECIPES}
    assert counted == {"one_hot": 1, "ordinal": 2, "weight_of_evidence": 1}
    assert len(versions(project, "04_feature/train_features.parquet")) == 1


SMALL: dict[str, object] = {
    "columns": {
        "number": {"role": "identifier", "type": "integer"},
        "income": {"role": "numeric"},
        "housing": {"role": "categorical", "type": "text", "categories": {"own": "", "rent": ""}},
        "remark": {"role": "ignored", "type": "text"},
        "default": {"role": "target", "type": "integer", "categories": {0: "", 1: ""}},
    }
}
ONE_HOT: dict[str, object] = {"function": "one_hot"}
MANIFEST: dict[str, object] = {"split_id": "a1"}


def small(*incomes: float, split_id: str = "a1") -> pd.DataFrame:
    """Give a part of a split: a row an income, of which every second owns a home and defaults."""
    rows = len(incomes)
    part = pd.DataFrame({"number": range(1, rows + 1), "income": incomes, "remark": ["none"] * rows})
    part["housing"], part["default"] = (["own", "rent"] * rows)[:rows], ([1, 0] * rows)[:rows]
    part.attrs = {"split_id": split_id}
    return part


def test_a_node_keeps_identifier_and_target_beside_the_features_and_drops_what_is_ignored() -> None:
    features, _ = nodes.derive_features(small(1.0, 2.0), small(3.0), MANIFEST, SMALL, {})
    assert features.columns.tolist() == ["number", "default", "income", "housing"]
    assert features["income"].tolist() == [1.0, 2.0]
    assert features.attrs == {"split_id": "a1"}


@pytest.mark.parametrize("strange", ["train", "test", "manifest"])
def test_a_node_refuses_a_part_of_another_split(strange: str) -> None:
    of = {name: "b2" if name == strange else "a1" for name in ("train", "test", "manifest")}
    parts = small(1.0, 2.0, split_id=of["train"]), small(3.0, split_id=of["test"])
    with pytest.raises(SplitMismatchError, match="different splits"):
        nodes.derive_features(*parts, {"split_id": of["manifest"]}, SMALL, {})


def test_a_recipe_is_fitted_on_train_alone() -> None:
    # With d the distance of two rows' logarithms, the likelihood of Yeo and Johnson's power p is that of
    # -ln(sinh(p d / 2) / p), even in p and largest at 0, which means ln(1 + income): 1 and 3 in train, with mean 2 and
    # standard deviation 1, so that the 5 of the test part lies 3 above.
    incomes = np.expm1([1.0, 3.0, 5.0])
    parts = nodes.derive_features(small(*incomes[:2]), small(incomes[2]), MANIFEST, SMALL, {})
    _, _, _, train, test = nodes.fit_recipe(*parts, ONE_HOT, SMALL, {})
    # The power is found by an optimiser: 3 holds to 5e-6 with one version of SciPy and Python, to 1e-8 with another.
    assert train["income"].tolist() == pytest.approx([-1.0, 1.0], rel=1e-4)
    assert test["income"].tolist() == pytest.approx([3.0], rel=1e-4)
    assert train["default"].tolist() == [1, 0]
    _, _, _, again, _ = nodes.fit_recipe(parts[0], parts[1].assign(income=1e6), ONE_HOT, SMALL, {})
    pd.testing.assert_frame_equal(again, train)


def test_the_pipeline_runs_in_memory_with_a_room_for_each_recipe() -> None:
    given: dict[str, object] = {
        "train": small(1.0, 5.0, 2.0, 4.0),
        "test": small(9.0, 3.0),
        "split_manifest": MANIFEST,
        "params:data": SMALL,
        "params:features": {},
        "params:recipes.one_hot": ONE_HOT,
        "params:recipes.ordinal": {"function": "ordinal"},
    }
    catalog = DataCatalog({name: MemoryDataset(value) for name, value in given.items()})
    made = SequentialRunner().run(create_pipeline({"one_hot": "one_hot", "ordinal": "ordinal"}), catalog)
    tables = {name: made[name].load() for name in made if name.endswith("_table")}
    assert {name: len(found) for name, found in tables.items()} == {
        "one_hot_train_table": 4,
        "ordinal_train_table": 4,
        "recipes.one_hot.test_table": 2,
        "recipes.ordinal.test_table": 2,
    }
    assert {"one_hot_recipe", "ordinal_recipe", "one_hot_source", "recipes.ordinal.tables"} <= set(made)
    assert not [name for name in made if name.endswith(("selection", "bins_figure"))]


WEIGHT_OF_EVIDENCE: dict[str, object] = {"function": "weight_of_evidence"}


def test_a_node_reports_which_characteristics_are_kept_and_draws_their_bins() -> None:
    parts = nodes.derive_features(small(*[1.0, 5.0] * 20), small(3.0), MANIFEST, SMALL, {})
    fitted, _, tables, _, _ = nodes.fit_recipe(*parts, WEIGHT_OF_EVIDENCE, SMALL, {})
    selection, figure = nodes.draw_bins("weights", fitted)
    assert selection["characteristic"].tolist() == ["income", "housing"]
    assert set(tables["characteristic"]) == set(selection.loc[selection["kept"], "characteristic"])
    assert words(figure)[0] == "How safe is each bin of the recipe weights?"


def test_bins_are_drawn_in_the_room_of_a_recipe_of_weights_of_evidence() -> None:
    given: dict[str, object] = {
        "train": small(*[1.0, 5.0] * 20),
        "test": small(9.0, 3.0),
        "split_manifest": MANIFEST,
        "params:data": SMALL,
        "params:features": {},
        "params:recipes.weights": WEIGHT_OF_EVIDENCE,
    }
    catalog = DataCatalog({name: MemoryDataset(value) for name, value in given.items()})
    made = SequentialRunner().run(create_pipeline({"weights": "weight_of_evidence"}), catalog)
    assert made["recipes.weights.selection"].load()["kept"].all()
    assert words(made["recipes.weights.bins_figure"].load())[0] == "How safe is each bin of the recipe weights?"
