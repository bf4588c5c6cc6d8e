import logging
import subprocess
import sys
import warnings
from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from optbinning import OptimalBinning

from credit_pipeline.modelling.features.binning import (
    MISSING,
    Bounds,
    best_cuts,
    join_categories,
    kinds,
    labels,
    optimal_splits,
    positions,
    single_cut,
)

Numbers = NDArray[np.float64]
Outcome = NDArray[np.int64]

# Intervals below 2, from 2 to below 5, from 5 on; then the codes -1 and 99; then missing.
SPLITS = np.array([2.0, 5.0])
CODES = (-1, 99)
NO_SPLITS = np.empty(0)

cuts = st.lists(st.integers(-20, 20), unique=True, max_size=6).map(lambda found: np.sort(np.array(found, dtype=float)))
numbers = st.lists(st.one_of(st.integers(-25, 25).map(float), st.floats(-25, 25), st.just(np.nan)), max_size=30)


@pytest.mark.parametrize(
    ("value", "position"),
    [(-np.inf, 0), (1.9, 0), (2, 1), (4.9, 1), (5, 2), (98.9, 2), (np.inf, 2), (-1, 3), (99, 4), (np.nan, 5)],
)
def test_intervals_come_first_then_codes_then_missing(value: float, position: int) -> None:
    assert positions(pd.Series([value]), SPLITS, CODES).tolist() == [position]


@given(numbers, cuts)
def test_a_number_lies_at_or_above_the_cut_below_it_and_below_the_cut_above(
    values: list[float], splits: Numbers
) -> None:
    edges = [-np.inf, *splits, np.inf]
    for value, position in zip(values, positions(pd.Series(values, dtype=float), splits, ()), strict=True):
        if np.isnan(value):
            assert position == len(splits) + 1
        else:
            assert edges[position] <= value < edges[position + 1]


@given(numbers, cuts, st.lists(st.integers(-25, 25), unique=True, max_size=3))
def test_codes_are_taken_out_of_the_intervals_and_leave_the_rest_alone(
    values: list[float], splits: Numbers, codes: list[int]
) -> None:
    series = pd.Series(values, dtype=float)
    own, plain = positions(series, splits, codes), positions(series, splits, ())
    for value, with_codes, without in zip(values, own, plain, strict=True):
        if value in codes:
            assert with_codes == len(splits) + 1 + codes.index(int(value))
        else:
            # Missing is behind the codes.
            assert with_codes == without + (len(codes) if np.isnan(value) else 0)


@given(numbers, cuts, st.lists(st.integers(-25, 25), unique=True, max_size=3))
def test_every_position_has_a_label(values: list[float], splits: Numbers, codes: list[int]) -> None:
    found = positions(pd.Series(values, dtype=float), splits, codes)
    assert len(found) == len(values)
    assert ((found >= 0) & (found < len(labels(splits, codes)))).all()


@given(numbers, cuts)
def test_the_place_of_a_value_is_its_own_affair(values: list[float], splits: Numbers) -> None:
    together = positions(pd.Series(values, dtype=float), splits, (3,))
    alone = [positions(pd.Series([value]), splits, (3,))[0] for value in values]
    assert together.tolist() == alone


def test_categories_are_codes_and_a_category_never_seen_falls_into_the_empty_interval() -> None:
    values = pd.Series(["own", "rent", "boat", None, "own"])
    assert positions(values, NO_SPLITS, ["own", "rent"]).tolist() == [1, 2, 0, 3, 1]


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_categories_of_any_dtype_have_the_same_bins(dtype: str) -> None:
    values = pd.Series(["own", "rent", "boat", None], dtype=dtype)  # type: ignore[call-overload]  # a dtype by its name
    assert positions(values, NO_SPLITS, ["own", "rent"]).tolist() == [1, 2, 0, 3]


