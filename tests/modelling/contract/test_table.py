from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kedro.config import OmegaConfigLoader
from pandera.errors import SchemaErrors
from pydantic import ValidationError

from credit_pipeline.configuration import CONFIG_LOADER_ARGS
from credit_pipeline.errors import DataError
from credit_pipeline.modelling.contract.set_aside import quarantine
from credit_pipeline.modelling.contract.table import check_table, compile_schema, validate_accepted
from credit_pipeline.spec import DataSpec

ROOT = Path(__file__).parents[3]
COLUMNS = {
    "id": {"role": "identifier", "type": "integer"},
    "age": {"role": "numeric", "type": "integer", "range": [18, 100]},
    "income": {"role": "numeric", "missing": True},
    "home": {"role": "categorical", "type": "text", "categories": {"rent": "", "own": ""}, "missing": True},
    "default": {"role": "target", "type": "integer", "categories": {0: "no", 1: "yes"}},
}
CONTRACT = DataSpec.model_validate({"columns": COLUMNS})
PRIVATE = "4711"


def table() -> pd.DataFrame:
    cells = {
        "id": ["1", "2", "3"],
        "age": ["30", "40", PRIVATE],
        "income": ["10.5", "", "7"],
        "home": ["rent", "own", ""],
        "default": ["0", "1", "0"],
    }
    return pd.DataFrame(cells, dtype="str")


def accepted() -> pd.DataFrame:
    return quarantine(table(), CONTRACT).accepted


def fault_of(frame: pd.DataFrame, contract: DataSpec = CONTRACT, *, target: bool = True) -> DataError:
    with pytest.raises(DataError) as error:
        check_table(frame, contract, target=target)
    assert PRIVATE not in str(error.value)
    return error.value


def test_a_table_that_keeps_the_contract_passes_as_text_and_as_typed_values() -> None:
    check_table(table(), CONTRACT)
    check_table(accepted(), CONTRACT)


def test_a_missing_column_is_named() -> None:
    fault = fault_of(table().drop(columns=["age", "home"]))
    assert fault.what == "The table breaks its contract: 1 fault."
    assert fault.got == "missing columns 'age', 'home'"
    assert fault.expected == "every column of the contract"
    assert fault.fix == "the raw table, or data.columns in conf/<environment>/parameters/data.yml"


def test_an_unknown_column_is_named_with_the_nearest_missing_one() -> None:
    fault = fault_of(table().rename(columns={"age": " AGE "}).assign(colour="red"))
    assert fault.got == "missing column 'age'; unknown columns ' AGE ' (nearest: 'age'), 'colour'"
    assert fault.expected == "every column of the contract; no other column"


def test_a_duplicated_column_is_named_once() -> None:
    frame = pd.concat([table(), table()[["age"]], table()[["age"]]], axis=1)
    fault = fault_of(frame)
    assert (fault.got, fault.expected) == ("duplicated column 'age'", "every name once")


def test_a_table_without_target_is_refused_unless_outcomes_are_unknown() -> None:
    applicants = table().drop(columns="default")
    fault = fault_of(applicants)
    assert (fault.got, fault.expected) == ("no target column 'default'", "a target column")
    check_table(applicants, CONTRACT, target=False)
    check_table(table().assign(default="?"), CONTRACT, target=False)


@pytest.mark.parametrize("column", ["age", "income"])
def test_a_column_without_one_number_is_of_the_wrong_type(column: str) -> None:
    kind = COLUMNS[column].get("type", "number")
    fault = fault_of(table().assign(**{column: ["a", PRIVATE + "x", "True"]}))
    assert (fault.got, fault.expected) == (f"no cell of '{column}' is of type {kind}", f"'{column}' of type {kind}")


def test_one_number_in_a_column_leaves_the_others_to_the_quarantine() -> None:
    check_table(table().assign(age=["a", "b", "30"]), CONTRACT)


@pytest.mark.parametrize("typed", [[True, False, True], pd.to_datetime(["2005-09-01"] * 3)])
def test_booleans_and_dates_are_not_numbers(typed: object) -> None:
    assert fault_of(table().assign(age=typed)).got == "no cell of 'age' is of type integer"


