import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from credit_pipeline.modelling.scoring.population_stability import (
    population_stability_index,
    population_stability_table,
    quantile_cuts,
    stability_parts,
)

NUMBERS = st.lists(st.none() | st.integers(-5, 5).map(float) | st.floats(-1e6, 1e6), min_size=1, max_size=40)
CATEGORIES = st.lists(st.none() | st.sampled_from(["own", "rent", "free"]), min_size=1, max_size=40)
COUNTS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=12).filter(
    lambda bins: all(sum(side) for side in zip(*bins, strict=True))
)


@given(NUMBERS)
def test_psi_is_zero_for_identical_samples(sample: list[float | None]) -> None:
    numbers = pd.Series(sample, dtype=float)
    assert population_stability_index(numbers, numbers) == 0.0
    assert population_stability_index(numbers, numbers, categorical=True) == 0.0


@given(NUMBERS, NUMBERS)
def test_every_row_is_in_one_bin_and_no_bin_takes_from_the_index(
    expected: list[float | None], actual: list[float | None]
) -> None:
    table = population_stability_table(pd.Series(expected, dtype=float), pd.Series(actual, dtype=float))
    assert (table["expected_count"].sum(), table["actual_count"].sum()) == (len(expected), len(actual))
    assert table[["expected_share", "actual_share"]].sum().to_list() == pytest.approx([1, 1])
    assert (table["population_stability_index"] >= 0).all()


@given(COUNTS)
def test_psi_is_symmetric_in_the_samples(bins: list[tuple[int, int]]) -> None:
    expected, actual = np.array(bins).T
    assert stability_parts(expected, actual) == pytest.approx(stability_parts(actual, expected), abs=1e-12)


@given(CATEGORIES, CATEGORIES)
def test_psi_of_categories_is_symmetric(expected: list[str | None], actual: list[str | None]) -> None:
    there = population_stability_index(expected, actual, categorical=True)
    back = population_stability_index(actual, expected, categorical=True)
    assert there == pytest.approx(back, abs=1e-12)


@given(COUNTS.filter(lambda bins: all(count > 0 for pair in bins for count in pair)))
def test_psi_of_filled_bins_is_the_divergence_that_scipy_has_in_both_directions(bins: list[tuple[int, int]]) -> None:
    expected, actual = np.array(bins).T
    both = entropy(expected, actual) + entropy(actual, expected)
    assert stability_parts(expected, actual).sum() == pytest.approx(both, abs=1e-12)


def test_a_worked_example_has_its_index_by_bin() -> None:
    # Ten bins of 10 expected rows 0 to 99; of 20 actual rows 12 lie in the first bin and 8 in the last, none between:
    # (0.6 - 0.1) ln 6 and (0.4 - 0.1) ln 4, and for each of the eight empty bins (0 - 0.1) ln((0.5 / 20) / 0.1).
    table = population_stability_table(np.arange(100), [5] * 12 + [95] * 8)
    first, *between, last = table["population_stability_index"]
    assert table["expected_count"].to_list() == [10] * 10
    assert (first, last) == pytest.approx((0.5 * math.log(6), 0.3 * math.log(4)))
    assert between == pytest.approx([0.1 * math.log(4)] * 8)
    total = 0.5 * math.log(6) + 0.3 * math.log(4) + 0.8 * math.log(4)
    assert population_stability_index(np.arange(100), [5] * 12 + [95] * 8) == pytest.approx(total)


def test_the_index_of_one_population_is_as_small_as_its_distribution_says() -> None:
    # Its mean is (10 - 1)(1 / 2000 + 1 / 1000) = 0.0135, its standard deviation 0.0135 sqrt(2 / 9) = 0.0064;
    # of 100 samples the mean lies within four of its standard errors 0.00064.
    generator = np.random.default_rng(1)
    drawn = [population_stability_index(generator.random(2000), generator.random(1000)) for _ in range(100)]
    assert np.mean(drawn) == pytest.approx(0.0135, abs=4 * 0.00064)


