from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.config import OmegaConfigLoader

from credit_pipeline.configuration import CONFIG_LOADER_ARGS
from credit_pipeline.datasets.raw.raw_table import RawTableDataset
from credit_pipeline.errors import DataError
from credit_pipeline.modelling.contract.set_aside import Quarantine, quarantine, require_few_quarantined
from credit_pipeline.spec import DataSpec

ROOT = Path(__file__).parents[3]
CONTRACT = DataSpec.model_validate(
    {
        "maximum_quarantined_share": 0.25,
        "columns": {
            "id": {"role": "identifier", "type": "integer"},
            "age": {"role": "numeric", "type": "integer", "range": [18, 100]},
            "delay": {"role": "numeric", "type": "integer", "range": [1, 9], "special_codes": {-1: "paid", 0: "none"}},
            "income": {"role": "numeric", "range": [0, None], "missing": True},
            "children": {"role": "numeric", "type": "integer", "missing": True},
            "home": {"role": "categorical", "type": "text", "categories": {"rent": "", "own": "", "NA": "not asked"}},
            "sex": {"role": "categorical", "type": "integer", "categories": {1: "male", 2: "female"}},
            "default": {"role": "target", "type": "integer", "categories": {0: "no", 1: "yes"}},
        },
    }
)
ROW = {"age": "30", "delay": "-1", "income": "10.5", "children": "1", "home": "rent", "sex": "1", "default": "0"}


def table(*rows: dict[str, str | None]) -> pd.DataFrame:
    return pd.DataFrame([{"id": str(number), **ROW, **row} for number, row in enumerate(rows, 1)], dtype="str")


def rules_of(**cell: str | None) -> list[str]:
    return quarantine(table({}, cell), CONTRACT).quarantined["rules"].tolist()


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [
        ("age", "thirty", "not_a_number"),
        ("age", "NA", "not_a_number"),
        ("age", "0x1E", "not_a_number"),
        ("age", "True", "not_a_number"),
        ("age", "30.5", "not_an_integer"),
        ("age", "17", "out_of_range"),
        ("age", "101", "out_of_range"),
        ("age", "", "missing_value"),
        ("age", None, "missing_value"),
        ("income", "inf", "infinite"),
        ("income", "-1e400", "infinite"),
        ("income", "-0.01", "out_of_range"),
        ("children", "9223372036854775808", "out_of_range"),
        ("delay", "-2", "out_of_range"),
        ("delay", "10", "out_of_range"),
        ("sex", "3", "undefined_category"),
        ("sex", "1.5", "not_an_integer"),
        ("home", "Rent", "undefined_category"),
        ("home", " rent", "undefined_category"),
        ("home", "", "missing_value"),
        ("id", "", "missing_identifier"),
        ("id", "1", "duplicate_identifier"),
        ("id", "01.0", "duplicate_identifier"),
        ("id", "x", "not_a_number"),
        ("default", "", "missing_target"),
        ("default", "2", "undefined_target"),
        ("default", "yes", "undefined_target"),
        ("default", "inf", "undefined_target"),
        ("default", "0.5", "undefined_target"),
    ],
)
def test_a_faulty_cell_sets_its_row_aside_with_one_rule(column: str, cell: str | None, rule: str) -> None:
    sorted_out = quarantine(table({}, {column: cell}), CONTRACT)
    assert sorted_out.quarantined["rules"].tolist() == [f"{rule}({column})"]
    assert sorted_out.quarantined["row"].tolist() == [2]
    assert sorted_out.counts == {rule: 1}
    assert len(sorted_out.accepted) == 1


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("age", "18"),
        ("age", "100"),
        ("age", " 30 "),
        ("age", "30.0"),
        ("age", "3e1"),
        ("delay", "-1"),
        ("delay", "0"),
        ("income", ""),
        ("income", "0"),
        ("children", ""),
        ("home", "NA"),
        ("default", "1.0"),
    ],
)
def test_a_cell_within_the_contract_keeps_its_row(column: str, cell: str) -> None:
    assert rules_of(**{column: cell}) == []


