"""The columns of the synthetic loan book: how a lender sees the latent factors of an application."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from credit_pipeline.use_cases.loan_population import (
    AFFLUENCE,
    APPETITE,
    DEBT,
    DELINQUENCY,
    EXPERIENCE,
    FACTORS,
    STABILITY,
    Applicants,
)

Floats = NDArray[np.float64]
Numbers = Floats | NDArray[np.int64]
Column = Numbers | pd.api.extensions.ExtensionArray

TERMS = (12, 24, 36, 48, 60, 72)
CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "purpose": ("medical", "education", "home_improvement", "car", "debt_consolidation", "other"),
    "home_ownership": ("rent", "mortgage", "own"),
    "region": ("north", "south", "east", "west", "centre"),
    "channel": ("branch", "broker", "online"),
}
SPECIAL_CODES: Mapping[str, Mapping[int, str]] = {
    "months_since_delinquency": {-1: "never delinquent"},
    "bureau_score": {-1: "no credit file"},
    "months_employed": {999: "retired"},
}
MISSING_SHARES: Mapping[str, float] = {
    "income": 0.05,
    "utilisation": 0.03,
    "months_employed": 0.08,
    "savings_balance": 0.15,
}
FURTHER_MISSING = 0.1  # in every fourth further characteristic
INCOME_GROWTH = 0.025  # a year
ONLINE_AT_FIRST, ONLINE_GROWTH = 0.2, 0.06  # share on the first day, and how much it gains a year

_NEVER, _NO_FILE, _RETIRED, _RETIREMENT = -1, -1, 999, 65
_REMEMBERED = 60  # months
_LEAST_KNOWN = -2.6  # 3 % of a normal distribution with variance 2 lie below
_INFORMATIVE = 3  # two of three further characteristics are informative
_SKEWED, _WITH_GAPS = 2, 4  # every second, every fourth


def named_characteristics(applicants: Applicants, generator: np.random.Generator) -> dict[str, Column]:
    """Measure the characteristics with names that lenders use.

    Parameters
    ----------
    applicants
        Factors of each application.
    generator
        Source of the errors of measurement.

    Returns
    -------
    dict
        Arrays of shape (rows,) by name. Counts of years, months and pieces are int64, or float64 where some are missing
        (``MISSING_SHARES``, at random); the rest are float64, or texts as ``CATEGORIES``. ``SPECIAL_CODES`` are not
        measurements.
    """
    rows = len(applicants.years)
    age = _age(applicants)
    numbers: dict[str, Numbers] = {
        "age": age.astype(np.int64),
        **_loan_and_means(applicants, generator),
        **_credit_file(applicants, generator),
        "months_employed": _months_employed(applicants, age, generator),
    }
    for name, share in MISSING_SHARES.items():
        numbers[name] = np.where(generator.random(rows) < share, np.nan, numbers[name])
    return {**numbers, **_categories(applicants, generator)}


def _age(applicants: Applicants) -> Floats:
    """Return ages that rise from the borrower's first row, so that a borrower ages but the population does not."""
    since = applicants.years - applicants.years[applicants.first_loan]
    return np.clip(42 + 11 * applicants.factors[:, EXPERIENCE] + since, 18, 80)


def _loan_and_means(applicants: Applicants, generator: np.random.Generator) -> dict[str, Numbers]:
    factors, rows = applicants.factors.T, len(applicants.years)
    income = 10.4 + 0.45 * factors[AFFLUENCE] + INCOME_GROWTH * applicants.years
    amount = 9.2 + 0.35 * factors[AFFLUENCE] + 0.45 * factors[APPETITE]
    savings = 7.5 + 0.9 * factors[AFFLUENCE] + 0.4 * factors[STABILITY]
    term = factors[APPETITE] + generator.standard_normal(rows)
    burden = 0.35 + 0.12 * factors[DEBT] - 0.03 * factors[AFFLUENCE]
    return {
        "income": np.exp(income + 0.15 * generator.standard_normal(rows)).round(2),
        "loan_amount": np.clip(np.exp(amount + 0.3 * generator.standard_normal(rows)).round(-2), 500, 200_000),
        "term_months": np.array(TERMS)[np.digitize(term, [-1.8, -0.7, 0.3, 1.2, 2.0])],
        "debt_to_income": np.clip(burden + 0.06 * generator.standard_normal(rows), 0, 2).round(4),
        "savings_balance": np.exp(savings + 0.7 * generator.standard_normal(rows)).round(2),
    }


