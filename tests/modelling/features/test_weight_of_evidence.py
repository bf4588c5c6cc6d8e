from collections.abc import Callable
from functools import cache
from math import log
from typing import Self

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from optbinning import OptimalBinning
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.utils import Tags
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import check_is_fitted, validate_data

from credit_pipeline.modelling.features.weight_of_evidence import WeightOfEvidence

Outcome = NDArray[np.int_]


# Payers and defaults by housing: own 6 and 2, rent 3 and 4, unknown 1 and 2; 10 and 8 in all.
HOUSING = pd.DataFrame({"housing": ["own"] * 8 + ["rent"] * 7 + [None] * 3})
HOUSED = np.array([0] * 6 + [1] * 2 + [0] * 3 + [1] * 4 + [0] * 1 + [1] * 2)
OWN, RENT, UNKNOWN = log(6 / 10 / (2 / 8)), log(3 / 10 / (4 / 8)), log(1 / 10 / (2 / 8))


@cache
def housing() -> WeightOfEvidence:
    return WeightOfEvidence(categorical=["housing"]).fit(HOUSING, HOUSED)


def test_categories_and_missing_values_weigh_what_was_worked_out_by_hand() -> None:
    weighed = housing().transform(HOUSING)["housing"]
    assert weighed.to_numpy() == pytest.approx([OWN] * 8 + [RENT] * 7 + [UNKNOWN] * 3, rel=1e-12)
    assert OWN > 0 > RENT > UNKNOWN


def test_a_category_never_seen_weighs_nothing() -> None:
    assert housing().transform(pd.DataFrame({"housing": ["boat", "", "Own"]}))["housing"].tolist() == [0, 0, 0]


def test_a_value_missing_for_the_first_time_weighs_nothing() -> None:
    known = HOUSING.notna().to_numpy().ravel()
    fitted = WeightOfEvidence(categorical=["housing"]).fit(HOUSING[known], HOUSED[known])
    assert fitted.transform(HOUSING)["housing"].tolist()[-3:] == [0, 0, 0]


def test_categories_may_be_whole_numbers() -> None:
    codes = pd.DataFrame({"housing": HOUSING["housing"].map({"own": 2.0, "rent": 7.0})})
    fitted = WeightOfEvidence(categorical=["housing"]).fit(codes, HOUSED)
    weighed = fitted.transform(pd.DataFrame({"housing": [2, 7, 3, np.nan]}))["housing"]
    assert weighed.to_numpy() == pytest.approx([OWN, RENT, 0, UNKNOWN])


def test_the_table_lists_every_bin() -> None:
    table = housing().table()
    assert table.to_dict("list") == {
        "characteristic": ["housing"] * 3,
        "bin": ["own", "rent", "missing"],
        "kind": ["category", "category", "missing"],
        "count": [8, 7, 3],
        "events": [2, 4, 2],
        "event_rate": [2 / 8, 4 / 7, 2 / 3],
        "weight_of_evidence": pytest.approx([OWN, RENT, UNKNOWN]),
        "information_value": pytest.approx(
            [(6 / 10 - 2 / 8) * OWN, (3 / 10 - 4 / 8) * RENT, (1 / 10 - 2 / 8) * UNKNOWN]
        ),
    }


# Rows and defaults by purpose: car 40 and 10, boat 4 and 1, rent 40 and 30, debt 5 and 4; the code "?" 6 and 3, missing
# 5 and 1. A tenth of the 100 rows is 10: boat and debt have fewer, and are as risky as car and rent are.
PURPOSES = {"car": (40, 10), "boat": (4, 1), "rent": (40, 30), "debt": (5, 4), "?": (6, 3), None: (5, 1)}
PURPOSE = pd.DataFrame({"purpose": [name for name, (rows, _) in PURPOSES.items() for _ in range(rows)]})
ASKED = np.concatenate([np.arange(rows) < events for rows, events in PURPOSES.values()]).astype(int)


def purposes(**settings: object) -> WeightOfEvidence:
    """Bin the purposes, a tenth of the rows a bin."""
    asked = {"minimum_bin_share": 0.1, "special_codes": {"purpose": ["?"]}, **settings}
    return WeightOfEvidence(categorical=["purpose"], **asked).fit(PURPOSE, ASKED)  # type: ignore[arg-type]