def test_every_later_row_that_repeats_an_identifier_is_set_aside() -> None:
    sorted_out = quarantine(table({}, {"id": "7"}, {"id": "7"}, {"id": "7", "age": "x"}, {"id": "8"}), CONTRACT)
    assert sorted_out.quarantined["row"].tolist() == [3, 4]
    assert sorted_out.quarantined["rules"].tolist() == [
        "duplicate_identifier(id)",
        "duplicate_identifier(id);not_a_number(age)",
    ]


def test_missing_identifiers_do_not_repeat_each_other() -> None:
    assert quarantine(table({}, {"id": ""}, {"id": ""}), CONTRACT).counts == {"missing_identifier": 2}


def test_long_identifiers_that_share_sixteen_digits_are_two() -> None:
    # As floats both are 9007199254740992.
    sorted_out = quarantine(table({"id": "9007199254740992"}, {"id": "9007199254740993"}), CONTRACT)
    assert sorted_out.accepted["id"].tolist() == [9007199254740992, 9007199254740993]


def test_a_row_names_all_its_rules_and_counts_once_for_each() -> None:
    sorted_out = quarantine(table({}, {"age": "x", "sex": "9", "home": "tent"}, {"age": "17"}), CONTRACT)
    assert sorted_out.quarantined["rules"].tolist() == [
        "not_a_number(age);undefined_category(home);undefined_category(sex)",
        "out_of_range(age)",
    ]
    assert sorted_out.counts == {"not_a_number": 1, "out_of_range": 1, "undefined_category": 1}


def test_quarantined_rows_are_kept_as_they_came() -> None:
    sorted_out = quarantine(table({}, {"age": "thirty", "income": " 1e3"}), CONTRACT)
    row = sorted_out.quarantined.iloc[0]
    assert (row["age"], row["income"], row["row"]) == ("thirty", " 1e3", 2)
    assert sorted_out.quarantined.columns.tolist() == [*CONTRACT.columns, "row", "rules"]


def test_a_table_may_have_columns_named_as_those_that_the_quarantine_adds() -> None:
    contract = DataSpec.model_validate(
        {"columns": {"row": {"role": "numeric"}, "rules": {"role": "ignored", "type": "text"}, "y": {"role": "target"}}}
    )
    frame = pd.DataFrame({"row": ["1", "x", "3"], "rules": ["a", "b", "c"], "y": ["0", "1", "1"]}, dtype="str")
    sorted_out = quarantine(frame, contract)
    assert sorted_out.accepted["row"].tolist() == [1.0, 3.0]
    assert sorted_out.quarantined.to_dict("records") == [
        {"row": "x", "rules": "b", "y": "1", "row_": 2, "rules_": "not_a_number(row)"}
    ]
    with pytest.raises(DataError, match=r"the first: row 2 not_a_number\(row\)"):
        require_few_quarantined(sorted_out, contract)


def test_texts_that_the_contract_says_to_mean_missing_are_missing() -> None:
    columns = {
        "age": {"role": "numeric", "type": "integer", "missing": ["?", "-"]},
        "home": {"role": "categorical", "type": "text", "categories": {"rent": ""}, "missing": ["NA"]},
        "since": {"role": "ignored", "type": "date", "missing": ["NA"]},
        "y": {"role": "target"},
    }
    frame = pd.DataFrame(
        {
            "age": ["30", "?", " - ", "", "NA", "-1"],
            "home": ["rent", "NA", "", "rent", "rent", "?"],
            "since": ["2024-01-31", "NA", "", "2024-01-31", "2024-01-31", "2024-01-31"],
            "y": ["0", "1", "0", "1", "0", "1"],
        },
        dtype="str",
    )
    sorted_out = quarantine(frame, DataSpec.model_validate({"columns": columns}))
    assert sorted_out.quarantined["rules"].tolist() == ["not_a_number(age)", "undefined_category(home)"]
    assert sorted_out.accepted["age"].isna().tolist() == [False, True, True, True]
    assert sorted_out.accepted["home"].isna().tolist() == [False, True, True, False]
    assert sorted_out.accepted["since"].isna().tolist() == [False, True, True, False]
    assert sorted_out.quarantined["age"].tolist() == ["NA", "-1"]


