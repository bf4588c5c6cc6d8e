from collections.abc import Callable, Sequence
from typing import Self

import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import validate_data

from credit_pipeline.errors import ConfigurationError, DataError
from credit_pipeline.modelling.features.row_features import RowFeatures
from credit_pipeline.use_cases.credit_cards import credit_card_features

CARD_FEATURES = "credit_pipeline.use_cases.credit_cards.credit_card_features"
STATUS = ["PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"]
BILLS = [f"BILL_AMT{month}" for month in range(1, 7)]
PAYMENTS = [f"PAY_AMT{month}" for month in range(1, 7)]
RAW = ["LIMIT_BAL", *STATUS, *BILLS, *PAYMENTS]


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


def test_row_features_puts_the_derived_columns_behind_the_raw_ones() -> None:
    made = RowFeatures(CARD_FEATURES).fit_transform(ACCOUNTS)
    pd.testing.assert_frame_equal(made[RAW], ACCOUNTS)
    pd.testing.assert_frame_equal(made.drop(columns=RAW), pd.DataFrame(credit_card_features(ACCOUNTS)))
    assert list(made)[: len(RAW)] == RAW


def test_row_features_takes_its_columns_in_the_models_order_and_no_others() -> None:
    table = ACCOUNTS.assign(name="Ada", default=1)
    made = RowFeatures(columns=["PAY_0", "LIMIT_BAL"]).fit_transform(table)
    pd.testing.assert_frame_equal(made, ACCOUNTS[["PAY_0", "LIMIT_BAL"]])
    reversed_table = table[table.columns[::-1]]
    pd.testing.assert_frame_equal(
        RowFeatures(CARD_FEATURES, RAW).fit_transform(reversed_table),
        RowFeatures(CARD_FEATURES).fit_transform(ACCOUNTS),
    )


def test_row_features_without_a_function_adds_nothing() -> None:
    pd.testing.assert_frame_equal(RowFeatures().fit_transform(ACCOUNTS), ACCOUNTS)


def test_row_features_learns_no_value() -> None:
    on_all, on_one = (RowFeatures(CARD_FEATURES, RAW).fit(table) for table in (ACCOUNTS, LATE * 7))
    unfitted = RowFeatures(CARD_FEATURES, RAW)
    for features in (on_one, unfitted):
        pd.testing.assert_frame_equal(features.transform(GROWING), on_all.transform(GROWING))


@pytest.mark.parametrize("method", ["fit", "transform", "fit_transform"])
def test_columns_that_are_missing_are_named_and_no_value_is(method: str) -> None:
    table = pd.DataFrame({"age": [31], "income": [4711]})
    with pytest.raises(DataError, match="lacks columns") as error:
        getattr(RowFeatures(columns=["age", "PAY_0", "PAY_2"]), method)(table)
    assert error.value.expected == "age, PAY_0, PAY_2"
    assert error.value.got == "no PAY_0, PAY_2"
    assert "4711" not in str(error.value)


def test_a_function_that_may_not_be_imported_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="may not be imported"):
        RowFeatures("os.system").fit_transform(ACCOUNTS)


def test_row_features_holds_the_path_and_no_code() -> None:
    copied = clone(RowFeatures(CARD_FEATURES, ["age"]))
    assert copied.get_params() == {"function": CARD_FEATURES, "columns": ["age"]}


class _OfArrays(RowFeatures):
    """Row features of the arrays that scikit-learn's checks are made of."""

    def fit(self, X: object, y: object = None) -> Self:
        super().fit(pd.DataFrame(validate_data(self, X)), y)
        del self.feature_names_in_  # an array has none
        return self

    def transform(self, X: object) -> pd.DataFrame:
        return super().transform(pd.DataFrame(validate_data(self, X, reset=False)))


EXPECTED = {
    "check_transformers_unfitted": "there is nothing to fit",
    "check_fit_check_is_fitted": "there is nothing to fit",
    "check_transformer_preserve_dtypes": "a table has one type a column",
}


@parametrize_with_checks([_OfArrays()], expected_failed_checks=lambda _: EXPECTED)
def test_row_features_is_a_scikit_learn_transformer(estimator: BaseEstimator, check: Callable[..., None]) -> None:
    check(estimator)
