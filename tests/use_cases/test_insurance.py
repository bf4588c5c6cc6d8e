import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from conftest import ROOT
from credit_pipeline.use_cases.insurance import OBESE, REGIONS, synthetic_charges
from use_case_run import Finished, UseCase

pytestmark = pytest.mark.takes_long

TABLE = ROOT / "data/01_raw/insurance.csv"
SMALL = {
    "models": {
        "random_forest": {"fixed": {"n_estimators": 20}, "search": {"space": {"max_features": [1.0]}}},
        "xgboost": {"fixed": {"n_estimators": 60}, "search": {"space": {"max_depth": [3]}}},
    }
}
PEOPLE = synthetic_charges(rows=20_000, seed=7)


def test_the_shipped_table_is_what_the_function_writes() -> None:
    assert TABLE.read_bytes() == synthetic_charges().to_csv(index=False, lineterminator="\n").encode()


def test_the_shipped_table_says_that_it_is_synthetic() -> None:
    attribution = (TABLE.parent / "README.md").read_text(encoding="utf-8")
    assert "`insurance.csv`: 1,338 rows x 7 columns, **synthetic**" in attribution


def test_columns_types_and_ranges_are_those_of_the_public_table() -> None:
    assert list(PEOPLE) == ["age", "sex", "bmi", "children", "smoker", "region", "charges"]
    assert PEOPLE.dtypes.astype(str).tolist() == ["int64", "str", "float64", "int64", "str", "str", "float64"]
    assert not PEOPLE.isna().any(axis=None)
    assert (PEOPLE["age"].min(), PEOPLE["age"].max()) == (18, 64)
    assert set(PEOPLE["children"]) == {0, 1, 2, 3, 4, 5}
    assert PEOPLE["bmi"].between(16, 53).all()
    assert PEOPLE["charges"].between(1_100, 64_000).all()
    assert set(PEOPLE["sex"]) == {"female", "male"}
    assert set(PEOPLE["region"]) == set(REGIONS)


def test_one_in_five_smokes() -> None:
    # four standard errors of a share of 0.2 among 20,000: 4 * sqrt(0.2 * 0.8 / 20000) = 0.0113
    assert (PEOPLE["smoker"] == "yes").mean() == pytest.approx(0.2, abs=0.0113)


def test_the_same_seed_draws_the_same_people_and_another_seed_others() -> None:
    pd.testing.assert_frame_equal(synthetic_charges(50, seed=3), synthetic_charges(50, seed=3), check_exact=True)
    assert not synthetic_charges(50, seed=3).equals(synthetic_charges(50, seed=4))


def test_obesity_is_dear_for_smokers_alone() -> None:
    dear = PEOPLE["bmi"] >= OBESE
    mean = PEOPLE.groupby(["smoker", dear])["charges"].mean()
    # smokers: a step of 11,500 and a slope of 650 over the 10.2 kg/m^2 between the means of the two groups
    slope = 650 * np.ptp(PEOPLE.groupby(dear)["bmi"].mean())
    assert mean["yes", True] - mean["yes", False] == pytest.approx(11_500 + slope, rel=0.05)
    assert mean["no", True] - mean["no", False] == pytest.approx(0, abs=400)


def test_charges_grow_faster_with_age_than_a_straight_line() -> None:
    median = PEOPLE[PEOPLE["smoker"] == "no"].groupby("age")["charges"].median()
    # from 20 to 40 years 3.2 * (1600 - 400) = 3,840; from 40 to 60 years 3.2 * (3600 - 1600) = 6,400
    assert median[60] - median[40] > 1.3 * (median[40] - median[20]) > 0


def test_a_few_claims_are_large() -> None:
    assert PEOPLE["charges"].skew() > 1.3
    assert PEOPLE["charges"].mean() > 1.3 * PEOPLE["charges"].median()


@pytest.mark.parametrize(
    ("regressor", "lowest", "highest"),
    [(LinearRegression(), 0.73, 0.77), (GradientBoostingRegressor(max_depth=3, learning_rate=0.05), 0.84, 0.88)],
    ids=["linear", "boosting"],
)
def test_a_good_regressor_explains_what_a_straight_line_cannot(
    regressor: LinearRegression | GradientBoostingRegressor, lowest: float, highest: float
) -> None:
    table = synthetic_charges()
    encoded = make_column_transformer(
        (OneHotEncoder(drop="first"), ["sex", "smoker", "region"]), remainder="passthrough"
    )
    folds = KFold(5, shuffle=True, random_state=42)
    model = make_pipeline(encoded, regressor)
    scores = cross_val_score(model, table.drop(columns="charges"), table["charges"], cv=folds, scoring="r2")
    assert lowest < scores.mean() < highest


class TestTheUseCase(UseCase):
    environment = "insurance"
    modules = ("insurance.py",)
    small = SMALL
    applicants = 1338
    metrics = ("r2", "mae", "rmse")

    def test_a_fifth_of_its_rows_is_the_test_part(self, ran: Finished) -> None:
        parts = ran.parts()
        assert (parts["train"]["rows"], parts["test"]["rows"]) == (1070, 268)