@pytest.mark.parametrize("values", [["own", "rent", None], [True, False, None]], ids=["string", "boolean"])
def test_a_missing_value_that_is_pandas_own_is_missing(values: list[object]) -> None:
    nullable = pd.Series(values).convert_dtypes()
    assert nullable.iloc[-1] is pd.NA
    assert positions(nullable, NO_SPLITS, values[:2]).tolist() == [1, 2, 3]  # type: ignore[arg-type]  # booleans too


@pytest.mark.parametrize("dtype", ["float64", "Float64", "Int64", "int64[pyarrow]"])
def test_numbers_of_any_dtype_have_the_same_bins(dtype: str) -> None:
    values = pd.Series([1, 2, 99, None], dtype=float).astype(dtype)  # type: ignore[call-overload]  # a dtype by its name
    assert positions(values, SPLITS, CODES).tolist() == [0, 1, 4, 5]


def test_a_number_written_as_text_is_not_a_code() -> None:
    # 1.0 lies below 2, whatever the text "1" means; the text "1" is not the category 1.
    assert positions(pd.Series([1.0]), SPLITS, ["1"]).tolist() == [0]
    assert positions(pd.Series(["1"]), NO_SPLITS, [1]).tolist() == [0]


def test_the_index_of_the_values_does_not_matter() -> None:
    values = pd.Series([1.0, 3.0, np.nan], index=[7, 7, 0])
    assert positions(values, SPLITS, CODES).tolist() == [0, 1, 5]


def test_binning_changes_neither_values_nor_splits() -> None:
    values, splits = pd.Series([1.0, 3.0, -1.0, np.nan]), SPLITS.copy()
    before = values.copy(deep=True)
    positions(values, splits, CODES)
    pd.testing.assert_series_equal(values, before)
    assert splits.tolist() == SPLITS.tolist()


@pytest.mark.parametrize(
    ("splits", "codes", "expected"),
    [
        ([2, 5], [-1, 99], ["[-inf, 2)", "[2, 5)", "[5, inf)", "-1", "99", "missing"]),
        ([], [], ["[-inf, inf)", "missing"]),
        ([], ["own", "rent"], ["[-inf, inf)", "own", "rent", "missing"]),
        # Six figures: 1/3 and 20,000.5 are shortened, 0.25 is kept.
        (
            [0.25, 1 / 3, 20000.5],
            [],
            ["[-inf, 0.25)", "[0.25, 0.333333)", "[0.333333, 20000.5)", "[20000.5, inf)", MISSING],
        ),
    ],
)
def test_labels_show_the_edges_the_codes_and_missing(
    splits: list[float], codes: list[str], expected: list[str]
) -> None:
    assert labels(np.array(splits, dtype=float), codes) == expected


@given(cuts, st.lists(st.integers(), unique=True, max_size=4))
def test_bins_are_as_many_as_cuts_and_codes_and_two_more_and_none_has_another_s_name(
    splits: Numbers, codes: list[int]
) -> None:
    named = labels(splits, codes)
    assert len(named) == len(set(named)) == len(splits) + len(codes) + 2


@pytest.mark.parametrize(
    ("splits", "codes"),
    [([1_234_561.0, 1_234_562.0, 1_234_563.0], []), ([], ["missing"])],
    ids=["close cuts", "missing"],
)
def test_no_two_bins_have_one_name(splits: list[float], codes: list[str]) -> None:
    named = labels(np.array(splits), codes)
    assert len(named) == len(set(named))


def test_joined_codes_are_listed_together_at_the_place_of_the_first() -> None:
    # Positions: the interval, own, rent, boat, missing; boat is joined with own.
    named = labels(NO_SPLITS, ["own", "rent", "boat"], np.array([0, 1, 2, 1, 4]))
    assert [named[place] for place in (0, 1, 2, 4)] == ["[-inf, inf)", "own, boat", "rent", "missing"]


def test_a_code_with_a_comma_is_not_taken_for_two() -> None:
    assert labels(NO_SPLITS, ["own, rent", "own"])[1:3] == ["'own, rent'", "own"]