def test_accepted_rows_have_the_declared_types_whether_or_not_a_cell_is_missing() -> None:
    expected = {"id": "int64", "age": "int64", "delay": "int64", "income": "float64"}
    expected |= {"children": "float64", "home": "str", "sex": "int64", "default": "int64"}
    for frame in (table({}, {}), table({}, {"children": "", "income": ""}), table({"age": "x"})):
        accepted = quarantine(frame, CONTRACT).accepted
        assert accepted.dtypes.astype(str).to_dict() == expected
        assert accepted.columns.tolist() == list(CONTRACT.columns)


def test_accepted_rows_get_a_fresh_index_and_keep_the_attributes() -> None:
    frame = table({"age": "x"}, {}, {}).set_index(pd.Index([5, 6, 7]))
    frame.attrs = {"source": "applications.csv"}
    accepted = quarantine(frame, CONTRACT).accepted
    assert accepted.index.tolist() == [0, 1]
    assert accepted.attrs == {"source": "applications.csv"}
    accepted.attrs["source"] = "other"
    assert frame.attrs == {"source": "applications.csv"}


def test_the_order_of_the_columns_is_the_contracts() -> None:
    frame = table({}, {"age": "x"})
    mixed = frame[frame.columns[::-1]]
    pd.testing.assert_frame_equal(quarantine(mixed, CONTRACT).accepted, quarantine(frame, CONTRACT).accepted)


def test_without_a_target_the_column_may_be_absent_and_is_dropped_if_present() -> None:
    frame = table({}, {"default": "?"}, {"age": "x"})
    for applicants in (frame, frame.drop(columns="default")):
        sorted_out = quarantine(applicants, CONTRACT, target=False)
        assert "default" not in sorted_out.accepted
        assert sorted_out.counts == {"not_a_number": 1}


def test_a_decimal_comma_is_read_where_it_is_declared() -> None:
    frame = table({"income": "10,5"}, {"income": "10.5"})
    sorted_out = quarantine(frame, CONTRACT, decimal=",")
    assert sorted_out.accepted["income"].tolist() == [10.5]
    assert sorted_out.counts == {"not_a_number": 1}


def test_an_identifier_of_text_keeps_its_zeros() -> None:
    columns = {**CONTRACT.model_dump()["columns"], "id": {"role": "identifier", "type": "text"}}
    contract = DataSpec.model_validate({"columns": columns})
    sorted_out = quarantine(table({"id": "01"}, {"id": "1"}, {"id": "01"}, {"id": ""}), contract)
    assert sorted_out.accepted["id"].tolist() == ["01", "1"]
    assert sorted_out.counts == {"missing_identifier": 1, "duplicate_identifier": 1}


def test_a_target_of_text_holds_its_categories_alone() -> None:
    target = {"role": "target", "type": "text", "categories": {"good": "", "bad": ""}}
    columns = {"age": {"role": "numeric"}, "status": target}
    contract = DataSpec.model_validate({"event": "bad", "columns": columns})
    frame = pd.DataFrame({"age": ["1"] * 4, "status": ["good", "bad", "BAD", ""]}, dtype="str")
    assert quarantine(frame, contract).counts == {"missing_target": 1, "undefined_target": 1}


def test_nothing_is_mutated() -> None:
    frame = table({}, {"age": "x", "income": ""})
    before = frame.copy(deep=True)
    quarantine(frame, CONTRACT)
    pd.testing.assert_frame_equal(frame, before)


def test_a_table_of_no_rows_gives_typed_empty_tables() -> None:
    sorted_out = quarantine(table({})[:0], CONTRACT)
    assert (len(sorted_out.accepted), len(sorted_out.quarantined), sorted_out.share) == (0, 0, 0.0)
    assert sorted_out.accepted["age"].dtype == np.int64


CELLS = st.one_of(st.none(), st.text(max_size=3), st.integers(-3, 110).map(str), st.sampled_from(["rent", "own", "NA"]))


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(CONTRACT.columns, CELLS)), min_size=1))
    return table(*rows)


