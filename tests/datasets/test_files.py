import base64
import json
import math
import os
import sys
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.io import DataCatalog, DatasetError
from kedro.io.core import Version
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from conftest import run_to_end
from credit_pipeline.datasets.files import FittedObject, JsonDocument, OwnedFile, ParquetTable, PngFigure, TextFile
from credit_pipeline.errors import RegistryError

EARLIER, NOW, LATER = "2026-01-01T00.00.00.000Z", "2026-02-02T00.00.00.000Z", "2026-03-03T00.00.00.000Z"


class HalfWritten(OwnedFile[str, str]):
    """A file whose writer fails halfway on request."""

    def _write(self, data: str, path: Path) -> None:
        path.write_text(data[: len(data) // 2])
        if data.startswith("fail"):
            raise OSError("the disk is full")
        path.write_text(data)

    def _read(self, path: Path) -> str:
        return path.read_text()


def left(folder: Path) -> list[str]:
    """Every file below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def drawn() -> Figure:
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([0, 1], [1, 0])
    return figure


SAVED = {
    ParquetTable: pd.DataFrame({"a": [1]}),
    JsonDocument: {"a": 1},
    TextFile: "a",
    FittedObject: LogisticRegression(),
    PngFigure: drawn(),
}
UNSAVABLE = {
    ParquetTable: pd.DataFrame({"a": [object()]}),
    JsonDocument: {"a": [1, 2, math.nan]},
    TextFile: "\ud800",
    FittedObject: FunctionTransformer(print),
    PngFigure: "no figure",
}
kinds = pytest.mark.parametrize("kind", SAVED, ids=lambda kind: kind.__name__)


@kinds
def test_a_save_that_fails_leaves_the_old_file_and_no_other(kind: type[OwnedFile[Any, Any]], tmp_path: Path) -> None:
    dataset = kind(filepath=str(tmp_path / "file"))
    dataset.save(SAVED[kind])
    before = (tmp_path / "file").read_bytes()
    with pytest.raises(DatasetError):
        dataset.save(UNSAVABLE[kind])
    assert (tmp_path / "file").read_bytes() == before
    assert left(tmp_path) == ["file"]


@kinds
def test_a_first_save_that_fails_leaves_nothing(kind: type[OwnedFile[Any, Any]], tmp_path: Path) -> None:
    dataset = kind(filepath=str(tmp_path / "file"), version=Version(None, NOW))
    with pytest.raises(DatasetError):
        dataset.save(UNSAVABLE[kind])
    assert left(tmp_path) == []
    assert not dataset.exists()


def test_a_writer_that_fails_halfway_leaves_the_old_content_whole(tmp_path: Path) -> None:
    dataset = HalfWritten(filepath=str(tmp_path / "file"))
    dataset.save("what stood before")
    with pytest.raises(DatasetError, match="the disk is full"):
        dataset.save("fail halfway")
    assert dataset.load() == "what stood before"
    assert left(tmp_path) == ["file"]


def test_a_versioned_writer_that_fails_halfway_leaves_no_version(tmp_path: Path) -> None:
    TextFile(filepath=str(tmp_path / "file"), version=Version(None, EARLIER)).save("what stood before")
    dataset = HalfWritten(filepath=str(tmp_path / "file"), version=Version(None, NOW))
    with pytest.raises(DatasetError, match="the disk is full"):
        dataset.save("fail halfway")
    assert left(tmp_path) == [f"file/{EARLIER}/file"]


def test_a_version_is_never_written_twice(tmp_path: Path) -> None:
    TextFile(filepath=str(tmp_path / "file"), version=Version(None, NOW)).save("the first run's")
    with pytest.raises(DatasetError, match="must not exist"):
        TextFile(filepath=str(tmp_path / "file"), version=Version(None, NOW)).save("another run's")
    assert (tmp_path / "file" / NOW / "file").read_text() == "the first run's"


def test_a_run_reads_what_it_wrote_whatever_another_run_publishes_meanwhile(tmp_path: Path) -> None:
    mine = TextFile(filepath=str(tmp_path / "file"), version=Version(None, NOW))
    # The other run's clock is ahead, before and after.
    TextFile(filepath=str(tmp_path / "file"), version=Version(None, LATER)).save("theirs")
    with warnings.catch_warnings():
        # Kedro warns where a save is not what the next load would give.
        warnings.simplefilter("error")
        mine.save("mine")
    assert mine.load() == "mine"
    assert mine.load_path == tmp_path / "file" / NOW / "file"
    assert mine.save_version == NOW


def test_who_wrote_nothing_reads_the_latest_or_the_one_asked_for(tmp_path: Path) -> None:
    for version in (LATER, EARLIER, NOW):
        TextFile(filepath=str(tmp_path / "file"), version=Version(None, version)).save(version)
    latest = TextFile(filepath=str(tmp_path / "file"), version=Version(None, None))
    asked = TextFile(filepath=str(tmp_path / "file"), version=Version(EARLIER, None))
    assert latest.load() == LATER
    assert asked.load() == EARLIER


def test_a_version_that_was_asked_for_is_read_even_by_the_run_that_wrote_another(tmp_path: Path) -> None:
    TextFile(filepath=str(tmp_path / "file"), version=Version(None, EARLIER)).save("earlier")
    dataset = TextFile(filepath=str(tmp_path / "file"), version=Version(EARLIER, NOW))
    with pytest.warns(UserWarning, match="did not match load version"):
        dataset.save("now")
    assert dataset.load() == "earlier"


@kinds
def test_a_missing_file_is_an_error_only_where_it_is_required(kind: type[OwnedFile[Any, Any]], tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    assert kind(filepath=path, required=False).load() is None
    assert kind(filepath=path, required=False, version=Version(None, None)).load() is None
    for version in (None, Version(None, None)):
        with pytest.raises(DatasetError, match="file"):
            kind(filepath=path, version=version).load()


@kinds
def test_a_file_exists_once_it_is_saved(kind: type[OwnedFile[Any, Any]], tmp_path: Path) -> None:
    dataset = kind(filepath=str(tmp_path / "deep" / "file"))
    assert not dataset.exists()
    dataset.save(SAVED[kind])
    assert dataset.exists()
    assert dataset.load() is not None


def test_a_damaged_file_that_is_not_required_is_no_missing_one(tmp_path: Path) -> None:
    (tmp_path / "file.json").write_text("{")
    with pytest.raises(DatasetError):
        JsonDocument(filepath=str(tmp_path / "file.json"), required=False).load()


def test_a_catalog_entry_makes_a_versioned_file(tmp_path: Path) -> None:
    entry = {
        "type": "credit_pipeline.datasets.JsonDocument",
        "filepath": str(tmp_path / "manifest.json"),
        "versioned": True,
        "metadata": {"kedro-viz": {"layer": "primary"}},
    }
    catalog = DataCatalog.from_config({"manifest": entry}, save_version=NOW)
    catalog.save("manifest", {"rows": 3})
    assert catalog.load("manifest") == {"rows": 3}
    assert left(tmp_path) == [f"manifest.json/{NOW}/manifest.json"]
    assert catalog["manifest"].metadata == entry["metadata"]


COLUMN = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
CELLS = {
    "int64": st.integers(-(2**63), 2**63 - 1),
    "float64": st.floats(),
    "str": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    "bool": st.booleans(),
}


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Up to 4 columns and 6 rows."""
    rows = draw(st.integers(0, 6))
    kinds = draw(st.dictionaries(COLUMN, st.sampled_from(sorted(CELLS)), min_size=1, max_size=4))
    return pd.DataFrame(
        {
            name: pd.Series(draw(st.lists(CELLS[kind], min_size=rows, max_size=rows)), dtype=kind)
            for name, kind in kinds.items()
        }
    )


@settings(max_examples=60)
@given(tables())
def test_a_table_comes_back_as_it_was_and_its_bytes_are_those_of_its_content(table: pd.DataFrame) -> None:
    with TemporaryDirectory() as folder:
        one, other = (ParquetTable(filepath=f"{folder}/{name}.parquet") for name in ("one", "other"))
        one.save(table)
        loaded = one.load()
        assert loaded is not None
        pd.testing.assert_frame_equal(loaded, table, check_exact=True)
        other.save(loaded)
        assert Path(folder, "one.parquet").read_bytes() == Path(folder, "other.parquet").read_bytes()


def test_the_notes_of_a_table_come_back_and_its_index_does_not(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": [1, 2]}, index=[7, 9])
    table.attrs = {"split_id": "abc", "content_sha256": "0" * 64}
    dataset = ParquetTable(filepath=str(tmp_path / "table.parquet"))
    dataset.save(table)
    loaded = dataset.load()
    assert loaded is not None
    assert loaded.attrs == table.attrs
    assert loaded.index.tolist() == [0, 1]


@pytest.mark.parametrize("rows", [0, 1, 3, 500])
def test_kedro_viz_sees_the_first_rows_of_a_table(rows: int, tmp_path: Path) -> None:
    dataset = ParquetTable(filepath=str(tmp_path / "table.parquet"))
    dataset.save(pd.DataFrame({"a": range(rows), "b": "x"}))
    shown = dict(dataset.preview(rows=3))
    assert shown["data"] == [[row, "x"] for row in range(min(rows, 3))]
    if rows:
        assert shown["columns"] == ["a", "b"]


def test_kedro_viz_sees_the_columns_of_a_table_without_rows(tmp_path: Path) -> None:
    dataset = ParquetTable(filepath=str(tmp_path / "table.parquet"))
    dataset.save(pd.DataFrame({"a": pd.Series([], dtype=float)}))
    assert dict(dataset.preview())["columns"] == ["a"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=60)
@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_a_document_comes_back_as_it_was_and_its_bytes_are_those_of_its_content(document: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        one, other = (JsonDocument(filepath=f"{folder}/{name}.json") for name in ("one", "other"))
        one.save(document)
        loaded = one.load()
        assert loaded == document
        assert loaded is not None
        other.save(loaded)
        assert Path(folder, "one.json").read_bytes() == Path(folder, "other.json").read_bytes()


def test_a_document_is_written_for_people_in_its_own_order(tmp_path: Path) -> None:
    JsonDocument(filepath=str(tmp_path / "a.json")).save({"b": "é", "a": [1.5]})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "b": "é",\n  "a": [\n    1.5\n  ]\n}\n'


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_has_no_number_for_is_refused(value: float, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="JSON"):
        JsonDocument(filepath=str(tmp_path / "a.json")).save({"metrics": {"ks": value}})
    assert left(tmp_path) == []


def test_kedro_viz_sees_a_document_as_json(tmp_path: Path) -> None:
    dataset = JsonDocument(filepath=str(tmp_path / "a.json"))
    dataset.save({"a": [1, None]})
    assert json.loads(str(dataset.preview())) == {"a": [1, None]}


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")))
def test_a_text_comes_back_as_it_was(text: str) -> None:
    with TemporaryDirectory() as folder:
        dataset = TextFile(filepath=f"{folder}/a.txt")
        dataset.save(text)
        assert dataset.load() == text
        assert Path(folder, "a.txt").read_bytes() == text.encode()


def test_a_texts_line_ends_come_back_as_they_were(tmp_path: Path) -> None:
    dataset = TextFile(filepath=str(tmp_path / "a.txt"))
    dataset.save("one\r\ntwo\r")
    assert dataset.load() == "one\r\ntwo\r"


def test_a_fitted_object_is_stored_without_pickle_and_predicts_the_same(tmp_path: Path) -> None:
    features, outcome = np.arange(20.0).reshape(-1, 1), np.repeat([0, 1], 10)
    dataset = FittedObject(filepath=str(tmp_path / "model.skops"))
    dataset.save(LogisticRegression().fit(features, outcome))
    loaded = dataset.load()
    assert loaded is not None
    assert loaded.predict(features).tolist() == outcome.tolist()
    # A zip file of JSON and arrays; a pickle would begin with its protocol, 0x80.
    assert (tmp_path / "model.skops").read_bytes()[:4] == b"PK\x03\x04"


def test_a_fitted_object_of_an_untrusted_type_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        FittedObject(filepath=str(tmp_path / "model.skops")).save(FunctionTransformer(print))
    fault = caught.value.__cause__
    assert isinstance(fault, RegistryError)
    assert fault.got == "builtins.print"


def test_equal_figures_are_equal_bytes_without_a_word_of_the_machine(tmp_path: Path) -> None:
    one, other = (PngFigure(filepath=str(tmp_path / f"{name}.png")) for name in ("one", "other"))
    one.save(drawn())
    other.save(drawn())
    picture = one.load()
    assert picture == other.load()
    assert picture is not None
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert b"Software" not in picture
    assert b"tIME" not in picture
    assert base64.b64decode(str(one.preview())) == picture


DRAW = """
import sys
from matplotlib.figure import Figure
from credit_pipeline.datasets.files import JsonDocument, PngFigure
figure = Figure(figsize=(2, 1))
figure.subplots().bar(["a", "b"], [1, 2])
PngFigure(filepath=sys.argv[1] + ".png").save(figure)
JsonDocument(filepath=sys.argv[1] + ".json").save({name: len(name) for name in ["roc_auc", "ks", "gini"]})
"""


def test_another_process_with_other_hashes_writes_the_same_bytes(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        command = [sys.executable, "-c", DRAW, str(tmp_path / seed)]
        done = run_to_end(command, env={**os.environ, "PYTHONHASHSEED": seed})
        assert done.returncode == 0, done.stderr
    for suffix in (".png", ".json"):
        assert (tmp_path / f"1{suffix}").read_bytes() == (tmp_path / f"2{suffix}").read_bytes()