def test_rare_categories_share_a_bin_with_those_that_are_as_risky() -> None:
    table = purposes().table()
    # In the order of the codes: "?", boat, car, debt, rent. 49 defaults and 51 payers in all.
    assert table["bin"].tolist() == ["?", "boat, car", "debt, rent", "missing"]
    assert table["kind"].tolist() == ["special code", "category", "category", "missing"]
    assert table[["count", "events"]].to_numpy().tolist() == [[6, 3], [44, 11], [45, 34], [5, 1]]
    weights = [log(3 / 51 / (3 / 49)), log(33 / 51 / (11 / 49)), log(11 / 51 / (34 / 49)), log(4 / 51 / (1 / 49))]
    assert table["weight_of_evidence"].to_numpy() == pytest.approx(weights, rel=1e-12)


def test_joined_categories_weigh_what_their_bin_weighs_and_one_never_seen_nothing() -> None:
    asked = pd.DataFrame({"purpose": ["car", "boat", "debt", "rent", "?", None, "boat, car"]})
    safe, risky, code, missing = log(33 / 51 / (11 / 49)), log(11 / 51 / (34 / 49)), log(49 / 51), log(4 * 49 / 51)
    expected = [safe, safe, risky, risky, code, missing, 0]
    assert purposes().transform(asked)["purpose"].to_numpy() == pytest.approx(expected, rel=1e-12)


def test_categories_keep_to_the_number_of_bins() -> None:
    # Without bounds on the rows each of five whose risks differ has its bin; three bins at most leave those between.
    rates = {"a": 5, "b": 20, "c": 40, "d": 60, "e": 85}
    table = pd.DataFrame({"grade": np.repeat(list(rates), 100)})
    outcome = np.concatenate([np.arange(100) < events for events in rates.values()]).astype(int)
    for most in (5, 3):
        bins = WeightOfEvidence(categorical=["grade"], max_bins=most).fit(table, outcome).table()
        assert len(bins) == most
        assert ", ".join(bins["bin"]) == "a, b, c, d, e"


def test_a_special_code_of_a_category_is_never_joined() -> None:
    # Without a special meaning "?" is as good as any: half of its 6 rows default, between the safe and the risky.
    assert "?" in purposes().table()["bin"].tolist()
    assert "?" not in purposes(special_codes=None).table()["bin"].tolist()


counted = st.tuples(st.integers(0, 60), st.floats(0, 1)).map(lambda drawn: (drawn[0], round(drawn[0] * drawn[1])))


@settings(max_examples=25)
@given(st.lists(counted, min_size=2, max_size=9), counted, counted, st.sampled_from([0.02, 0.1, 0.3]))
def test_every_row_is_in_one_bin_and_none_of_joined_categories_is_small(
    categories: list[tuple[int, int]], code: tuple[int, int], missing: tuple[int, int], share: float
) -> None:
    named = {**{f"c{place}": found for place, found in enumerate(categories)}, "?": code, None: missing}
    assume(sum(rows > 0 for rows, _ in named.values()) > 1)
    values = pd.DataFrame({"purpose": pd.Series([name for name in named for _ in range(named[name][0])], dtype=object)})
    outcome = np.concatenate([np.arange(rows) < events for rows, events in named.values()]).astype(int)
    # Half a row in the place of none may take information away where there is hardly a row.
    bounds = {"minimum_bin_share": share, "minimum_information_value": -np.inf}
    found = WeightOfEvidence(categorical=["purpose"], special_codes={"purpose": ["?"]}, **bounds)
    table = found.fit(values, outcome).table()
    assert table[["count", "events"]].sum().tolist() == [len(outcome), outcome.sum()]
    bins = table[table["kind"] == "category"]
    seen = [name for name, (rows, _) in named.items() if rows and name not in ("?", None)]
    assert sorted(", ".join(bins["bin"]).split(", ")) == sorted(seen) or not seen
    assert len(bins) == len(seen) or bins["count"].min() >= share * len(outcome)
    order = np.random.default_rng(0).permutation(len(outcome))
    shuffled = clone(found).fit(values.iloc[order], outcome[order])
    pd.testing.assert_frame_equal(shuffled.transform(values), found.transform(values), check_exact=True)


