"""Of characteristics that repeat each other the best is kept, and every dropped one is listed with the reason."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.modelling.features.characteristic_selection import find_repeats, table

WEIGHED = pd.DataFrame(
    {
        "a": [-1.0, -1.0, 1.0, 1.0],
        "b": [-2.0, -1.0, 1.0, 2.0],
        "c": [-1.0, 1.0, -1.0, 1.0],
        "d": [0.5, 0.5, -0.5, -0.5],
    }
)
INFORMATION = {"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.1}


def test_correlations_have_the_values_worked_out_by_hand() -> None:
    # All have mean 0. a and b: (2 + 1 + 1 + 2) / sqrt(4 * 10) = 0.949; b and c: (2 - 1 - 1 + 2) / sqrt(10 * 4) = 0.316.
    assert find_repeats(WEIGHED, INFORMATION, 0.94) == {"b": "correlation 0.95 with a", "d": "correlation -1.00 with a"}
    assert find_repeats(WEIGHED, INFORMATION, 0.95) == {"d": "correlation -1.00 with a"}
    assert find_repeats(WEIGHED, {**INFORMATION, "a": 0.0}, 0.3) == {
        "c": "correlation 0.32 with b",
        "d": "correlation -0.95 with b",
        "a": "correlation 0.95 with b",
    }


def test_what_was_dropped_drops_nothing() -> None:
    # c is near b (0.316) and far from a (0); b goes, so c stays.
    assert set(find_repeats(WEIGHED, INFORMATION, 0.3)) == {"b", "d"}


def test_nothing_is_dropped_at_one_even_of_copies() -> None:
    assert find_repeats(WEIGHED.assign(e=WEIGHED["a"]), {**INFORMATION, "e": 0.4}, 1.0) == {}


def test_of_copies_the_first_column_is_kept() -> None:
    copies = WEIGHED[["a"]].assign(e=WEIGHED["a"])
    assert find_repeats(copies, {"a": 0.4, "e": 0.4}, 0.99) == {"e": "correlation 1.00 with a"}


def test_what_does_not_vary_is_correlated_with_nothing() -> None:
    assert find_repeats(WEIGHED[["a"]].assign(still=0.7), {"a": 0.1, "still": 0.0}, 0.01) == {}


@pytest.mark.parametrize("maximum", [0.0, -1.0, 1.5, np.nan])
def test_a_maximum_outside_of_its_range_is_a_fault(maximum: float) -> None:
    with pytest.raises(ValueError, match="must be above 0 and at most 1"):
        find_repeats(WEIGHED, INFORMATION, maximum)


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.95))
def test_no_two_that_are_kept_are_correlated_more_and_each_dropped_one_is_with_a_better(
    seed: int, maximum: float
) -> None:
    generator = np.random.default_rng(seed)
    shared = generator.normal(size=(40, 1))
    weighed = pd.DataFrame(generator.normal(size=(40, 6)) + 2 * shared).rename(columns=str)
    information = dict(zip(weighed, generator.random(6).tolist(), strict=True))
    found, correlation = find_repeats(weighed, information, maximum), weighed.corr().abs()
    kept = [name for name in weighed if name not in found]
    among = correlation.loc[kept, kept].to_numpy()
    assert (among[~np.eye(len(kept), dtype=bool)] <= maximum + 1e-9).all()
    for name, reason in found.items():
        better = reason.rpartition(" ")[2]
        assert better in kept
        assert information[better] > information[name]
        assert correlation.loc[name, better] > maximum - 1e-9


def test_the_table_runs_by_falling_information_value() -> None:
    listed = table({"a": 0.1, "b": 0.3, "c": 0.3}, {"a": 2, "b": 5, "c": 3}, {"c": "correlation 0.95 with b"})
    assert listed.to_dict("list") == {
        "characteristic": ["b", "c", "a"],
        "bins": [5, 3, 2],
        "information_value": [0.3, 0.3, 0.1],
        "kept": [True, False, True],
        "reason": ["", "correlation 0.95 with b", ""],
    }