def test_bins_are_of_four_kinds() -> None:
    assert kinds(SPLITS, [-1, 7], {-1}) == ["interval", "interval", "interval", "special code", "category", "missing"]


def cut(values: Numbers, outcomes: Outcome, **bounds: object) -> list[float]:
    """Cut as a recipe does that asks for nothing."""
    usual = {"max_n_bins": 8, "min_bin_size": 0.02, "monotonic_trend": "auto_asc_desc", "time_limit": 10}
    return optimal_splits(values, outcomes, **(usual | bounds)).tolist()


def spread(events: Sequence[int], rows: int = 10) -> tuple[Numbers, Outcome]:
    """Values 0, 1, 2, ... of ``rows`` rows each, the first ``events`` of which default."""
    outcomes = [np.arange(rows) < number for number in events]
    return np.repeat(np.arange(float(len(events))), rows), np.concatenate(outcomes).astype(np.int64)


def rates(splits: Sequence[float], events: Sequence[int], rows: int = 10) -> list[float]:
    """Default rate of each interval of ``spread``."""
    places = [0, *(int(np.ceil(split)) for split in splits), len(events)]
    return [sum(events[lower:upper]) / (rows * (upper - lower)) for lower, upper in pairwise(places)]


def information(splits: Sequence[float], events: Sequence[int], rows: int = 10) -> float:
    """Information value of the intervals of ``spread``, by the formula."""
    places = [0, *(int(np.ceil(split)) for split in splits), len(events)]
    bad = np.array([sum(events[lower:upper]) for lower, upper in pairwise(places)])
    good = np.array([rows * (upper - lower) for lower, upper in pairwise(places)]) - bad
    good_share, bad_share = good / good.sum(), bad / bad.sum()
    return float(((good_share - bad_share) * np.log(good_share / bad_share)).sum())


def test_two_bins_are_parted_where_the_risk_steps() -> None:
    # Two of ten default at each value up to 4, six of ten from 5 on. Any other cut mixes both kinds in one bin, and the
    # information value, convex in the shares, is lower. The cut lies midway between 4 and 5.
    assert cut(*spread([2] * 5 + [6] * 5), max_n_bins=2) == [4.5]


def test_the_same_step_downwards_is_parted_at_the_same_place() -> None:
    assert cut(*spread([6] * 5 + [2] * 5), max_n_bins=2) == [4.5]


