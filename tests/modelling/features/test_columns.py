import pandas as pd
import pytest

from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.features.columns import Columns
from credit_pipeline.modelling.features.recipes import build

COLUMNS = Columns(numeric=("hour", "load"), categorical=("place",), special_codes={})
TABLE = pd.DataFrame({"hour": [1.0, 2.0], "load": [5.0, 6.0], "place": ["a", "b"]})


@pytest.mark.parametrize(
    ("leave_out", "made"),
    [((), ["hour", "load", "place"]), (["hour"], ["load", "place"]), (["hour", "place"], ["load"])],
)
def test_a_recipe_does_not_see_the_columns_that_it_leaves_out(leave_out: list[str], made: list[str]) -> None:
    recipe = build("ordinal", COLUMNS, {}, leave_out)
    assert list(recipe.fit_transform(TABLE).columns) == made


def test_weights_of_evidence_are_not_made_of_what_is_left_out() -> None:
    table, outcome = pd.concat([TABLE] * 50, ignore_index=True), [0, 1] * 45 + [1, 0] * 5
    recipe = build("weight_of_evidence", COLUMNS, {}, ["hour", "place"])
    assert list(recipe.fit(table, outcome).selection()["characteristic"]) == ["load"]
    assert list(recipe.transform(table)) == ["load"]


def test_to_leave_out_an_unknown_column_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="leaves out hours") as error:
        build("ordinal", COLUMNS, {}, ["hours"])
    assert "hour, load, place" in str(error.value)