def test_floats_where_text_belongs_have_already_lost_something() -> None:
    columns = {**COLUMNS, "id": {"role": "identifier", "type": "text"}}
    contract = DataSpec.model_validate({"columns": columns})
    assert fault_of(table().assign(id=[1.0, 2.0, 3.0]), contract).got == "no cell of 'id' is of type text"
    check_table(table().assign(id=[1, 2, 3]), contract)


def test_a_column_that_must_be_filled_is_not_empty() -> None:
    fault = fault_of(table().assign(age=""))
    assert (fault.got, fault.expected) == ("nothing in 'age'", "'age' filled")
    check_table(table().assign(income="", home=None), CONTRACT)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (["1", "1", "1"], "one class only in 'default'"),
        (["1", "1.0", " 1"], "one class only in 'default'"),
        (["1", "7", ""], "one class only in 'default'"),
        (["7", "8", "9"], "no class in 'default'"),
    ],
)
def test_a_target_of_one_class_is_refused(target: list[str], expected: str) -> None:
    fault = fault_of(table().assign(default=target))
    assert (fault.got, fault.expected) == (expected, "both classes in the target")


def test_a_table_without_rows_is_refused() -> None:
    fault = fault_of(table()[:0])
    assert (fault.got, fault.expected) == ("no rows", "at least one row")


def test_all_faults_are_reported_at_once_with_the_source() -> None:
    frame = table().drop(columns="home").assign(age="x", default="1", colour="red")
    frame.attrs = {"source": "applications.csv"}
    fault = fault_of(frame)
    assert fault.what == "The table breaks its contract: 4 faults."
    assert fault.got == (
        "missing column 'home'; unknown column 'colour'; no cell of 'age' is of type integer; "
        "one class only in 'default'"
    )
    assert fault.fix.startswith("applications.csv, or ")


def test_a_row_in_place_of_the_header_is_not_shown() -> None:
    frame = table().set_axis([PRIVATE, "Smith", "rent", "30", "1"], axis=1)
    fault = fault_of(frame)
    assert fault.got == "none of the 5 columns among 5"
    assert "Smith" not in str(fault)


def test_ten_thousand_unknown_columns_make_a_short_message() -> None:
    wide = pd.concat(
        [table(), pd.DataFrame("0", index=range(3), columns=[f"x{i}" * 99 for i in range(10_000)])], axis=1
    )
    fault = fault_of(wide)
    assert fault.got.endswith(" and 9,990 more")
    assert len(str(fault)) < 1500


def test_a_column_of_marks_for_missing_alone_has_nothing_in_it() -> None:
    columns = {**COLUMNS, "home": {**COLUMNS["home"], "missing": ["?"]}, "age": {**COLUMNS["age"], "missing": ["?"]}}
    check_table(table().assign(home="?", age=["?", "40", " ? "]), DataSpec.model_validate({"columns": columns}))
    assert fault_of(table().assign(age="?")).got == "no cell of 'age' is of type integer"


def test_checking_mutates_nothing() -> None:
    frame = table()
    check_table(frame, CONTRACT)
    pd.testing.assert_frame_equal(frame, table())


def test_the_schema_passes_what_the_quarantine_accepted() -> None:
    pd.testing.assert_frame_equal(compile_schema(CONTRACT).validate(accepted(), lazy=True), accepted())


def test_the_schema_of_applicants_has_no_target() -> None:
    applicants = quarantine(table(), CONTRACT, target=False).accepted
    compile_schema(CONTRACT, target=False).validate(applicants)
    with pytest.raises(SchemaErrors):
        compile_schema(CONTRACT, target=False).validate(accepted(), lazy=True)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"age": [30, 4711]}, "out_of_range(age)"),
        ({"age": [30.0, np.nan]}, "wrong_dtype('age' is float64); missing_value(age)"),
        ({"age": ["4711", "x"]}, "wrong_dtype('age' is str); not_a_number(age); out_of_range(age)"),
        ({"income": [1.0, np.inf]}, "infinite(income)"),
        ({"home": ["rent", "4711"]}, "undefined_category(home)"),
        ({"default": [0, 4711]}, "undefined_target(default)"),
        ({"id": [4711, 4711]}, "duplicate_identifier(id)"),
        ({"extra": [4711, 4711]}, "column_not_in_schema(extra)"),
    ],
)
def test_an_accepted_table_that_breaks_a_rule_is_refused_without_a_value(
    broken: dict[str, object], message: str
) -> None:
    frame = accepted().assign(**broken)
    with pytest.raises(DataError) as fault:
        validate_accepted(frame, CONTRACT)
    assert fault.value.got == message
    assert PRIVATE not in str(fault.value)
    assert "data_split" in fault.value.fix


