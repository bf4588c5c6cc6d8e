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
