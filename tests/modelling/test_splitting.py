from hashlib import sha256
from math import ceil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from credit_pipeline.errors import SplitMismatchError
from credit_pipeline.modelling.content_hash import document_hash, frame_hash
from credit_pipeline.modelling.splitting import (
    SPLIT_ID,
    Split,
    folds_id,
    outcome,
    require_one_split,
    require_parts_of,
    split,
    split_id_of,
    stratified_folds,
)
from credit_pipeline.spec import ColumnSpec, DataSpec, FoldsSpec, SplitSpec

SPEC = SplitSpec(test_share=0.25, seed=7)


def applications(rows: int = 40, events: int = 10) -> pd.DataFrame:
    """Rows that know their own place in the table; the first ones are the events."""
    status = np.where(np.arange(rows) < events, "defaulted", "paid")
    return pd.DataFrame({"place": np.arange(rows), "status": status}, index=np.arange(rows)[::-1] * 3)


def divided(table: pd.DataFrame, spec: SplitSpec = SPEC) -> Split:
    return split(table, "status", "defaulted", spec)


@st.composite
def sizes(draw: st.DrawFn) -> tuple[int, int, SplitSpec]:
    """Rows, events, specification: at least 10 rows of each class, so that each part can have some of both."""
    events, payers = draw(st.integers(10, 60)), draw(st.integers(10, 60))
    spec = SplitSpec(
        test_share=draw(st.sampled_from([0.1, 0.2, 1 / 3, 0.5, 0.9])), seed=draw(st.integers(0, 2**32 - 1))
    )
    return events + payers, events, spec


@st.composite
def outcomes(draw: st.DrawFn) -> tuple[NDArray[np.int_], FoldsSpec]:
    """Outcomes in any order with at least as many rows of each class as there are folds."""
    spec = FoldsSpec(count=draw(st.integers(2, 6)), seed=draw(st.integers(0, 1000)))
    classes = [0] * draw(st.integers(spec.count, 40)) + [1] * draw(st.integers(spec.count, 40))
    return np.array(draw(st.permutations(classes))), spec


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
    assert summary.rows in {ceil(rows * spec.test_share), ceil(rows * spec.test_share - 1e-9)}
    assert abs(summary.events - events * summary.rows / rows) < 1


def test_ten_events_in_forty_rows_at_a_quarter() -> None:
    # 40 / 4 = 10 rows of test; 10 * 10 / 40 = 2.5 events, so 2 or 3, and the others in train.
    parts = divided(applications())
    train, test = parts.summaries["train"], parts.summaries["test"]
    assert (train.rows, test.rows) == (30, 10)
    assert test.events in {2, 3}
    assert train.events == 10 - test.events
    assert (train.default_rate, test.default_rate) == (train.events / 30, test.events / 10)


def test_default_rates_are_equal_where_the_numbers_allow_it() -> None:
    # 100 rows, 20 events, one fifth: 20 rows with 4 events and 80 with 16.
    parts = divided(applications(100, 20), SplitSpec(test_share=0.2, seed=3))
    assert [(part.rows, part.events, part.default_rate) for part in parts.summaries.values()] == [
        (80, 16, 0.2),
        (20, 4, 0.2),
    ]


def test_the_summaries_tell_what_is_in_the_parts() -> None:
    parts = divided(applications())
    for name, part in (("train", parts.train), ("test", parts.test)):
        summary = parts.summaries[name]
        assert (summary.rows, summary.events) == (len(part), int((part["status"] == "defaulted").sum()))
        assert summary.content_sha256 == frame_hash(part)


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
    both = parts.summaries["train"].content_sha256 + parts.summaries["test"].content_sha256
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
    parts = split(table, "status", 1, SPEC)
    assert parts.train["place"].tolist() == divided(applications()).train["place"].tolist()
    assert sum(summary.events for summary in parts.summaries.values()) == 10


@pytest.mark.parametrize("events", [0, 1, 39, 40])
def test_a_class_of_fewer_than_two_rows_cannot_be_split(events: int) -> None:
    with pytest.raises(ValueError, match="class"):
        divided(applications(40, events))


