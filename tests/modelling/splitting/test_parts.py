import datetime as dt
from hashlib import sha256
from math import ceil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.errors import DataError, SplitMismatchError
from credit_pipeline.modelling.splitting.parts import Split, split
from credit_pipeline.modelling.splitting.row_hashes import frame_hash
from credit_pipeline.modelling.splitting.schemes import outcome
from credit_pipeline.modelling.splitting.split_id import SPLIT_ID, require_one_split, require_parts_of, split_id_of
from credit_pipeline.spec import ColumnSpec, DataSpec, SplitSpec

SPEC = SplitSpec(test_share=0.25, seed=7)
DATA = DataSpec(
    event="defaulted",
    columns={"place": ColumnSpec(role="numeric"), "status": ColumnSpec(role="target", type="text")},
)


def applications(rows: int = 40, events: int = 10) -> pd.DataFrame:
    """Rows that hold their position in the table; the first ones are the events."""
    status = np.where(np.arange(rows) < events, "defaulted", "paid")
    return pd.DataFrame({"place": np.arange(rows), "status": status}, index=np.arange(rows)[::-1] * 3)


def divided(table: pd.DataFrame, spec: SplitSpec = SPEC) -> Split:
    return split(table, DATA, spec)


@st.composite
def sizes(draw: st.DrawFn) -> tuple[int, int, SplitSpec]:
    """Rows, events, specification: at least 10 rows of each class, so that each part can have some of both."""
    events, payers = draw(st.integers(10, 60)), draw(st.integers(10, 60))
    spec = SplitSpec(
        test_share=draw(st.sampled_from([0.1, 0.2, 1 / 3, 0.5, 0.9])), seed=draw(st.integers(0, 2**32 - 1))
    )
    return events + payers, events, spec


@given(sizes())
def test_every_row_is_in_one_part_and_in_the_order_of_the_table(size: tuple[int, int, SplitSpec]) -> None:
    rows, events, spec = size
    parts = divided(applications(rows, events), spec)
    train, test = parts.train["place"], parts.test["place"]
    assert sorted([*train, *test]) == list(range(rows))
    assert train.is_monotonic_increasing
    assert test.is_monotonic_increasing


@given(sizes())
def test_the_test_part_has_its_share_of_the_rows_and_of_the_events(size: tuple[int, int, SplitSpec]) -> None:
    rows, events, spec = size
    summary = divided(applications(rows, events), spec).summaries["test"]
    # A part of a row is rounded up; floating point lets 0.9 * 20 be 18 or just above it.
    assert summary["rows"] in {ceil(rows * spec.test_share), ceil(rows * spec.test_share - 1e-9)}
    assert abs(summary["events"] - events * summary["rows"] / rows) < 1


def test_ten_events_in_forty_rows_at_a_quarter() -> None:
    # 40 / 4 = 10 rows of test; 10 * 10 / 40 = 2.5 events, so 2 or 3, and the others in train.
    parts = divided(applications())
    train, test = parts.summaries["train"], parts.summaries["test"]
    assert (train["rows"], test["rows"]) == (30, 10)
    assert test["events"] in {2, 3}
    assert train["events"] == 10 - test["events"]
    assert (train["default_rate"], test["default_rate"]) == (train["events"] / 30, test["events"] / 10)


def test_default_rates_are_equal_where_the_numbers_allow_it() -> None:
    # 100 rows, 20 events, one fifth: 20 rows with 4 events and 80 with 16.
    parts = divided(applications(100, 20), SplitSpec(test_share=0.2, seed=3))
    assert [(part["rows"], part["events"], part["default_rate"]) for part in parts.summaries.values()] == [
        (80, 16, 0.2),
        (20, 4, 0.2),
    ]


def test_the_summaries_describe_the_parts() -> None:
    parts = divided(applications())
    for name, part in (("train", parts.train), ("test", parts.test)):
        summary = parts.summaries[name]
        assert (summary["rows"], summary["events"]) == (len(part), int((part["status"] == "defaulted").sum()))
        assert summary["content_sha256"] == frame_hash(part)