def test_missing_values_are_a_bin_of_their_own() -> None:
    # Halves of the expected rows are missing, of the actual ones three quarters.
    table = population_stability_table([1, 2, np.nan, np.nan], [1, np.nan, np.nan, np.nan], bins=1)
    assert table["bin"].to_list() == ["[-inf, inf)", "missing"]
    expected = [0.25 * math.log(2), 0.25 * math.log(1.5)]
    assert table["population_stability_index"].to_list() == pytest.approx(expected)


def test_ties_share_a_bin() -> None:
    table = population_stability_table([0] * 6 + [1, 2, 3, 4], [0, 4])
    assert table[["bin", "expected_count", "actual_count"]].to_numpy().tolist() == [
        ["[-inf, 1)", 6, 1],
        ["[1, 2)", 1, 0],
        ["[2, 3)", 1, 0],
        ["[3, 4)", 1, 0],
        ["[4, inf)", 1, 1],
    ]


def test_numbers_beyond_the_expected_ones_fall_into_the_outer_bins() -> None:
    table = population_stability_table([1.0, 2.0, 3.0], [-1e9, 1e9, 1e9], bins=3)
    assert table["actual_count"].to_list() == [1, 0, 2]


def test_a_characteristic_that_was_constant_can_still_drift() -> None:
    assert population_stability_index([0.0] * 100, [0.0] * 50 + [7.0] * 50) > 1
    assert population_stability_index([np.nan] * 100, [np.nan] * 50 + [7.0] * 50) > 1


def test_a_category_of_one_sample_only_is_a_bin() -> None:
    table = population_stability_table(["a", "a", "b", "b"], ["a", "a", "c", None], categorical=True)
    assert table["bin"].to_list() == ["a", "b", "c", "missing"]
    assert table["expected_count"].to_list() == [2, 2, 0, 0]
    assert table["actual_count"].to_list() == [2, 0, 1, 1]
    # Half a row where there is none: 0.5 ln(0.5 / 0.125) and twice 0.25 ln(0.25 / 0.125).
    expected = [0, 0.5 * math.log(4), 0.25 * math.log(2), 0.25 * math.log(2)]
    assert table["population_stability_index"].to_list() == pytest.approx(expected)


def test_a_bin_of_next_to_nothing_that_a_small_sample_leaves_empty_is_no_drift() -> None:
    # Half a row of 10 is a greater share than 1 of 10,001.
    assert stability_parts([10_000, 1], [10, 0]).tolist() == pytest.approx([0, 0], abs=1e-7)


def test_whole_numbers_with_gaps_are_numbers() -> None:
    expected = pd.Series([1, 2, 3, None], dtype="Int64")
    assert population_stability_index(expected, expected.astype(float)) == 0.0


def test_what_cannot_be_compared_is_refused_with_its_reason() -> None:
    with pytest.raises(ValueError, match="the actual sample has no rows"):
        population_stability_index([1.0], [])
    with pytest.raises(ValueError, match="at least one bin is needed, got 0"):
        population_stability_index([1.0, 2.0], [1.0], bins=0)
    with pytest.raises(ValueError, match=r"quantile bins need numbers, got (object|str); use categorical=True"):
        population_stability_index(["a", "b"], ["a"])


def test_the_samples_are_left_as_they_were() -> None:
    expected, actual = pd.Series([2.0, None, 1.0]), pd.Series([3.0])
    population_stability_table(expected, actual)
    assert expected.equals(pd.Series([2.0, None, 1.0]))
    assert actual.equals(pd.Series([3.0]))


def test_cuts_are_numbers_of_the_sample_and_the_lowest_is_none() -> None:
    assert quantile_cuts(np.array([3.0, 1.0, 2.0, 1.0]), 4).tolist() == [2.0, 3.0]
    assert quantile_cuts(np.array([1.0, 1.0]), 10).tolist() == []