def test_the_manifest_tells_scheme_seed_counts_and_hashes() -> None:
    parts = divided(applications())
    manifest = parts.manifest(SPEC, {"rows": 40, "content_sha256": "raw"})
    assert manifest == {
        "split_id": parts.split_id,
        "scheme": "random_stratified",
        "test_share": 0.25,
        "seed": 7,
        "parts": {
            name: {
                "rows": summary.rows,
                "events": summary.events,
                "default_rate": summary.default_rate,
                "content_sha256": summary.content_sha256,
            }
            for name, summary in parts.summaries.items()
        },
        "raw": {"rows": 40, "content_sha256": "raw"},
    }


@pytest.mark.parametrize("attrs", [{}, {SPLIT_ID: None}, {SPLIT_ID: 7}])
def test_a_part_without_an_id_is_named(attrs: dict[str, object]) -> None:
    table = applications()
    table.attrs.update(attrs)
    with pytest.raises(SplitMismatchError, match="'train_features' does not say which split") as told:
        split_id_of(table, "train_features")
    assert "data_split" in told.value.mend


def test_parts_of_one_split_give_its_id() -> None:
    parts = divided(applications())
    tables = {"train": parts.train, "test": parts.test}
    assert require_parts_of(parts.manifest(SPEC, {}), tables) == parts.split_id


def test_parts_of_two_splits_are_refused_with_both_ids() -> None:
    one, other = divided(applications()), divided(applications(), SplitSpec(seed=1))
    with pytest.raises(SplitMismatchError) as told:
        require_parts_of(one.manifest(SPEC, {}), {"train": one.train, "test": other.test})
    assert told.value.got == f"train: {one.split_id}, test: {other.split_id}, split_manifest: {one.split_id}"


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


@given(outcomes())
def test_every_row_is_validated_on_once_and_never_by_a_fold_fitted_on_it(
    drawn: tuple[NDArray[np.int_], FoldsSpec],
) -> None:
    events, spec = drawn
    folds = stratified_folds(events, spec)
    rows = set(range(len(events)))
    assert len(folds) == spec.count
    assert sorted(np.concatenate([validated for _, validated in folds])) == sorted(rows)
    for fitted, validated in folds:
        assert len(fitted) + len(validated) == len(events)
        assert set(fitted) | set(validated) == rows


@given(outcomes())
def test_the_folds_share_events_and_others_evenly(drawn: tuple[NDArray[np.int_], FoldsSpec]) -> None:
    events, spec = drawn
    for kind in (0, 1):
        counts = [int((events[validated] == kind).sum()) for _, validated in stratified_folds(events, spec)]
        assert max(counts) - min(counts) <= 1


@given(outcomes())
def test_the_same_seed_gives_the_same_folds(drawn: tuple[NDArray[np.int_], FoldsSpec]) -> None:
    one, other = stratified_folds(*drawn), stratified_folds(*drawn)
    assert all(np.array_equal(a, b) for pair in zip(one, other, strict=True) for a, b in zip(*pair, strict=True))


def test_another_seed_gives_other_folds() -> None:
    events = np.tile([0, 0, 0, 1], 20)
    one, other = (stratified_folds(events, FoldsSpec(count=4, seed=seed)) for seed in (1, 2))
    assert one[0][1].tolist() != other[0][1].tolist()


def test_the_folds_do_not_follow_the_order_of_the_table() -> None:
    # Tables come sorted by date or by limit: a fold of neighbours would be another population.
    events = np.tile([0, 0, 0, 1], 20)
    first = stratified_folds(events, FoldsSpec(count=4))[0][1]
    assert len(first) == 20
    assert first.tolist() != list(range(20))
    assert first.max() > 40


def test_more_folds_than_rows_of_either_class_are_refused() -> None:
    with pytest.raises(ValueError, match="3 folds need 3 rows of each outcome or more, got 2"):
        stratified_folds(np.array([0, 1, 0, 1]), FoldsSpec(count=3))


def test_the_folds_id_names_split_count_and_seed() -> None:
    spec = FoldsSpec(count=3, seed=42)
    assert folds_id("a1", spec) == document_hash({"split_id": "a1", "count": 3, "seed": 42})[:16]
    others = [folds_id("a2", spec), folds_id("a1", FoldsSpec(count=4)), folds_id("a1", FoldsSpec(count=3, seed=1))]
    assert len({folds_id("a1", spec), *others}) == 4
