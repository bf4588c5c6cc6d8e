from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from credit_pipeline.use_cases.loan_book import BLOCK, BORROWER, DATE, FEWEST_COLUMNS, IDENTIFIER, TARGET, LoanBook
from credit_pipeline.use_cases.loan_characteristics import CATEGORIES, FURTHER_MISSING, MISSING_SHARES, SPECIAL_CODES

BOOK = LoanBook()
ROWS = 100_000
DESIGN_EFFECT = 1.2  # loans of one borrower default together: the variance of a rate, over that of as many borrowers


@pytest.fixture(scope="module")
def loans() -> pd.DataFrame:
    return BOOK.table(ROWS)


def numbers(loans: pd.DataFrame) -> pd.DataFrame:
    return loans.drop(columns=[IDENTIFIER, BORROWER, DATE, TARGET]).select_dtypes("number")


def fitted(loans: pd.DataFrame) -> Pipeline:
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
    return model.fit(numbers(loans), loans[TARGET])


def area_under_the_curve(model: Pipeline, loans: pd.DataFrame) -> float:
    return float(roc_auc_score(loans[TARGET], model.decision_function(numbers(loans))))


def population_stability_index(before: pd.Series, after: pd.Series) -> float:
    edges = before.quantile(np.arange(1, 10) / 10)
    one, other = (share(np.digitize(part.dropna(), edges)) for part in (before, after))
    return float(((one - other) * np.log(one / other)).sum())