def test_the_same_seed_gives_the_same_content() -> None:
    one, other = divided(applications()), divided(applications())
    pd.testing.assert_frame_equal(one.train, other.train)
    pd.testing.assert_frame_equal(one.test, other.test)
    assert one.split_id == other.split_id
    assert one.summaries == other.summaries


@given(st.integers(-100, 100))
def test_what_the_rows_are_called_does_not_matter(start: int) -> None:
    table = applications()
    renamed = table.set_axis(range(start, start + len(table)))
    assert divided(renamed).split_id == divided(table).split_id


def test_another_seed_gives_other_parts_and_another_id() -> None:
    one, other = divided(applications()), divided(applications(), SPEC.model_copy(update={"seed": 8}))
    assert one.test["place"].tolist() != other.test["place"].tolist()
    assert one.split_id != other.split_id


def test_another_value_in_either_part_gives_another_id() -> None:
    table, parts = applications(), divided(applications())
    for part in (parts.train, parts.test):
        changed = table.assign(place=table["place"].replace(part["place"].iloc[0], 99))
        assert divided(changed).split_id != parts.split_id


def test_the_id_is_sixteen_digits_of_the_hash_of_both_hashes() -> None:
    parts = divided(applications())
    both = parts.summaries["train"]["content_sha256"] + parts.summaries["test"]["content_sha256"]
    assert parts.split_id == sha256(both.encode()).hexdigest()[:16]
    # Neither part can be taken for the other one.
    assert parts.split_id != divided(applications(), SplitSpec(test_share=0.75, seed=7)).split_id


def test_the_parts_have_a_fresh_index_and_carry_the_id() -> None:
    parts = divided(applications())
    for part in (parts.train, parts.test):
        assert part.index.equals(pd.RangeIndex(len(part)))
        assert part.attrs == {SPLIT_ID: parts.split_id}
        assert split_id_of(part, "part") == parts.split_id


def test_splitting_leaves_the_table_as_it_was() -> None:
    table, before = applications(), applications()
    table.attrs = {"content_sha256": "x"}
    divided(table)
    pd.testing.assert_frame_equal(table, before)
    assert table.attrs == {"content_sha256": "x"}


def test_the_event_may_be_a_number() -> None:
    table = applications().assign(status=lambda frame: (frame["status"] == "defaulted").astype(int))
    data = {"event": 1, "columns": {"place": {"role": "numeric"}, "status": {"role": "target"}}}
    parts = split(table, DataSpec.model_validate(data), SPEC)
    assert parts.train["place"].tolist() == divided(applications()).train["place"].tolist()
    assert sum(summary["events"] for summary in parts.summaries.values()) == 10


@pytest.mark.parametrize("events", [0, 1, 39, 40])
def test_a_class_of_fewer_than_two_rows_cannot_be_split(events: int) -> None:
    with pytest.raises(DataError, match="of each class"):
        divided(applications(40, events))


def test_the_manifest_states_scheme_seed_counts_and_hashes() -> None:
    parts = divided(applications())
    manifest = parts.manifest(SPEC, {"rows": 40, "content_sha256": "raw"})
    assert manifest == {
        "split_id": parts.split_id,
        "scheme": "random_stratified",
        "test_share": 0.25,
        "seed": 7,
        "test_from": None,
        "gap_days": 0,
        "left_out": 0,
        "shared_groups": None,
        "parts": {
            name: {
                "rows": summary["rows"],
                "events": summary["events"],
                "default_rate": summary["default_rate"],
                "content_sha256": summary["content_sha256"],
            }
            for name, summary in parts.summaries.items()
        },
        "raw": {"rows": 40, "content_sha256": "raw"},
    }


@pytest.mark.parametrize("attrs", [{}, {SPLIT_ID: None}, {SPLIT_ID: 7}])
def test_a_part_without_an_id_is_named(attrs: dict[str, object]) -> None:
    table = applications()
    table.attrs.update(attrs)
    with pytest.raises(SplitMismatchError, match="'train_features' does not say which split") as error:
        split_id_of(table, "train_features")
    assert "data_split" in error.value.fix


def test_parts_of_one_split_give_its_id() -> None:
    parts = divided(applications())
    tables = {"train": parts.train, "test": parts.test}
    assert require_parts_of(parts.manifest(SPEC, {}), tables) == parts.split_id


