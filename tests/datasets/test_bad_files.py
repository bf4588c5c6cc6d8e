"""Every faulty file is refused or its faulty rows are set aside; no sound one is."""

from pathlib import Path

import pandas as pd
import pytest
from kedro.config import OmegaConfigLoader
from kedro.io.core import DatasetError

import file_faults
from credit_pipeline.configuration import CONFIG_LOADER_ARGS
from credit_pipeline.datasets.raw.raw_table import RawTableDataset
from credit_pipeline.errors import DataError
from credit_pipeline.modelling.contract import table as contract
from credit_pipeline.pipelines.data_split import nodes

ROOT = Path(__file__).parents[2]
STRUCTURE, VALUES = dict(file_faults.structure()), dict(file_faults.values())
MEANING, SOUND = dict(file_faults.meaning()), dict(file_faults.sound())


@pytest.fixture(scope="module")
def data() -> dict[str, object]:
    loader = OmegaConfigLoader(str(ROOT / "conf"), env="base", **CONFIG_LOADER_ARGS)
    found: dict[str, object] = loader["parameters"]["data"]
    return found


def split(content: bytes, data: dict[str, object], folder: Path) -> int:
    """Take a file through the door and the split, as a run does; give the number of rows set aside."""
    path = folder / "applications.csv"
    path.write_bytes(content)
    table = loaded(path)
    contract.check_table(table, contract.DataSpec.model_validate(data), decimal=table.attrs.get("decimal", "."))
    clean, aside, report = nodes.set_aside(table, data)
    nodes.split_applications(clean, aside, report, data, {})
    return len(aside)


def loaded(path: Path) -> pd.DataFrame:
    try:
        return RawTableDataset(filepath=str(path)).load()
    except DatasetError as error:  # Kedro's wrapping, which the command line takes off again
        raise (error.__cause__ or error) from None


def test_there_are_as_many_files_as_are_promised() -> None:
    assert (len(STRUCTURE) >= 40, len(VALUES) >= 50, len(MEANING) >= 30, len(SOUND) >= 30) == (True,) * 4


@pytest.mark.parametrize("name", STRUCTURE)
def test_a_file_that_is_no_such_table_is_refused(name: str, data: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(DataError):
        split(STRUCTURE[name], data, tmp_path)


@pytest.mark.parametrize("name", VALUES)
def test_a_faulty_cell_sets_its_row_aside(name: str, data: dict[str, object], tmp_path: Path) -> None:
    assert split(VALUES[name], data, tmp_path) in {1, 2}  # of two rows with one ID neither is known to be right


@pytest.mark.parametrize("name", MEANING)
def test_a_table_that_means_something_else_is_refused(name: str, data: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(DataError):
        split(MEANING[name], data, tmp_path)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_file_is_taken_whole(name: str, data: dict[str, object], tmp_path: Path) -> None:
    assert split(SOUND[name], data, tmp_path) == 0


@pytest.mark.parametrize("seed", range(20))
def test_a_mutant_is_refused_set_aside_or_taken_as_it_deserves(
    seed: int, data: dict[str, object], tmp_path: Path
) -> None:
    expected, content = file_faults.mutant(seed)
    assert outcome(content, data, tmp_path) == expected


def outcome(content: bytes, data: dict[str, object], folder: Path) -> str:
    """Say what becomes of a file."""
    try:
        aside = split(content, data, folder)
    except DataError:
        return file_faults.REFUSED
    return {0: file_faults.TAKEN, 1: file_faults.SET_ASIDE}[aside]