def test_a_single_cut_needs_more_than_chance() -> None:
    # Ten rows, five defaults, parted whole: chi-squared is 10 (5 x 10 - 5 x 5)^2 / (5 x 5 x 5 x 5) = 10 < 10.83; with
    # twelve it is 12.
    for rows, cuts in {10: [], 12: [5.5]}.items():
        assert single_cut(np.arange(float(rows)), np.repeat([0, 1], rows // 2), 0.02, "auto").tolist() == cuts


@pytest.mark.parametrize(("trend", "cuts"), [("ascending", [9.5]), ("descending", []), ("auto_asc_desc", [9.5])])
def test_a_single_cut_keeps_the_trend_that_is_asked(trend: str, cuts: list[float]) -> None:
    assert single_cut(np.arange(20.0), np.repeat([0, 1], 10), 0.02, trend).tolist() == cuts


def test_a_single_cut_leaves_the_share_asked_for_on_either_side() -> None:
    # The outcome changes at 3 of 30 rows; a fifth of the rows is 6.
    outcome = np.repeat([0, 1], [3, 27])
    assert single_cut(np.arange(30.0), outcome, 0.1, "auto").tolist() == [2.5]
    assert single_cut(np.arange(30.0), outcome, 0.2, "auto").tolist() == [5.5]


def test_a_single_cut_between_neighbouring_floats_parts_them() -> None:
    low, high = 1.0, float(np.nextafter(1.0, 2.0))
    cut_point = single_cut(np.repeat([low, high], 20), np.repeat([0, 1], 20), 0.02, "auto")
    assert positions(pd.Series([low, high]), cut_point, []).tolist() == [0, 1]


# Every value holds events and others, so that none is a bin of one kind.
some_events = st.lists(st.integers(1, 9), min_size=3, max_size=7)


@settings(max_examples=25)
@given(some_events, st.integers(2, 4))
def test_no_other_rising_bins_of_the_allowed_number_separate_more(events: list[int], most: int) -> None:
    found = cut(*spread(events), max_n_bins=most, monotonic_trend="ascending")
    between = np.arange(len(events) - 1) + 0.5
    candidates = [chosen for size in range(most) for chosen in combinations(between, size)]
    rising = [chosen for chosen in candidates if rates(chosen, events) == sorted(rates(chosen, events))]
    best = max(information(chosen, events) for chosen in rising)
    # OptBinning weighs in whole millionths.
    assert information(found, events) == pytest.approx(best, abs=1e-5)


@settings(max_examples=25)
@given(some_events, st.sampled_from(["ascending", "descending", "auto_asc_desc"]))
def test_the_default_rate_runs_one_way_as_it_was_asked(events: list[int], trend: str) -> None:
    found = rates(cut(*spread(events), monotonic_trend=trend), events)
    up, down = found == sorted(found), found == sorted(found, reverse=True)
    assert {"ascending": up, "descending": down, "auto_asc_desc": up or down}[trend]


@settings(max_examples=20)
@given(some_events, st.integers(2, 4), st.sampled_from([0.02, 0.25, 0.4]))
def test_bins_keep_to_their_number_and_share(events: list[int], most: int, share: float) -> None:
    values, outcomes = spread(events)
    splits = np.array(cut(values, outcomes, max_n_bins=most, min_bin_size=share))
    counts = np.bincount(positions(pd.Series(values), splits, ()))
    assert len(splits) < most
    assert len(counts) == 1 or counts.min() >= share * len(values)


def test_cuts_ascend_and_lie_within_the_values() -> None:
    generator = np.random.default_rng(3)
    values = generator.normal(size=600)
    outcomes = (generator.random(600) < 1 / (1 + np.exp(-values))).astype(np.int64)
    found = cut(values, outcomes)
    assert len(found) > 2
    assert found == sorted(set(found))
    assert values.min() < found[0] < found[-1] < values.max()


def test_the_same_rows_are_cut_at_the_same_places_in_any_order() -> None:
    values, outcomes = spread([1, 2, 2, 4, 5, 7])
    order = np.random.default_rng(1).permutation(len(values))
    assert cut(values, outcomes) == cut(values, outcomes) == cut(values[order], outcomes[order])


def test_cutting_changes_neither_values_nor_outcomes() -> None:
    values, outcomes = spread([1, 2, 2, 4, 5, 7])
    before = values.copy(), outcomes.copy()
    cut(values, outcomes)
    assert np.array_equal(values, before[0])
    assert np.array_equal(outcomes, before[1])


def test_what_optbinning_warns_of_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = OptimalBinning.fit

    def warn_and_fit(binning: OptimalBinning, *rows: object) -> OptimalBinning:
        warnings.warn("scikit-learn renames an argument", FutureWarning, stacklevel=2)
        return fit(binning, *rows)

    monkeypatch.setattr(OptimalBinning, "fit", warn_and_fit)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cut(*spread([1, 3, 6]))


def test_of_cvxpy_s_messages_the_one_of_the_solver_that_nothing_uses_is_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cut(*spread([1, 3, 6]))
    logger = logging.getLogger("__cvxpy__")
    logger.addHandler(caplog.handler)
    try:
        logger.warning("Encountered unexpected exception importing solver %s", "HIGHS")
        logger.warning("another message")
    finally:
        logger.removeHandler(caplog.handler)
    assert set(caplog.messages) == {"another message"}


def test_looking_up_needs_no_optbinning() -> None:
    program = (
        "import sys, numpy, pandas; from credit_pipeline.modelling.features import binning; "
        "binning.positions(pandas.Series([1.0]), numpy.array([0.5]), (1,)), binning.labels(numpy.array([0.5]), (1,)); "
        "print([name for name in ('optbinning', 'cvxpy', 'ortools') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


LOOSE = Bounds(most=8, fewest_rows=1, time_limit=10)


def counted(*bins: tuple[int, int]) -> tuple[NDArray[np.intp], Outcome]:
    """Positions 0, 1, 2, ... of so many rows and events each."""
    position = np.repeat(np.arange(len(bins)), [rows for rows, _ in bins])
    outcomes = np.concatenate([np.arange(rows) < events for rows, events in bins])
    return position, outcomes.astype(np.int64)


def test_categories_are_joined_by_their_default_rate_and_not_by_their_name() -> None:
    # Rates .1, .8, .1, .8 of 50 rows each: two bins hold all the information, and one more is not allowed.
    found = join_categories(*counted((50, 5), (50, 40), (50, 5), (50, 40)), np.arange(4), 4, Bounds(2, 1, 10))
    assert found.tolist() == [0, 1, 0, 1]


def test_a_category_too_small_for_a_bin_is_joined_with_the_neighbour_in_rank() -> None:
    # Rates .1, .5, .9 of 50 rows each and .45 of 11, which are fewer than 17.
    found = join_categories(*counted((50, 5), (11, 5), (50, 25), (50, 45)), np.arange(4), 4, Bounds(8, 17, 10))
    assert found.tolist() == [0, 1, 1, 3]


def test_positions_that_are_not_categories_keep_their_own_bin() -> None:
    # As above, between an empty interval and a code that is as risky as the last category, and before missing.
    rows = counted((0, 0), (50, 5), (11, 5), (50, 25), (50, 45), (9, 8), (3, 0))
    assert join_categories(*rows, np.arange(1, 5), 7, Bounds(8, 17, 10)).tolist() == [0, 1, 2, 2, 4, 5, 6]


def test_categories_stay_apart_where_no_cut_keeps_to_the_bounds() -> None:
    # A bin has 11 rows at least, the first category has 10.
    assert join_categories(*counted((10, 1), (11, 3)), np.arange(2), 2, Bounds(8, 11, 10)).tolist() == [0, 1]


@pytest.mark.parametrize("events", [0, 10])
def test_categories_of_one_outcome_stay_apart(events: int) -> None:
    assert join_categories(*counted((10, events), (10, events)), np.arange(2), 2, LOOSE).tolist() == [0, 1]


def test_nothing_is_cut_where_there_is_nothing_to_separate() -> None:
    numbers, outcomes = np.arange(20.0), np.repeat([0, 1], 10).astype(np.int64)
    assert best_cuts(numbers * 0, outcomes, "ascending", LOOSE).size == 0
    assert best_cuts(numbers, outcomes * 0, "ascending", LOOSE).size == 0
    assert best_cuts(numbers, outcomes, "descending", LOOSE).size == 0


@pytest.mark.parametrize(("fewest", "bins"), [(10, 2), (11, 1), (25, 1)])
def test_a_bin_has_the_fewest_rows_that_are_asked_for(fewest: int, bins: int) -> None:
    # Two values of ten rows each, two and seven of which default.
    assert len(best_cuts(*spread([2, 7]), "ascending", Bounds(8, fewest, 10))) == bins - 1


def test_where_optbinning_cuts_nothing_the_best_single_cut_is_taken() -> None:
    # OptBinning makes no bin of one outcome alone, and these two are such.
    numbers, outcomes = np.arange(20.0), np.repeat([0, 1], 10).astype(np.int64)
    assert optimal_splits(numbers, outcomes, monotonic_trend="ascending").size == 0
    assert best_cuts(numbers, outcomes, "ascending", LOOSE).tolist() == [9.5]