def _accounts(rows: int = 1500) -> tuple[pd.DataFrame, Outcome]:
    """Invented accounts: delay is risky, income safe, noise has no information; -1 and missing have their own risk."""
    generator = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "delay": generator.integers(-1, 6, rows),
            "income": np.where(generator.random(rows) < 0.1, np.nan, generator.lognormal(10, 0.6, rows)),
            "noise": generator.normal(size=rows),
            "constant": 1.0,
        }
    )
    risk = 0.1 + 0.08 * table["delay"].clip(lower=0) + 0.3 * (table["delay"] == -1) + 0.3 * (table["income"] < 20_000)
    return table, (generator.random(rows) < np.where(table["income"].isna(), 0.8, risk)).astype(int)


ACCOUNTS, DEFAULTED = _accounts()


def fitted(**settings: object) -> WeightOfEvidence:
    return WeightOfEvidence(special_codes={"delay": (-1,)}, **settings).fit(ACCOUNTS, DEFAULTED)  # type: ignore[arg-type]


@cache
def accounts() -> WeightOfEvidence:
    return fitted(minimum_information_value=0.02)


def expected_weight(rows: "pd.Series[bool]") -> float:
    """Weight of evidence of some of the accounts, by the formula."""
    outcome = DEFAULTED[rows.to_numpy()]
    good, bad = (outcome == 0).sum() / (DEFAULTED == 0).sum(), (outcome == 1).sum() / (DEFAULTED == 1).sum()
    return float(np.log(good / bad))


@pytest.mark.parametrize("name", ["delay", "income"])
def test_each_bin_of_a_number_weighs_what_the_formula_gives_for_its_rows(name: str) -> None:
    weighed = accounts().transform(ACCOUNTS)[name]
    assert weighed.nunique() > 2
    for weight in weighed.unique():
        assert weight == pytest.approx(expected_weight(weighed == weight), rel=1e-9)


def test_a_risky_number_weighs_less_the_larger_it_is_and_a_safe_one_more() -> None:
    weighed = accounts().transform(ACCOUNTS)
    delay = weighed["delay"].groupby(ACCOUNTS["delay"]).first().loc[0:]
    assert delay.is_monotonic_decreasing
    assert delay.iloc[0] > 0 > delay.iloc[-1]
    assert weighed["income"].groupby(ACCOUNTS["income"]).first().is_monotonic_increasing


def test_defaults_weigh_less_than_payers() -> None:
    weighed = accounts().transform(ACCOUNTS)
    assert (weighed[DEFAULTED == 1].mean() < weighed[DEFAULTED == 0].mean()).all()


def test_special_codes_and_missing_values_have_bins_of_their_own() -> None:
    weighed = accounts().transform(ACCOUNTS)
    paid, unknown = ACCOUNTS["delay"] == -1, ACCOUNTS["income"].isna()
    assert weighed["delay"][paid].unique() == pytest.approx([expected_weight(paid)])
    assert weighed["income"][unknown].unique() == pytest.approx([expected_weight(unknown)])
    # -1 is riskier than no delay at all: it is not a small number.
    assert weighed["delay"][paid].iloc[0] < weighed["delay"][ACCOUNTS["delay"] == 0].iloc[0]


def test_a_code_or_missing_value_never_seen_weighs_nothing() -> None:
    some = ACCOUNTS["income"].notna() & (ACCOUNTS["delay"] != -1)
    known = WeightOfEvidence(special_codes={"delay": (-1,)}).fit(ACCOUNTS[some], DEFAULTED[some])
    strange = known.transform(pd.DataFrame({"delay": [-1, np.nan], "income": np.nan, "noise": 0.0, "constant": 1.0}))
    assert strange[["delay", "income"]].to_numpy().tolist() == [[0, 0], [0, 0]]


def test_a_number_beyond_all_that_were_seen_falls_into_the_outermost_bin() -> None:
    edges = ACCOUNTS["income"].agg(["min", "max"]).to_numpy()
    table = pd.DataFrame({"delay": 0, "income": [*edges, -np.inf, np.inf], "noise": 0.0})
    lowest, highest, below, above = accounts().transform(table)["income"]
    assert (below, above) == (lowest, highest)
    assert lowest != highest


