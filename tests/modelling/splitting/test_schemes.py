"""Folds and halves by every scheme."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from credit_pipeline.errors import DataError
from credit_pipeline.modelling.splitting.schemes import (
    Fold,
    Keys,
    folds,
    folds_id,
    halves,
    held_out_ratio,
    scheme_of,
    shared_groups,
)
from credit_pipeline.spec import FoldsSpec, SplitScheme, SplitSpec


def stratified_folds(events: NDArray[np.int_], spec: FoldsSpec) -> list[Fold]:
    return folds(Keys(events, events, None, None), spec, SplitSpec())


@st.composite
def outcomes(draw: st.DrawFn) -> tuple[NDArray[np.int_], FoldsSpec]:
    """Outcomes in any order with at least as many rows of each class as there are folds."""
    spec = FoldsSpec(count=draw(st.integers(2, 6)), seed=draw(st.integers(0, 1000)))
    classes = [0] * draw(st.integers(spec.count, 40)) + [1] * draw(st.integers(spec.count, 40))
    return np.array(draw(st.permutations(classes))), spec


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
    with pytest.raises(DataError, match="cannot be divided into 3 folds"):
        stratified_folds(np.array([0, 1, 0, 1]), FoldsSpec(count=3))


def test_the_folds_id_names_split_scheme_gap_count_and_seed() -> None:
    spec, split = FoldsSpec(count=3, seed=42), SplitSpec()
    ids = [
        folds_id("a1", spec, split),
        folds_id("a2", spec, split),
        folds_id("a1", FoldsSpec(count=4), split),
        folds_id("a1", FoldsSpec(count=3, seed=1), split),
        folds_id("a1", spec, SplitSpec(scheme="grouped")),
        folds_id("a1", spec, SplitSpec(scheme="out_of_time", gap_days=30)),
    ]
    assert len(set(ids)) == len(ids)
    assert folds_id("a1", spec, split) == folds_id("a1", spec, SplitSpec(test_share=0.4, seed=1))


def test_a_manifest_names_the_scheme_that_made_it() -> None:
    spec = SplitSpec(scheme="out_of_time", test_from=dt.date(2024, 3, 1), gap_days=1.5)
    document = scheme_of({"parts": {}, **spec.model_dump(mode="json"), "split_id": "a1"})
    assert document == spec.model_dump(mode="json")
    assert SplitSpec.model_validate(document) == spec


@st.composite
def borrowers(draw: st.DrawFn) -> tuple[Keys, SplitSpec]:
    """Loans of 20 to 60 borrowers, of whom ten at least defaulted and ten did not."""
    count, events = draw(st.integers(20, 60)), draw(st.integers(10, 50))
    loans = draw(st.lists(st.integers(0, count - 1), min_size=0, max_size=60))
    group = np.array([*range(count), *loans])
    outcome = (group < min(events, count - 10)).astype(int)
    spec = SplitSpec(scheme="grouped", test_share=draw(st.sampled_from([0.2, 0.3, 0.5])), seed=draw(st.integers(0, 99)))
    return Keys(outcome, outcome, None, group), spec


@given(borrowers())
def test_no_borrower_stands_on_both_sides(drawn: tuple[Keys, SplitSpec]) -> None:
    keys, spec = drawn
    train, test = halves(keys, spec)
    assert shared_groups(keys, train, test) == 0
    assert sorted([*train, *test]) == list(range(len(keys.outcome)))
    for fitted, validated in folds(keys, FoldsSpec(count=5), spec):
        assert shared_groups(keys, fitted, validated) == 0


@given(borrowers())
def test_borrowers_who_defaulted_are_shared_out_evenly(drawn: tuple[Keys, SplitSpec]) -> None:
    keys, spec = drawn
    assert keys.group is not None
    _, test = halves(keys, spec)
    # A borrower with a default and a paid loan has defaulted.
    defaulted = np.unique(keys.group[keys.outcome == 1])
    never = np.setdiff1d(keys.group, defaulted)
    for borrowers_of_a_kind in (defaulted, never):
        in_test = np.intersect1d(borrowers_of_a_kind, keys.group[test])
        assert abs(len(in_test) - len(borrowers_of_a_kind) * spec.test_share) <= 1


def months(count: int, each: int = 4) -> Keys:
    """So many applications on the first of each month."""
    moments = pd.date_range("2023-01-01", periods=count, freq="MS").to_numpy("datetime64[us]")
    outcome = np.tile([0, 0, 0, 1], count * each // 4 + 1)[: count * each]
    return Keys(outcome, outcome, np.repeat(moments, each), None)


def test_out_of_time_tests_on_the_days_from_the_date_on() -> None:
    keys = months(12)
    train, test = halves(keys, SplitSpec(scheme="out_of_time", test_from=dt.date(2023, 10, 1)))
    assert keys.date is not None
    assert (len(train), len(test)) == (36, 12)
    assert keys.date[train].max() < np.datetime64("2023-10-01") <= keys.date[test].min()


def test_out_of_time_without_a_date_tests_on_the_latest_share_whole_moments_together() -> None:
    # A fifth of 48 rows begins inside October (rows 37 to 40): the test part starts with the whole of November.
    keys = months(12)
    train, test = halves(keys, SplitSpec(scheme="out_of_time", test_share=0.2))
    assert (len(train), len(test)) == (40, 8)


def test_the_gap_leaves_out_what_was_not_known_yet() -> None:
    keys = months(12)
    spec = SplitSpec(scheme="out_of_time", test_from=dt.date(2023, 10, 1), gap_days=60)
    train, test = halves(keys, spec)
    assert keys.date is not None
    # 60 days before the first of October is the second of August: August and September are left out.
    assert keys.date[train].max() == np.datetime64("2023-08-01")
    assert (len(train), len(test)) == (32, 12)


@given(st.integers(12, 40), st.integers(2, 5), st.sampled_from([0.0, 20.0, 40.0]))
def test_folds_by_time_look_forward_only(count: int, number: int, gap: float) -> None:
    keys, spec = months(count), SplitSpec(scheme="out_of_time", gap_days=gap)
    assert keys.date is not None
    made = folds(keys, FoldsSpec(count=number), spec)
    assert len(made) == number
    for fitted, validated in made:
        assert keys.date[validated].min() - keys.date[fitted].max() >= np.timedelta64(int(gap), "D")
    fitted_rows = [len(fitted) for fitted, _ in made]
    assert fitted_rows == sorted(fitted_rows)
    validated_rows = np.concatenate([validated for _, validated in made])
    assert len(validated_rows) == len(set(validated_rows))
    assert validated_rows.max() == len(keys.outcome) - 1


def test_a_table_of_one_day_cannot_be_split_by_time() -> None:
    keys = months(1)
    with pytest.raises(DataError, match="leaves one side empty"):
        halves(keys, SplitSpec(scheme="out_of_time"))
    with pytest.raises(DataError, match="cannot be divided into 5 folds"):
        folds(keys, FoldsSpec(count=5), SplitSpec(scheme="out_of_time"))


@pytest.mark.parametrize(("scheme", "role"), [("grouped", "group"), ("out_of_time", "date")])
def test_a_scheme_without_its_column_is_refused(scheme: SplitScheme, role: str) -> None:
    keys = Keys(np.array([0, 1]), np.array([0, 1]), None, None)
    with pytest.raises(DataError, match=f"no column of the role '{role}'"):
        halves(keys, SplitSpec(scheme=scheme))


def test_a_regression_is_divided_without_a_look_at_the_target() -> None:
    # With the same seed another target makes no other parts.
    first, second = np.arange(50.0), np.arange(50.0)[::-1]
    made = [halves(Keys(target, None, None, None), SplitSpec(scheme="random")) for target in (first, second)]
    assert np.array_equal(made[0][1], made[1][1])
    assert len(made[0][1]) == 10


@pytest.mark.parametrize(("scheme", "ratio"), [("random", 1 / 3), ("grouped", 1 / 3), ("out_of_time", 25 / 48)])
def test_the_ratio_of_held_out_rows_is_that_of_the_folds(scheme: SplitScheme, ratio: float) -> None:
    # By time four folds are fitted on 1, 2, 3, 4 blocks: (1 + 1/2 + 1/3 + 1/4) / 4 = 25/48.
    assert held_out_ratio(FoldsSpec(count=4), SplitSpec(scheme=scheme)) == pytest.approx(ratio)
    keys = Keys(np.arange(100.0), None, np.datetime64("2020-01-01", "us") + np.arange(100), np.arange(100))
    made = folds(keys, FoldsSpec(count=4), SplitSpec(scheme=scheme))
    assert np.mean([len(scored) / len(fitted) for fitted, scored in made]) == pytest.approx(ratio)
