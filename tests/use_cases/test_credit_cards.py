from collections.abc import Sequence
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.use_cases.credit_cards import credit_card_features

CARD_FEATURES = "credit_pipeline.use_cases.credit_cards.credit_card_features"
STATUS = ["PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"]
BILLS = [f"BILL_AMT{month}" for month in range(1, 7)]
PAYMENTS = [f"PAY_AMT{month}" for month in range(1, 7)]
RAW = ["LIMIT_BAL", *STATUS, *BILLS, *PAYMENTS]
RATIOS = [
    "utilisation_latest",
    "utilisation_mean",
    "utilisation_maximum",
    "utilisation_trend",
    "share_of_bill_paid_latest",
    "share_of_bill_paid_mean",
    "paid_over_limit",
    "largest_payment_over_limit",
]

money = st.integers(-10_000, 1_000_000)
accounts = st.tuples(
    st.integers(1_000, 1_000_000),
    *[st.integers(-2, 9)] * 6,
    *[money] * 6,
    *[st.integers(0, 100_000)] * 6,
)
tables = st.lists(accounts, min_size=1, max_size=12).map(lambda rows: pd.DataFrame(rows, columns=RAW))


def account(limit: float, status: Sequence[int], bills: Sequence[float], payments: Sequence[float]) -> pd.DataFrame:
    """One account, latest month first."""
    return pd.DataFrame([[limit, *status, *bills, *payments]], columns=RAW)


# The debt grows by 100 a month; the latest delays are one and four months ago.
GROWING = account(1000, [0, 2, -1, -2, 3, -2], [500, 400, 300, 200, 100, 0], [100, 150, 300, 0, 50, 20])
# Never used; 50 were paid in excess in the latest month.
UNUSED = account(2000, [-2] * 6, [-50, 0, 0, 0, 0, 0], [0] * 6)
# At the limit, and late since last month.
LATE = account(900, [3, 1, 0, 0, 0, 0], [900] * 6, [0] * 6)
ACCOUNTS = pd.concat([GROWING, UNUSED, LATE], ignore_index=True)


def features_of(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(credit_card_features(table), index=table.index)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("utilisation_latest", [0.5, -0.025, 1.0]),
        # Of the first account 1.5 in six months; of the second the latest month alone.
        ("utilisation_mean", [0.25, -0.025 / 6, 1.0]),
        ("utilisation_maximum", [0.5, 0.0, 1.0]),
        # A tenth of the limit a month. Centred months 2.5 ... -2.5 have the squares' sum 17.5: 2.5 * -0.025 / 17.5.
        ("utilisation_trend", [0.1, -0.0625 / 17.5, 0.0]),
        # 100 of the 400 billed before; no bill; nothing of 900.
        ("share_of_bill_paid_latest", [0.25, np.nan, 0.0]),
        # (100/400 + 150/300 + 300/200 taken as 1 + 0/100) / 4, the fifth bill is 0
        ("share_of_bill_paid_mean", [0.4375, np.nan, 0.0]),
        ("months_in_arrears", [2, 0, 2]),
        ("latest_delay", [0, 0, 3]),
        ("worst_delay", [3, 0, 3]),
        # From two months of delay to none; none; from one to three.
        ("recent_worsening", [-2, 0, 2]),
        ("months_since_arrears", [1, 6, 0]),
        # Payments of 620 in all, 300 at most, for a limit of 1000.
        ("paid_over_limit", [0.62, 0.0, 0.0]),
        ("largest_payment_over_limit", [0.3, 0.0, 0.0]),
        ("months_without_payment", [1, 6, 6]),
        ("months_without_consumption", [2, 6, 0]),
        ("headroom", [500, 2050, 0]),
    ],
)
def test_features_have_the_values_worked_out_by_hand(name: str, values: list[float]) -> None:
    found = features_of(ACCOUNTS)[name]
    assert found.to_numpy() == pytest.approx(values, rel=1e-12, abs=1e-15, nan_ok=True)