def test_a_value_on_the_cut_belongs_to_the_bin_above() -> None:
    split = accounts().splits_["income"][0]
    below, on, above = accounts().transform(
        pd.DataFrame({"delay": 0, "income": [np.nextafter(split, 0), split, np.nextafter(split, np.inf)]})
    )["income"]
    assert below < on == above


def test_numbers_weigh_what_optbinning_gives_them() -> None:
    ordinary = ACCOUNTS["income"].dropna()
    outcome = DEFAULTED[ordinary.index]
    binning = OptimalBinning(
        max_n_prebins=20, min_prebin_size=0.02, max_n_bins=8, min_bin_size=0.02, monotonic_trend="auto_asc_desc"
    ).fit(ordinary.to_numpy(), outcome)
    table = ordinary.to_frame()
    found = WeightOfEvidence().fit(table, outcome)
    assert found.splits_["income"].tolist() == binning.splits.tolist()
    assert found.transform(table)["income"].to_numpy() == pytest.approx(
        binning.transform(ordinary.to_numpy(), metric="woe")
    )


def test_what_has_too_little_information_is_dropped_with_its_reason() -> None:
    found = accounts()
    assert found.kept_ == ["delay", "income"] == list(found.get_feature_names_out())
    assert list(found.transform(ACCOUNTS)) == ["delay", "income"]
    assert set(found.dropped_) == {"noise", "constant"}
    assert found.dropped_["constant"] == "one bin: one value"
    assert float(found.dropped_["noise"].removeprefix("information value ")) < 0.02


def test_the_information_value_in_the_table_decides() -> None:
    by_name = accounts().table().groupby("characteristic")["information_value"].sum()
    between = float(by_name.sort_values().mean())
    assert fitted(minimum_information_value=between).kept_ == [by_name.idxmax()]


def test_a_characteristic_of_one_bin_is_dropped_even_if_nothing_is_asked_of_it() -> None:
    assert "constant" in fitted().dropped_


def test_a_number_that_predicts_the_outcome_by_itself_has_two_bins() -> None:
    # Half a row is used for the payers above 0.5 and for the defaults below.
    outcome = np.repeat([0, 1], [60, 40])
    table = pd.DataFrame({"perfect": outcome.astype(float), "opposite": -outcome.astype(float)})
    found = WeightOfEvidence().fit(table, outcome)
    assert {name: cuts.tolist() for name, cuts in found.splits_.items()} == {"perfect": [0.5], "opposite": [-0.5]}
    weights = [log(60 / 60 / (0.5 / 40)), log(0.5 / 60 / (40 / 40))]
    assert found.transform(table)["perfect"].to_numpy() == pytest.approx(np.repeat(weights, [60, 40]), rel=1e-12)


def test_a_characteristic_of_one_bin_is_dropped_with_the_reason_why_there_is_one() -> None:
    outcome = np.repeat([0, 1], [60, 40])
    columns = {
        "perfect": outcome.astype(float),
        "wrong": outcome.astype(float),
        "empty": np.nan,
        "coded": -1.0,
        "unnamed": pd.Series([None] * 100, dtype="str"),
    }
    woe = WeightOfEvidence(categorical=["unnamed"], special_codes={"coded": [-1]}, direction={"wrong": -1})
    found = woe.fit(pd.DataFrame(columns), outcome)
    assert found.dropped_ == {
        "wrong": "one bin: no cut with the requested trend is better than chance",
        "empty": "one bin: all missing",
        "coded": "one bin: one value",
        "unnamed": "one bin: all missing",
    }


def test_what_was_dropped_keeps_its_information_value_and_bins() -> None:
    found = accounts()
    values = found.table().groupby("characteristic")["information_value"].sum()
    assert {name: found.information_values_[name] for name in found.kept_} == pytest.approx(values.to_dict())
    assert found.dropped_["noise"] == f"information value {found.information_values_['noise']:.4f}"
    assert found.bin_counts_["constant"] == 1
    assert found.bin_counts_["delay"] == (found.table()["characteristic"] == "delay").sum()