def test_parts_of_two_splits_are_refused_with_both_ids() -> None:
    one, other = divided(applications()), divided(applications(), SplitSpec(seed=1))
    with pytest.raises(SplitMismatchError) as error:
        require_parts_of(one.manifest(SPEC, {}), {"train": one.train, "test": other.test})
    assert error.value.got == f"train: {one.split_id}, test: {other.split_id}, split_manifest: {one.split_id}"


def test_parts_of_another_split_than_the_manifest_are_refused() -> None:
    one, other = divided(applications()), divided(applications(), SplitSpec(seed=1))
    with pytest.raises(SplitMismatchError, match="different splits"):
        require_parts_of(other.manifest(SPEC, {}), {"train": one.train, "test": one.test})
    with pytest.raises(SplitMismatchError, match="different splits"):
        require_parts_of({}, {"train": one.train, "test": one.test})


@given(st.dictionaries(st.text(max_size=3), st.sampled_from(["a1", "b2"]), min_size=1, max_size=4))
def test_ids_are_one_split_if_they_are_all_equal(ids: dict[str, str]) -> None:
    if len(set(ids.values())) == 1:
        assert require_one_split(ids) in ids.values()
    else:
        with pytest.raises(SplitMismatchError, match="different splits"):
            require_one_split(ids)


@pytest.mark.parametrize(("event", "expected"), [(1, [0, 1, 0, 1]), (0, [1, 0, 1, 0])])
def test_the_outcome_is_one_where_the_target_is_the_event(event: int, expected: list[int]) -> None:
    columns = {"age": ColumnSpec(role="numeric"), "target": ColumnSpec(role="target", type="integer")}
    found = outcome(pd.DataFrame({"target": [0, 1, 0, 1]}), DataSpec(event=event, columns=columns))
    assert (found.tolist(), found.dtype) == (expected, np.int64)


def loans() -> pd.DataFrame:
    """Two loans a borrower, one in each year; every fourth borrower defaults on both."""
    borrower = np.tile(np.arange(40), 2)
    made = np.repeat(np.array(["2023-05-01", "2024-05-01"], dtype="datetime64[us]"), 40)
    return pd.DataFrame({"amount": np.arange(80.0), "borrower": borrower, "made": made, "bad": (borrower % 4 == 0) * 1})


LOANS = DataSpec.model_validate(
    {
        "columns": {
            "amount": {"role": "numeric"},
            "borrower": {"role": "group", "type": "integer"},
            "made": {"role": "date", "type": "date"},
            "bad": {"role": "target", "type": "integer"},
        }
    }
)


def test_the_manifest_of_a_split_by_borrower_proves_that_none_is_shared() -> None:
    spec = SplitSpec(scheme="grouped", test_share=0.25)
    manifest = split(loans(), LOANS, spec).manifest(spec, {})
    assert manifest["shared_groups"] == 0
    assert {name: part["groups"] for name, part in manifest["parts"].items()} == {"train": 30, "test": 10}  # type: ignore[attr-defined]


def test_the_manifest_of_a_split_by_time_states_the_days_and_the_borrowers_on_both_sides() -> None:
    spec = SplitSpec(scheme="out_of_time", test_from=dt.date(2024, 1, 1))
    manifest = split(loans(), LOANS, spec).manifest(spec, {})
    parts = manifest["parts"]
    assert (parts["train"]["last"], parts["test"]["first"]) == ("2023-05-01T00:00:00", "2024-05-01T00:00:00")  # type: ignore[index]
    assert (manifest["shared_groups"], manifest["test_from"]) == (40, "2024-01-01")


def test_the_summary_of_a_regression_states_mean_and_deviation_of_the_target() -> None:
    data = {"task": "regression", "columns": {"borrower": {"role": "numeric"}, "amount": {"role": "target"}}}
    table = loans()[["borrower", "amount"]]
    parts = split(table, DataSpec.model_validate(data), SplitSpec(scheme="random"))
    test = parts.summaries["test"]
    assert (test["rows"], test["target_mean"]) == (16, parts.test["amount"].mean())
    assert "default_rate" not in test