def test_every_feature_is_a_float_and_has_a_value_worked_out_by_hand() -> None:
    found = features_of(ACCOUNTS)
    assert set(found.dtypes) == {np.dtype(np.float64)}
    assert found.shape == (3, 16)
    assert not set(found) & set(RAW)


@given(tables)
def test_a_row_alone_has_the_features_that_it_has_among_others(table: pd.DataFrame) -> None:
    among = features_of(table)
    for place in range(len(table)):
        alone = features_of(table.iloc[[place]])
        pd.testing.assert_frame_equal(alone, among.iloc[[place]], check_exact=True)


@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_does_not_matter(table: pd.DataFrame, random: Random) -> None:
    rows, names = random.sample(range(len(table)), len(table)), random.sample(RAW, len(RAW))
    shuffled = features_of(table.iloc[rows][names])
    pd.testing.assert_frame_equal(shuffled, features_of(table).iloc[rows], check_exact=True)


@given(tables)
def test_the_trend_is_the_slope_of_a_least_squares_line(table: pd.DataFrame) -> None:
    share = table[BILLS].to_numpy() / table[["LIMIT_BAL"]].to_numpy()
    slopes = np.polyfit(np.arange(-1, -7, -1), share.T, deg=1)[0]
    assert features_of(table)["utilisation_trend"].to_numpy() == pytest.approx(slopes, rel=1e-9, abs=1e-9)


@given(tables)
def test_in_another_currency_the_ratios_stay_and_the_headroom_is_converted(table: pd.DataFrame) -> None:
    # Twice the numbers: exact in binary.
    doubled = table.assign(**{name: table[name] * 2 for name in ["LIMIT_BAL", *BILLS, *PAYMENTS]})
    one, other = features_of(table), features_of(doubled)
    pd.testing.assert_frame_equal(other[RATIOS], one[RATIOS], check_exact=True)
    assert other["headroom"].tolist() == (2 * one["headroom"]).tolist()


@given(tables)
def test_features_stay_in_their_ranges(table: pd.DataFrame) -> None:
    found = features_of(table)
    shares = found[["share_of_bill_paid_latest", "share_of_bill_paid_mean"]].to_numpy()
    assert ((shares >= 0) & (shares <= 1) | np.isnan(shares)).all()
    assert found.filter(regex="^months_").isin(range(7)).all(axis=None)
    assert (found["utilisation_maximum"] >= found["utilisation_mean"] - 1e-12).all()
    assert (found["worst_delay"] >= found["latest_delay"]).all()
    assert ((found["months_in_arrears"] == 0) == (found["months_since_arrears"] == 6)).all()


def test_a_share_is_missing_only_where_no_bill_was_above_zero() -> None:
    # The bill before is 0, the third month's is 300, of which 150 were paid.
    found = features_of(account(1000, [0] * 6, [500, 0, 300, 0, -20, 0], [100, 150, 9, 9, 9, 9]))
    assert found["share_of_bill_paid_latest"].isna().all()
    assert found["share_of_bill_paid_mean"].tolist() == [0.5]


def test_the_index_is_kept_and_the_table_left_as_it_was() -> None:
    table = ACCOUNTS.set_axis(["a", "b", "c"])
    before = table.copy(deep=True)
    assert features_of(table).index.tolist() == ["a", "b", "c"]
    pd.testing.assert_frame_equal(table, before)


def test_no_rows_give_no_rows() -> None:
    assert features_of(ACCOUNTS.head(0)).shape == (0, 16)


def test_columns_as_arrays_give_what_a_table_gives() -> None:
    arrays = {name: ACCOUNTS[name].to_numpy() for name in RAW}
    found = credit_card_features(arrays)
    assert all(isinstance(values, np.ndarray) for values in found.values())
    pd.testing.assert_frame_equal(pd.DataFrame(found), features_of(ACCOUNTS), check_exact=True)