@settings(max_examples=60)
@given(tables())
def test_accepted_and_quarantined_rows_partition_the_table(frame: pd.DataFrame) -> None:
    sorted_out = quarantine(frame, CONTRACT)
    rows = sorted_out.quarantined["row"].to_numpy() - 1
    assert len(sorted_out.accepted) + len(rows) == len(frame)
    pd.testing.assert_frame_equal(
        sorted_out.quarantined[frame.columns], frame.iloc[rows].reset_index(drop=True), check_dtype=False
    )
    kept = frame.drop(index=rows)
    np.testing.assert_array_equal(sorted_out.accepted["age"], kept["age"].astype(float))
    assert sorted_out.quarantined["rules"].str.len().gt(0).all()
    assert not sorted_out.accepted["id"].duplicated().any()


@settings(max_examples=60)
@given(tables())
def test_what_was_accepted_is_accepted_again_unchanged(frame: pd.DataFrame) -> None:
    accepted = quarantine(frame, CONTRACT).accepted
    again = quarantine(accepted, CONTRACT)
    assert again.counts == {}
    pd.testing.assert_frame_equal(again.accepted, accepted)


@pytest.fixture(scope="module")
def shipped() -> Quarantine:
    loader = OmegaConfigLoader(str(ROOT / "conf"), env="base", **CONFIG_LOADER_ARGS)
    contract = DataSpec.model_validate(loader["parameters"]["data"])
    raw = RawTableDataset(filepath=str(ROOT / "data/01_raw/credit_card_clients.csv")).load()
    return quarantine(raw, contract)


def test_every_row_of_the_shipped_table_keeps_the_shipped_contract(shipped: Quarantine) -> None:
    assert len(shipped.accepted) == 30_000
    assert shipped.counts == {}
    # The publisher's default rate is 22.12 %.
    assert shipped.accepted["default payment next month"].sum() == 6_636


def test_shipped_codes_are_whole_numbers_and_amounts_are_floats(shipped: Quarantine) -> None:
    dtypes = shipped.accepted.dtypes.astype(str)
    amounts = dtypes[dtypes == "float64"].index.tolist()
    assert amounts == ["LIMIT_BAL", *[f"{kind}_AMT{month}" for kind in ("BILL", "PAY") for month in range(1, 7)]]
    assert set(dtypes.drop(amounts)) == {"int64"}


def test_the_limit_of_the_quarantined_share_is_still_allowed() -> None:
    sorted_out = quarantine(table({}, {}, {}, {"age": "x"}), CONTRACT)
    assert sorted_out.share == 0.25
    require_few_quarantined(sorted_out, CONTRACT)


def test_more_than_the_limit_stops_with_rules_and_rows_but_no_values() -> None:
    frame = table({}, {}, {"age": "777"}, {"home": "secret", "age": "888"})
    frame.attrs = {"source": "applications.csv"}
    with pytest.raises(DataError) as error:
        require_few_quarantined(quarantine(frame, CONTRACT), CONTRACT)
    assert error.value.what == "2 of 4 rows break the contract of the raw table."
    assert error.value.expected == "at most 25 % (maximum_quarantined_share: 0.25) and at least one row left"
    assert error.value.got == (
        "50 %: out_of_range 2, undefined_category 1; the first: "
        "row 3 out_of_range(age), row 4 out_of_range(age);undefined_category(home)"
    )
    assert error.value.fix.startswith("applications.csv, or ")
    assert not any(value in str(error.value) for value in ("777", "888", "secret"))


def test_a_thousand_faults_are_reported_in_a_short_message() -> None:
    with pytest.raises(DataError) as error:
        require_few_quarantined(quarantine(table(*[{"age": "x"}] * 1000), CONTRACT), CONTRACT)
    assert len(str(error.value)) < 600


def test_a_table_without_an_accepted_row_stops_whatever_the_limit() -> None:
    lenient = CONTRACT.model_copy(update={"maximum_quarantined_share": 1.0})
    with pytest.raises(DataError, match="at least one row left"):
        require_few_quarantined(quarantine(table({"age": "x"}), lenient), lenient)
