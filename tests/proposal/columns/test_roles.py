"""Roles inferred from names and values."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.errors import DataError
from credit_pipeline.proposal.columns import date_formats, ranges_and_codes
from credit_pipeline.proposal.columns import target as target_event
from credit_pipeline.proposal.columns.propose import Proposal
from credit_pipeline.proposal.columns.roles import infer_roles

ROWS = 60
BAD = [0, 1, 1, 0, 0] * 12


def proposed(name: str, cells: Sequence[object], decimal: str = ".") -> Proposal:
    """Propose the role of one column, read as texts, beside a number and a target."""
    texts = pd.Series(["" if cell is None else str(cell) for cell in cells], dtype="str")
    table = pd.DataFrame({name: texts, "other": [str(place % 17) for place in range(len(cells))], "bad": BAD})
    found = {column.name: column for column in infer_roles(table, "bad", decimal=decimal).columns}  # type: ignore[arg-type]
    return found[name]


@pytest.mark.parametrize(
    ("name", "cells", "role", "kind"),
    [
        ("loan_id", range(500, 500 + ROWS), "identifier", "integer"),
        ("loan_id", [f"{place:04d}" for place in range(ROWS)], "identifier", "text"),
        ("file", [f"A-{place:04d}" for place in range(ROWS)], "identifier", "text"),
        ("line", range(1, ROWS + 1), "identifier", "integer"),
        ("amount", [place * place + 7 for place in range(ROWS)], "numeric", "integer"),
        ("rate", [place / 7 for place in range(ROWS)], "numeric", "number"),
        ("customer_id", [1000 + place // 2 for place in range(ROWS)], "group", "integer"),
        ("borrower", [f"B{place // 3}" for place in range(ROWS)], "group", "text"),
        ("customer_income", [1000 + place // 2 for place in range(ROWS)], "numeric", "integer"),
        ("sex", [1, 2, 2] * 20, "categorical", "integer"),
        ("education", [0, 3, 5, 3] * 15, "categorical", "integer"),
        ("children", [0, 1, 2, 3, 1, 0] * 10, "numeric", "integer"),
        ("rooms", [1, 2, 3, 4, 1, 2] * 10, "categorical", "integer"),
        ("zip", ["01067", "80331", "10115"] * 20, "categorical", "text"),
        ("town", ["Île de Ré", "São Paulo"] * 30, "categorical", "text"),
        ("note", [f"said {place} things" for place in range(ROWS)], "ignored", "text"),
        ("country", ["PT"] * ROWS, "ignored", "text"),
        ("nothing", [None] * ROWS, "ignored", "text"),
        ("applied", ["2024-05-17", "2024-06-01"] * 30, "date", "date"),
        ("date of birth", ["17/05/1980", "01/06/1970"] * 30, "ignored", "text"),
        ("day", [20240517, 20240601] * 30, "date", "date"),
        ("paid_back", [1 - bad for bad in BAD], "ignored", "text"),
    ],
)
def test_a_role_follows_from_name_and_values(name: str, cells: Sequence[object], role: str, kind: str) -> None:
    found = proposed(name, cells)
    assert (found.role, found.type) == (role, kind), found.why
    assert found.why


def test_a_column_that_knows_the_outcome_is_left_out_and_reported() -> None:
    found = proposed("paid_back", [1 - bad for bad in BAD])
    assert "suspected leakage" in found.why
    assert "AUC 1.000" in found.undecided


def test_day_and_month_that_cannot_be_distinguished_are_reported() -> None:
    found = proposed("applied", ["03/04/2024", "05/06/2024"] * 30)
    assert found.format == "%d/%m/%Y"
    assert "%m/%d/%Y" in found.undecided


def test_of_two_dates_the_one_of_the_application_is_taken() -> None:
    days = ["2024-05-17", "2024-06-01"] * 30
    table = pd.DataFrame({"last payment": days, "application_date": days, "x": list(range(ROWS)), "bad": BAD})
    found = {column.name: column.role for column in infer_roles(table.assign(x=table["x"] % 7), "bad").columns}
    assert found == {"last payment": "ignored", "application_date": "date", "x": "numeric", "bad": "target"}


def test_gaps_are_allowed_where_they_were_found() -> None:
    found = proposed("rate", [None, 1.5, 2.5, 7.25] * 15)
    assert (found.missing, found.why) == (True, "numbers, 25 % missing")
    assert not proposed("rate", [0.5, 1.5, 2.5, 7.25] * 15).missing


def test_a_sign_for_unknown_among_numbers_is_reported_and_not_guessed() -> None:
    found = proposed("rate", ["NA", *(place / 7 for place in range(1, 15))] * 4)
    assert found.role == "ignored"
    assert "'NA'" in found.undecided


def test_a_sign_for_unknown_among_few_codes_is_one_of_them() -> None:
    assert proposed("grade", ["NA", 1, 2, 3] * 15).categories == ("1", "2", "3", "NA")


def test_numbers_with_groups_of_digits_are_reported_and_not_guessed() -> None:
    found = proposed("amount", [f"{place * 1234 + 1000:,}.50" for place in range(ROWS)])
    assert found.role == "ignored"
    assert "1,234" in found.undecided


def test_a_table_without_anything_to_learn_from_is_refused() -> None:
    with pytest.raises(DataError, match="no column that a model can use") as caught:
        infer_roles(pd.DataFrame({"id": range(ROWS), "bad": BAD}), "bad")
    assert "'id': a different value in every row" in caught.value.got


def test_a_decimal_comma_makes_a_number() -> None:
    assert proposed("rate", ["0,5", "1,5", "2,25"] * 20, decimal=",").range == (0.0, 3.2)  # 2.25 + 1.75 / 2, rounded up


def test_codes_far_from_the_rest_are_proposed_as_such() -> None:
    found = proposed("income", [100 + place for place in range(ROWS - 2)] + [-99999, -99999])
    assert found.special_codes == (-99999,)
    assert found.range == (0.0, 190.0)  # without the code: 157 + 57 / 2 = 185.5, two digits upwards
    assert "-99999" in found.undecided


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([20, 30, 40, 50, 60, 9999, 9999], (9999,)),
        ([20, 30, 40, 50, 60, 9999], ()),  # once: may be a slip
        ([20, 30, 40, 50, 60, 99, 99], ()),  # 39 away from values that span 40
        ([0, 1, 2, 3, 4, -1, -1, -2, -2], (-2, -1)),
        ([-20, 1, 2, 3, 4, -1, -1], ()),  # other numbers are negative too
        ([999, 999, 1, 2], ()),  # two other values are too few to be far from
    ],
)
def test_special_codes_are_repeated_and_far(values: list[float], codes: tuple[int, ...]) -> None:
    assert ranges_and_codes.special_codes(np.array(values, dtype=np.float64)) == codes


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=20))
def test_wider_bounds_hold_every_value_and_keep_the_sign(values: list[float]) -> None:
    lower, upper = ranges_and_codes.wider_bounds(np.array(values))
    assert lower <= min(values)
    assert max(values) <= upper
    assert lower >= 0 or min(values) < 0


@pytest.mark.parametrize(
    ("texts", "formats"),
    [
        (["2024-12-31T10:15:00", "2024-01-01T00:00:00"], (date_formats.ISO,)),
        (["2024-12-31T10:15:00Z", "2024-01-01T00:00:00+02:00"], (date_formats.ISO,)),
        (["31/12/2024", "01/01/2024"], ("%d/%m/%Y",)),
        (["12/31/2024", "01/01/2024"], ("%m/%d/%Y",)),
        (["31.12.2024"], ("%d.%m.%Y",)),
        (["Dec-2015", "Jan-2016"], ("%b-%Y",)),
        (["31 Dec 2015", "1 Jan 2016"], ("%d %b %Y",)),
        (["31/12/2024 10:15", "01/01/2024 09:00"], ("%d/%m/%Y %H:%M",)),
        (["31/12/2024", "32/12/2024"], ()),
        (["A-2024", "10-15"], ()),
        ([], ()),
    ],
)
def test_dates_are_recognised_by_how_they_are_written(texts: list[str], formats: tuple[str, ...]) -> None:
    assert date_formats.find_date_formats(texts) == formats


@pytest.mark.parametrize(
    ("counts", "target", "event", "sure"),
    [
        ({0: 90, 1: 10}, "default", 1, True),
        ({0: 10, 1: 90}, "default", 1, True),
        ({1: 70, 2: 30}, "class", 2, False),
        ({-1: 50, 1: 50}, "y", 1, True),
        ({"Fully Paid": 10, "Charged Off": 90}, "loan_status", "Charged Off", True),
        ({"good": 70, "bad": 30}, "risk", "bad", True),
        ({"A": 70, "B": 30}, "risk", "B", False),
        ({"no": 20, "yes": 80}, "paid", "no", False),
        ({0: 20, 1: 80}, "repaid", 0, False),
    ],
)
def test_the_event_is_chosen_by_meaning_else_by_rarity(
    counts: dict[int | str, int], target: str, event: object, sure: bool
) -> None:
    found = target_event.choose_event(counts, target)
    assert (found.value, found.sure) == (event, sure)


@pytest.mark.parametrize(
    ("target", "task", "said"),
    [
        ([0, 1, 2] * 20, "classification", "3 values"),
        ([0.5, 1.5] * 30, "classification", "two values, whole numbers or texts"),
        ([0] * 57 + [1] * 3, None, "3 rows for the rarer value"),
        (["a", "b", "c"] * 20, None, "a classification has two values"),
        ([0] * ROWS, "classification", "1 values"),
    ],
)
def test_a_target_that_cannot_be_learnt_is_refused(target: list[object], task: str | None, said: str) -> None:
    table = pd.DataFrame({"x": [place % 17 for place in range(ROWS)], "y": target})
    with pytest.raises(DataError) as caught:
        infer_roles(table, "y", task=task)  # type: ignore[arg-type]
    assert said in str(caught.value)


def test_a_target_of_many_numbers_is_a_regression_unless_asked_otherwise() -> None:
    table = pd.DataFrame({"x": [place % 17 for place in range(ROWS)], "y": np.arange(ROWS) * 1.5})
    found = infer_roles(table, "y")
    assert (found.task, found.events) == ("regression", None)
    assert "regression" in found.undecided[-1]
    assert infer_roles(table, "y", task="regression").undecided == ()


def test_the_order_of_the_columns_stays() -> None:
    table = pd.DataFrame({"bad": BAD, "b": [1.5, 2.5, 3.0] * 20, "a": ["x", "y"] * 30})
    assert [column.name for column in infer_roles(table, "bad").columns] == ["bad", "b", "a"]
