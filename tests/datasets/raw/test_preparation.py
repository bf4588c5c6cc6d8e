import pandas as pd
import pytest

from credit_pipeline.datasets.raw.preparation import prepare_table
from credit_pipeline.errors import DataError

TABLE = pd.DataFrame({"a": [1]})


def test_without_a_function_the_table_is_the_same() -> None:
    assert prepare_table(TABLE, "raw", None, {}) is TABLE


def test_a_function_that_gives_no_table_is_named() -> None:
    with pytest.raises(DataError, match="cannot be prepared") as caught:
        prepare_table(TABLE, "raw", "credit_pipeline.modelling.splitting.row_hashes.frame_hash", {})
    assert "row_hashes.frame_hash" in caught.value.fix
    assert caught.value.got == "an object of type str"


def test_a_function_that_removes_every_row_is_reported_with_the_size_of_its_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CREDIT_PIPELINE_PACKAGES", "pandas")
    with pytest.raises(DataError, match="cannot be prepared") as caught:
        prepare_table(TABLE, "raw", "pandas.DataFrame", {"index": []})
    assert caught.value.got == "a table with 0 rows and 1 columns"