def _credit_file(applicants: Applicants, generator: np.random.Generator) -> dict[str, Numbers]:
    factors, rows = applicants.factors.T, len(applicants.years)
    late = factors[DELINQUENCY] + 0.4 * generator.standard_normal(rows)
    months = np.clip(24 + 60 * (1 - late), 0, None)  # a delinquency counts in 24 months from late = 1 on
    score = 650 + np.array([-45, -50, 0, 20, 30, 0]) @ factors + 30 * generator.standard_normal(rows)
    known = factors[EXPERIENCE] + generator.standard_normal(rows) > _LEAST_KNOWN
    asked = 0.6 * factors[APPETITE] + 0.6 * generator.standard_normal(rows) - 0.3
    accounts = 1.6 + 0.25 * factors[EXPERIENCE] + 0.3 * factors[APPETITE] + 0.3 * generator.standard_normal(rows)
    return {
        "utilisation": expit(factors[DEBT] + 0.5 * generator.standard_normal(rows) - 0.4).round(4),
        "delinquencies_24m": np.where(late >= 1, np.exp(0.9 * (late - 1)), 0).clip(0, 24).astype(np.int64),
        "months_since_delinquency": np.where(months > _REMEMBERED, _NEVER, months).astype(np.int64),
        "bureau_score": np.where(known, np.clip(score, 300, 850), _NO_FILE).astype(np.int64),
        "inquiries_6m": np.exp(asked).clip(0, 20).astype(np.int64),
        "open_accounts": np.exp(accounts).astype(np.int64),
    }


def _months_employed(applicants: Applicants, age: Floats, generator: np.random.Generator) -> NDArray[np.int64]:
    spread = 0.4 * generator.standard_normal(len(age))
    months = np.exp(3.8 + 0.7 * applicants.factors[:, STABILITY] + spread)
    worked = np.minimum(months, 12 * (age - 16))
    return np.where(age >= _RETIREMENT, _RETIRED, worked).astype(np.int64)


def _categories(applicants: Applicants, generator: np.random.Generator) -> dict[str, Column]:
    factors, rows = applicants.factors.T, len(applicants.years)
    settled = factors[STABILITY] + 0.5 * factors[EXPERIENCE] + 0.7 * generator.standard_normal(rows)
    home = generator.random(rows)[applicants.first_loan]
    online = ONLINE_AT_FIRST + ONLINE_GROWTH * applicants.years
    offline = np.digitize(generator.random(rows), [0.7])
    positions = {
        "purpose": np.digitize(generator.random(rows), [0.05, 0.1, 0.25, 0.45, 0.9]),
        "home_ownership": np.digitize(settled, [-0.3, 1.0]),
        "region": np.digitize(home, [0.2, 0.4, 0.6, 0.8]),
        "channel": np.where(generator.random(rows) < online, 2, offline),
    }
    return {name: _texts(CATEGORIES[name], position) for name, position in positions.items()}


def _texts(names: Sequence[str], positions: NDArray[np.intp]) -> pd.api.extensions.ExtensionArray:
    return pd.Series(names, dtype="str").array.take(positions)


def draw_loadings(count: int, generator: np.random.Generator) -> Floats:
    """Draw how further characteristics depend on the factors.

    Parameters
    ----------
    count
        Number of characteristics.
    generator
        Source of the draw. A longer draw begins with the shorter one.

    Returns
    -------
    numpy.ndarray
        Shape (count, 6): rows of length 0.6. Every third is zero: a characteristic without information.

    Examples
    --------
    >>> draw_loadings(4, np.random.default_rng(1)).any(axis=1).tolist()
    [False, True, True, False]
    """
    directions = generator.standard_normal((count, len(FACTORS)))
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    informative = (np.arange(count) % _INFORMATIVE > 0)[:, None]
    return np.asarray(0.6 * informative * directions / lengths, dtype=np.float64)


def further_characteristics(
    applicants: Applicants, loadings: Floats, generator: np.random.Generator
) -> dict[str, Column]:
    """Measure characteristics without a name: mixtures of the factors with a loading, and noise.

    Parameters
    ----------
    applicants
        Factors of each application.
    loadings
        Shape (count, 6), from ``draw_loadings``.
    generator
        Source of the noise.

    Returns
    -------
    dict
        Float64 arrays of shape (rows,) named ``characteristic_001`` and so on. Every second is skewed, and of every
        fourth one value in ten is missing.
    """
    mixtures = loadings @ applicants.factors.T
    return {
        f"characteristic_{number:03d}": _measured(mixture, number, generator)
        for number, mixture in enumerate(mixtures, start=1)
    }


def _measured(mixture: Floats, number: int, generator: np.random.Generator) -> Floats:
    values = mixture + 0.8 * generator.standard_normal(len(mixture))
    shaped = np.exp(values) if number % _SKEWED == 0 else values
    gaps = generator.random(len(mixture)) < FURTHER_MISSING * (number % _WITH_GAPS == 0)
    return np.where(gaps, np.nan, shaped.round(4))