def test_every_characteristic_is_listed_with_the_reason_why_it_was_dropped() -> None:
    found = accounts()
    listed = found.selection()
    assert sorted(listed["characteristic"]) == sorted(ACCOUNTS)
    assert listed["information_value"].is_monotonic_decreasing
    assert listed.set_index("characteristic")["kept"].to_dict() == {name: name in found.kept_ for name in ACCOUNTS}
    assert {
        row["characteristic"]: row["reason"] for row in listed.to_dict("records") if not row["kept"]
    } == found.dropped_
    assert set(listed.loc[listed["kept"], "reason"]) == {""}


def _echoed() -> pd.DataFrame:
    """Accounts with a second income that is coarser and has less information."""
    return ACCOUNTS[["income", "delay"]].assign(rounded=(ACCOUNTS["income"] // 15_000).clip(upper=1))


def test_of_two_that_say_the_same_the_better_one_is_kept() -> None:
    loose, strict = (WeightOfEvidence(maximum_correlation=most).fit(_echoed(), DEFAULTED) for most in (1.0, 0.5))
    assert loose.dropped_ == {}
    weighed = loose.transform(_echoed())
    correlation = np.corrcoef(weighed["income"], weighed["rounded"])[0, 1]
    assert correlation > 0.5
    assert strict.dropped_ == {"rounded": f"correlation {correlation:.2f} with income"}
    assert strict.kept_ == ["income", "delay"] == list(strict.transform(_echoed()))
    pd.testing.assert_frame_equal(strict.transform(_echoed()), weighed[strict.kept_], check_exact=True)
    assert set(strict.table()["characteristic"]) == {"income", "delay"}
    assert strict.information_values_ == loose.information_values_


@pytest.mark.parametrize("most", [0.0, -0.1, 1.1, np.nan])
def test_a_correlation_outside_of_its_range_is_a_fault(most: float) -> None:
    with pytest.raises(ValueError, match="maximum_correlation must be above 0 and at most 1"):
        WeightOfEvidence(maximum_correlation=most).fit(ACCOUNTS, DEFAULTED)


def test_nothing_left_is_a_fault() -> None:
    with pytest.raises(ValueError, match="no characteristic has two bins and enough information value"):
        fitted(minimum_information_value=5)


def test_characteristics_of_one_bin_are_not_reported_as_too_little_information() -> None:
    with pytest.raises(ValueError, match="no characteristic has") as error:
        WeightOfEvidence().fit(ACCOUNTS[["constant"]], DEFAULTED)
    assert "information value of 0 or more" not in str(error.value)


@pytest.mark.parametrize(("bins_at_most", "share"), [(2, 0.02), (8, 0.3)])
def test_bins_keep_to_their_number_and_to_their_share_of_the_rows(bins_at_most: int, share: float) -> None:
    table = fitted(max_bins=bins_at_most, minimum_bin_share=share).table()
    intervals = table[table["bin"].str.startswith("[") & (table["characteristic"] == "income")]
    assert 1 < len(intervals) <= bins_at_most
    assert (intervals["count"] >= share * len(ACCOUNTS)).all()


def test_a_share_of_the_rows_is_one_of_all_rows_special_codes_too() -> None:
    # Of 100 rows 80 have a special code; of the rest ten each have 1 and 2, which is 0.1 of all and 0.5 of the rest.
    table = pd.DataFrame({"delay": np.repeat([-1, 1, 2], [80, 10, 10])})
    outcome = np.concatenate([np.arange(rows) < events for rows, events in [(80, 10), (10, 2), (10, 7)]]).astype(int)
    for share, bins in {0.1: ["[-inf, 1.5)", "[1.5, inf)", "-1"], 0.11: ["[-inf, inf)", "-1"]}.items():
        woe = WeightOfEvidence(special_codes={"delay": [-1]}, minimum_bin_share=share)
        assert woe.fit(table, outcome).table()["bin"].tolist() == bins


def test_a_trend_that_is_asked_for_is_kept() -> None:
    # Against the data: the default rate falls with the income, so an ascending one leaves nothing to cut.
    table = ACCOUNTS[["delay", "income"]]
    found = WeightOfEvidence(monotonic_trend="ascending").fit(table, DEFAULTED)
    assert found.splits_["income"].size == 0
    assert WeightOfEvidence(monotonic_trend="descending").fit(table, DEFAULTED).splits_["income"].size > 0


def test_every_row_and_event_is_in_one_bin_of_the_table() -> None:
    totals = accounts().table().groupby("characteristic")[["count", "events"]].sum()
    assert totals.to_numpy().tolist() == [[len(ACCOUNTS), DEFAULTED.sum()]] * 2


def test_the_table_names_intervals_then_codes_then_missing() -> None:
    table = accounts().table()
    delay, income = (table.loc[table["characteristic"] == name, "bin"].tolist() for name in ("delay", "income"))
    assert delay[0].startswith("[-inf, ")
    assert delay[-2].endswith(", inf)")
    assert delay[-1] == "-1"
    assert income[-2].endswith(", inf)")
    assert income[-1] == "missing"


def test_the_order_of_the_rows_does_not_change_the_bins() -> None:
    order = np.random.default_rng(1).permutation(len(ACCOUNTS))
    shuffled = clone(accounts()).fit(ACCOUNTS.iloc[order], DEFAULTED[order])
    pd.testing.assert_frame_equal(shuffled.table(), accounts().table(), check_exact=True)


def test_fitting_again_gives_the_same_bins_and_forgets_the_old_ones() -> None:
    found = WeightOfEvidence(categorical=["housing"]).fit(HOUSING, HOUSED)
    again = found.set_params(categorical=(), special_codes={"delay": (-1,)}, minimum_information_value=0.02)
    pd.testing.assert_frame_equal(again.fit(ACCOUNTS, DEFAULTED).table(), accounts().table(), check_exact=True)


def test_a_row_alone_weighs_what_it_weighs_among_others() -> None:
    among = accounts().transform(ACCOUNTS)
    for place in range(0, len(ACCOUNTS), 100):
        alone = accounts().transform(ACCOUNTS.iloc[[place]])
        pd.testing.assert_frame_equal(alone, among.iloc[[place]], check_exact=True)


def test_transforming_needs_the_kept_characteristics_alone_and_keeps_the_index() -> None:
    kept = ACCOUNTS[["income", "delay"]].set_axis(ACCOUNTS.index + 900)
    weighed = accounts().transform(kept)
    assert weighed.index.equals(kept.index)
    assert np.array_equal(weighed, accounts().transform(ACCOUNTS))


def test_nothing_is_changed_in_the_table_or_the_outcome() -> None:
    table, outcome = ACCOUNTS.copy(deep=True), DEFAULTED.copy()
    fitted().transform(table)
    pd.testing.assert_frame_equal(ACCOUNTS, table)
    assert np.array_equal(DEFAULTED, outcome)


def test_transforming_without_fitting_is_a_fault() -> None:
    with pytest.raises(NotFittedError):
        WeightOfEvidence().transform(ACCOUNTS)


def test_columns_may_be_numbered() -> None:
    table = ACCOUNTS[["income"]].set_axis([0], axis="columns")
    assert len(WeightOfEvidence().fit(table, DEFAULTED).transform(table)) == len(table)


class _OfArrays(WeightOfEvidence):
    """Weight of evidence of the arrays that scikit-learn's checks are made of.

    Their few rows of noise leave nothing to bin: seven copies of them do, with an outcome that goes by the first
    column in five.
    """

    def fit(self, X: object, y: ArrayLike | None = None) -> Self:
        checked, _ = validate_data(self, X, y, ensure_min_samples=2)
        first = checked[:, 0].astype(float)
        risky = first > np.median(first)
        super().fit(_named(np.concatenate([checked] * 7)), np.concatenate([risky] * 5 + [~risky] * 2))
        del self.feature_names_in_  # an array has none
        return self

    def transform(self, X: object) -> NDArray[np.float64]:
        check_is_fitted(self)
        return super().transform(_named(validate_data(self, X, reset=False))).to_numpy()  # type: ignore[no-any-return]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


def _named(array: NDArray[np.float64]) -> pd.DataFrame:
    return pd.DataFrame(array).rename(columns=str)


@parametrize_with_checks([_OfArrays()])
def test_weight_of_evidence_is_a_scikit_learn_transformer(estimator: BaseEstimator, check: Callable[..., None]) -> None:
    check(estimator)