def share(deciles: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.bincount(deciles, minlength=10) / len(deciles)


def test_a_model_of_some_rows_scores_any_others_as_well() -> None:
    model = fitted(BOOK.table(40_000))
    others = {
        "a later chunk": BOOK.chunk(3, 40_000),
        "a small chunk far away": BOOK.chunk(100, 40_000),
        "other chunks": BOOK.table(160_000, chunk_rows=70_001).iloc[-60_000:],
        "more columns": LoanBook(columns=60).chunk(2, 40_000)[list(BOOK.table(1))],
    }
    found = [area_under_the_curve(model, loans) for loans in others.values()]
    # standard error of an AUC of 0.8 with 3,200 defaults: about sqrt(0.8 * 0.2 / 3200) * 0.6 = 0.004
    assert found == pytest.approx([np.mean(found)] * len(found), abs=0.01)
    assert 0.76 < np.mean(found) < 0.84


def test_a_model_of_one_seed_is_worse_on_the_population_of_another() -> None:
    model, other = fitted(BOOK.table(40_000)), LoanBook(seed=7).table(40_000)
    assert area_under_the_curve(model, other) < area_under_the_curve(fitted(other), LoanBook(seed=7).chunk(1, 40_000))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_seed_gives_a_population_that_a_model_can_separate(seed: int) -> None:
    book = LoanBook(seed=seed)
    assert 0.76 < area_under_the_curve(fitted(book.table(40_000)), book.chunk(1, 40_000)) < 0.84


@settings(max_examples=15)
@given(st.integers(1, 3 * BLOCK), st.integers(BLOCK // 4, 3 * BLOCK), st.integers(0, 2**32 - 1))
def test_rows_are_the_same_whatever_the_chunks(rows: int, chunk_rows: int, seed: int) -> None:
    book = LoanBook(columns=24, seed=seed)
    pd.testing.assert_frame_equal(book.table(rows, chunk_rows), book.table(3 * BLOCK).iloc[:rows], check_exact=True)


def test_a_chunk_depends_on_its_number_alone(loans: pd.DataFrame) -> None:
    for number, rows in [(0, 1), (7, 1_000), (3, 12_345), (1, BLOCK)]:
        part = loans.iloc[number * rows : (number + 1) * rows]
        pd.testing.assert_frame_equal(BOOK.chunk(number, rows), part, check_exact=True)


def test_chunks_follow_each_other_without_a_gap() -> None:
    chunks = list(BOOK.chunks(25_000, chunk_rows=10_000))
    assert [len(chunk) for chunk in chunks] == [10_000, 10_000, 5_000]
    assert np.concatenate([chunk[IDENTIFIER] for chunk in chunks]).tolist() == list(range(25_000))
    assert all(one.index[-1] + 1 == other.index[0] for one, other in pairwise(chunks))


def test_another_book_of_the_same_parameters_is_the_same(loans: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(LoanBook().table(BLOCK), loans.iloc[:BLOCK], check_exact=True)
    assert not LoanBook(seed=43).table(100)["income"].equals(loans["income"].iloc[:100])


@pytest.mark.parametrize("columns", [FEWEST_COLUMNS, 22, 40, 200])
def test_there_are_as_many_columns_as_asked_for(columns: int) -> None:
    assert LoanBook(columns=columns).table(10).shape == (10, columns)


def test_a_wider_book_begins_with_the_narrower_one(loans: pd.DataFrame) -> None:
    wide = LoanBook(columns=50).table(BLOCK)
    pd.testing.assert_frame_equal(wide[list(loans)], loans.iloc[:BLOCK], check_exact=True)


@pytest.mark.parametrize("default_rate", [0.01, 0.08, 0.5, 0.9])
def test_the_default_rate_is_hit_within_its_sampling_error(default_rate: float) -> None:
    rows = 200_000
    found = sum(chunk[TARGET].sum() for chunk in LoanBook(FEWEST_COLUMNS, default_rate).chunks(rows)) / rows
    standard_error = np.sqrt(DESIGN_EFFECT * default_rate * (1 - default_rate) / rows)
    assert found == pytest.approx(default_rate, abs=4 * standard_error)


def test_another_default_rate_leaves_the_characteristics_as_they_are(loans: pd.DataFrame) -> None:
    other = LoanBook(default_rate=0.3).table(BLOCK)
    pd.testing.assert_frame_equal(other.drop(columns=TARGET), loans.iloc[:BLOCK].drop(columns=TARGET))


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [("2018-01", 72, "2023-12-31"), ("2020-02", 1, "2020-02-29"), ("2019-11", 3, "2020-01-31")],
)
def test_applications_lie_on_every_day_of_the_months_and_on_no_other(first: str, months: int, last: str) -> None:
    dates = LoanBook(FEWEST_COLUMNS, first=first, months=months).table(50_000)[DATE]
    assert set(dates) == set(pd.date_range(f"{first}-01", last))


def test_debt_drifts_slowly(loans: pd.DataFrame) -> None:
    by_year = dict(list(loans.groupby(loans[DATE].dt.year)))
    # two normal distributions, 0.1 standard deviations a year apart, have a PSI of the square of their distance:
    # 0.01 from one year to the next and 0.25 over five; the noise of utilisation (variance 1.25) takes a fifth
    drift = [population_stability_index(by_year[2018]["utilisation"], by_year[year]["utilisation"]) for year in by_year]
    assert drift == sorted(drift)
    assert drift[1] == pytest.approx(0.008, abs=0.005)
    assert drift[5] == pytest.approx(0.2, abs=0.04)
    assert population_stability_index(by_year[2018]["savings_balance"], by_year[2023]["savings_balance"]) < 0.005


def test_the_default_rate_grows_with_the_debt(loans: pd.DataFrame) -> None:
    rates = loans.groupby(loans[DATE].dt.year)[TARGET].mean()
    assert rates[2023] > rates[2018] + 0.01


def test_channels_and_incomes_drift(loans: pd.DataFrame) -> None:
    years = loans.groupby(loans[DATE].dt.year)
    online = years["channel"].agg(lambda channel: (channel == "online").mean())
    # 20 % on the first day and 6 % more a year: 23 % in the middle of the first year, 53 % in the middle of the sixth
    assert online[[2018, 2023]].tolist() == pytest.approx([0.23, 0.53], abs=0.02)
    income = years["income"].median()
    assert np.log(income[2023] / income[2018]) == pytest.approx(5 * 0.025, abs=0.03)


def test_borrowers_have_several_loans(loans: pd.DataFrame) -> None:
    by_borrower = loans.groupby(BORROWER)
    # six in ten loans begin a borrower: 1 / 0.6 = 1.67 loans each
    assert by_borrower.size().mean() == pytest.approx(1 / 0.6, rel=0.01)
    assert len(loans[[BORROWER, "region"]].drop_duplicates()) == by_borrower.ngroups
    assert len(loans[[BORROWER, DATE]].drop_duplicates()) > 0.99 * len(loans)


def test_a_borrower_ages_with_the_calendar(loans: pd.DataFrame) -> None:
    years = (loans[DATE] - pd.Timestamp("2018-01-01")).dt.days / 365.25
    born = (years - loans["age"]).groupby(loans[BORROWER])
    ages = loans.groupby(BORROWER)["age"]
    in_between = (ages.min() > 18) & (ages.max() < 80)
    # whole years of age leave the birthday open by up to a year
    assert (born.max() - born.min())[in_between].max() < 1.001


def test_borrowers_who_defaulted_default_again(loans: pd.DataFrame) -> None:
    first = ~loans.duplicated(BORROWER)
    further = loans[~first]
    earlier = further[BORROWER].map(loans[first].set_index(BORROWER)[TARGET])
    again = further.groupby(earlier)[TARGET].mean()
    assert again[1] > 2 * again[0]


def test_types_are_those_of_a_loan_book(loans: pd.DataFrame) -> None:
    kinds = loans.dtypes.astype(str)
    assert kinds[[IDENTIFIER, BORROWER, TARGET, "age", "bureau_score"]].tolist() == ["int64"] * 5
    assert kinds[DATE] == "datetime64[us]"
    assert set(kinds[list(CATEGORIES)]) == {"str"}
    assert set(kinds[[*MISSING_SHARES, "characteristic_001"]]) == {"float64"}
    assert loans[IDENTIFIER].is_unique
    assert set(loans[TARGET]) == {0, 1}


@pytest.mark.parametrize(("first", "message"), [("2018", "'2018'"), ("2018-13", "'2018-13'"), ("soon", "'soon'")])
def test_a_first_month_that_is_not_a_month_is_refused(first: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"first: expected a month such as 2018-01, got {message}"):
        LoanBook(first=first)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"columns": 20}, "columns: expected 21 or more, got 20"),
        ({"default_rate": 0}, "default_rate: expected a number between 0 and 1, got 0"),
        ({"default_rate": 1}, "default_rate: expected a number between 0 and 1, got 1"),
        ({"seed": -1}, "seed: expected 0 or more, got -1"),
        ({"months": 0}, "months: expected 1 or more, got 0"),
    ],
)
def test_a_parameter_out_of_range_is_refused(parameters: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LoanBook(**parameters)


@pytest.mark.parametrize(("number", "rows"), [(-1, 10), (0, 0)])
def test_a_chunk_that_does_not_exist_is_refused(number: int, rows: int) -> None:
    with pytest.raises(ValueError, match=f"got number={number}, rows={rows}"):
        BOOK.chunk(number, rows)


@pytest.mark.parametrize(("rows", "chunk_rows"), [(0, 10), (10, 0)])
def test_a_table_without_rows_is_refused(rows: int, chunk_rows: int) -> None:
    with pytest.raises(ValueError, match=f"got rows={rows}, chunk_rows={chunk_rows}"):
        BOOK.table(rows, chunk_rows)


def test_missing_shares_are_as_documented(loans: pd.DataFrame) -> None:
    fourth = [f"characteristic_{number:03d}" for number in range(4, 21, 4)]
    expected = MISSING_SHARES | dict.fromkeys(fourth, FURTHER_MISSING)
    for name, found in loans.isna().mean().items():
        share_missing = expected.get(str(name), 0)
        assert found == pytest.approx(share_missing, abs=4 * np.sqrt(share_missing / ROWS)), name


def test_special_codes_stand_apart_from_measurements(loans: pd.DataFrame) -> None:
    for name, codes in SPECIAL_CODES.items():
        for code in codes:
            assert 0.01 < (loans[name] == code).mean() < 0.75, name
    assert loans["bureau_score"].drop(loans.index[loans["bureau_score"] == -1]).between(300, 850).all()
    assert (loans.loc[loans["months_since_delinquency"] != -1, "months_since_delinquency"] >= 0).all()
    retired = loans["months_employed"] == 999
    assert (loans.loc[retired, "age"] >= 65).all()
