import numpy as np
import pandas as pd
import pytest

from credit_pipeline.use_cases.loan_characteristics import (
    CATEGORIES,
    TERMS,
    draw_loadings,
    further_characteristics,
    named_characteristics,
)
from credit_pipeline.use_cases.loan_population import (
    AFFLUENCE,
    APPETITE,
    DEBT,
    DELINQUENCY,
    EXPERIENCE,
    STABILITY,
    Applicants,
    draw_applicants,
)

ROWS = 20_000
SIGNS = [
    ("age", EXPERIENCE, 1),
    ("income", AFFLUENCE, 1),
    ("loan_amount", APPETITE, 1),
    ("term_months", APPETITE, 1),
    ("debt_to_income", DEBT, 1),
    ("savings_balance", AFFLUENCE, 1),
    ("utilisation", DEBT, 1),
    ("delinquencies_24m", DELINQUENCY, 1),
    ("bureau_score", DELINQUENCY, -1),
    ("inquiries_6m", APPETITE, 1),
    ("open_accounts", APPETITE, 1),
    ("months_employed", STABILITY, 1),
]


@pytest.fixture(scope="module")
def applicants() -> Applicants:
    return draw_applicants(np.zeros(ROWS), np.arange(ROWS), np.random.default_rng(1))


@pytest.fixture(scope="module")
def measured(applicants: Applicants) -> pd.DataFrame:
    return pd.DataFrame(named_characteristics(applicants, np.random.default_rng(2)))


@pytest.mark.parametrize(("name", "factor", "sign"), SIGNS, ids=[name for name, _, _ in SIGNS])
def test_a_characteristic_depends_on_its_factor(
    name: str, factor: int, sign: int, measured: pd.DataFrame, applicants: Applicants
) -> None:
    known = ~measured[name].isin([-1, 999])
    correlation = measured[name][known].corr(pd.Series(applicants.factors[:, factor])[known], method="spearman")
    assert sign * correlation > 0.25


def test_tenants_are_the_least_settled(measured: pd.DataFrame, applicants: Applicants) -> None:
    settled = pd.Series(applicants.factors[:, STABILITY]).groupby(measured["home_ownership"]).mean()
    assert settled["rent"] < settled["mortgage"] < settled["own"]


def test_delinquencies_in_24_months_happened_in_24_months(measured: pd.DataFrame) -> None:
    late = measured["delinquencies_24m"] > 0
    assert measured.loc[late, "months_since_delinquency"].between(0, 24).all()
    assert not measured.loc[~late, "months_since_delinquency"].between(0, 23).any()


def test_nobody_has_worked_since_before_turning_sixteen(measured: pd.DataFrame) -> None:
    at_work = measured[measured["months_employed"].notna() & (measured["months_employed"] != 999)]
    assert (at_work["months_employed"] <= 12 * (at_work["age"] + 1 - 16)).all()


def test_texts_and_terms_are_those_listed(measured: pd.DataFrame) -> None:
    assert {name: set(measured[name]) for name in CATEGORIES} == {
        name: set(texts) for name, texts in CATEGORIES.items()
    }
    assert set(measured["term_months"]) == set(TERMS)


def test_further_characteristics_are_informative_or_noise_by_their_loading(applicants: Applicants) -> None:
    loadings = draw_loadings(9, np.random.default_rng(3))
    assert np.linalg.norm(loadings, axis=1) == pytest.approx([0, 0.6, 0.6] * 3)
    columns = pd.DataFrame(further_characteristics(applicants, loadings, np.random.default_rng(4)))
    mixtures = pd.DataFrame(applicants.factors @ loadings.T, columns=columns.columns)
    # a mixture of length 0.6 and noise of 0.8 make one: their correlation is 0.6
    straight = columns["characteristic_003"].corr(mixtures["characteristic_003"])
    assert straight == pytest.approx(0.6, abs=0.02)
    useless = [columns["characteristic_001"].corr(pd.Series(factor)) for factor in applicants.factors.T]
    assert useless == pytest.approx([0] * 6, abs=4 / np.sqrt(ROWS))
    assert (columns["characteristic_002"] > 0).all()
    assert columns["characteristic_002"].skew() > 1


def test_more_loadings_begin_with_the_fewer() -> None:
    few, many = (draw_loadings(count, np.random.default_rng(3)) for count in (4, 9))
    assert np.array_equal(few, many[:4])


def test_no_further_characteristics_are_no_columns(applicants: Applicants) -> None:
    loadings = draw_loadings(0, np.random.default_rng(3))
    assert further_characteristics(applicants, loadings, np.random.default_rng(4)) == {}