def test_an_accepted_table_without_a_column_is_refused() -> None:
    with pytest.raises(DataError, match=r"column_not_in_dataframe\(age\)"):
        validate_accepted(accepted().drop(columns="age"), CONTRACT)


def test_many_faults_of_an_accepted_table_are_bounded() -> None:
    frame = pd.concat([accepted(), pd.DataFrame(0, index=range(2), columns=[f"x{i}" for i in range(1000)])], axis=1)
    with pytest.raises(DataError) as fault:
        validate_accepted(frame, CONTRACT)
    assert fault.value.got.endswith(" and 990 more")


def test_the_schema_itself_shows_no_values_of_failed_rules() -> None:
    with pytest.raises(SchemaErrors) as error:
        compile_schema(CONTRACT).validate(accepted().assign(age=[30, 4711]), lazy=True)
    assert PRIVATE not in str(error.value)
    assert PRIVATE not in str(error.value.failure_cases)


@pytest.fixture(scope="module")
def shipped() -> DataSpec:
    loader = OmegaConfigLoader(str(ROOT / "conf"), env="base", **CONFIG_LOADER_ARGS)
    return DataSpec.model_validate(loader["parameters"]["data"])


def test_every_shipped_column_says_what_it_means(shipped: DataSpec) -> None:
    assert [name for name, column in shipped.columns.items() if not column.meaning] == []
    assert len(shipped.columns) == 25


def test_the_shipped_contract_documents_what_the_data_dictionary_leaves_out(shipped: DataSpec) -> None:
    for column, codes in {"EDUCATION": (0, 5, 6), "MARRIAGE": (0,)}.items():
        assert shipped.columns[column].special_codes == dict.fromkeys(codes, "not documented")
    for month in (0, 2, 3, 4, 5, 6):
        assert set(shipped.columns[f"PAY_{month}"].special_codes) == {-2, -1, 0}


@pytest.mark.parametrize(
    ("column", "absurd"),
    [
        ("AGE", "17"),
        ("AGE", "999"),
        ("LIMIT_BAL", "0"),
        ("PAY_0", "-3"),
        ("PAY_6", "10"),
        ("SEX", "0"),
        ("ID", "0"),
        ("BILL_AMT1", "1e9"),
        ("PAY_AMT1", "-1"),
        ("EDUCATION", "7"),
        ("default payment next month", "2"),
    ],
)
def test_the_shipped_contract_catches_the_absurd(shipped: DataSpec, column: str, absurd: str) -> None:
    client = (
        {"ID": "1", "LIMIT_BAL": "20000", "SEX": "2", "EDUCATION": "2", "MARRIAGE": "1", "AGE": "24"}
        | {f"PAY_{month}": "0" for month in (0, 2, 3, 4, 5, 6)}
        | {f"{kind}_AMT{month}": "0" for kind in ("BILL", "PAY") for month in range(1, 7)}
        | {"default payment next month": "1"}
    )
    frame = pd.DataFrame([client, {**client, "ID": "2", column: absurd}], dtype="str")
    rules = quarantine(frame, shipped).quarantined["rules"].tolist()
    assert [rule.rpartition("(")[2] for rule in rules] == [f"{column})"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"columns": {**COLUMNS, "age": {"role": "numeric", "range": [100, 18]}}}, "runs from 100 down to 18"),
        ({"columns": {**COLUMNS, "age": {"role": "numeric", "special_codes": {"x": ""}}}}, "are whole numbers"),
        (
            {"columns": {**COLUMNS, "home": {"role": "categorical", "type": "text", "categories": {1: ""}}}},
            "are texts, in quotes",
        ),
        ({"event": 2, "columns": COLUMNS}, "event 2 is not a category of the target"),
        ({"event": "1", "columns": COLUMNS}, "event '1' is not a category of the target"),
    ],
)
def test_a_contract_that_no_table_can_keep_is_refused(data: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        DataSpec.model_validate(data)
