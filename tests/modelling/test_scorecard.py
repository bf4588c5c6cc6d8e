"""Points add up to the score, and the score to the probability."""

from math import log

import numpy as np
import pandas as pd
import pytest

from credit_pipeline.modelling.scorecard import OTHERWISE, is_scorecard, points_table, score
from credit_pipeline.modelling.scorecard_regression import ScorecardRegression
from credit_pipeline.modelling.weight_of_evidence import WeightOfEvidence
from credit_pipeline.spec import PointsSpec

SCALING = PointsSpec(points_to_double_the_odds=20, base_odds=50, base_points=600)


def applicants() -> tuple[pd.DataFrame, np.ndarray]:
    generator = np.random.default_rng(1)
    delay, housing = generator.integers(0, 6, 4_000).astype(float), generator.choice(["own", "rent", "free"], 4_000)
    delay[::50] = np.nan
    risk = 1 / (1 + np.exp(2 - 0.6 * np.nan_to_num(delay, nan=3) - 0.8 * (housing == "rent")))
    return pd.DataFrame({"delay": delay, "housing": housing}), (generator.random(4_000) < risk).astype(int)


def scorecard() -> tuple[WeightOfEvidence, ScorecardRegression, pd.DataFrame]:
    table, defaulted = applicants()
    recipe = WeightOfEvidence(categorical=["housing"])
    made = recipe.fit_transform(table, defaulted)
    regression = ScorecardRegression().fit(made, defaulted)
    return recipe, regression, points_table(recipe, regression, SCALING)


def test_a_published_example_has_its_points() -> None:
    # Siddiqi, chapter 10: odds 50 at 600 points, 20 points to double them: factor 20 / ln 2 = 28.8539,
    # offset 600 - 28.8539 ln 50 = 487.123; odds of 30 to 1 score 487.123 + 28.8539 ln 30 = 585.26.
    assert score([1 / 31], SCALING)[0] == pytest.approx(487.123 + 28.8539 * log(30), abs=1e-2)


def test_the_points_of_an_applicants_bins_add_up_to_the_score() -> None:
    recipe, regression, table = scorecard()
    applied, _ = applicants()
    made = recipe.transform(applied)
    # Each weight of evidence of a characteristic stands for one bin, or bins of equal points.
    points = {
        name: dict(zip(bins["weight_of_evidence"].round(12), bins["points"], strict=True))
        for name, bins in table.groupby("characteristic")
    }
    added = sum(made[name].round(12).map(points[name]) for name in made)
    expected = score(regression.predict_proba(made)[:, 1], SCALING)
    np.testing.assert_allclose(np.asarray(added, dtype=float), expected, atol=1e-9)


def test_a_safer_bin_has_more_points() -> None:
    _, _, table = scorecard()
    for _, bins in table[table["bin"] != OTHERWISE].groupby("characteristic"):
        ordered = bins.sort_values("weight_of_evidence")
        assert (np.diff(ordered["points"]) >= 0).all()
        assert (np.diff(ordered["event_rate"]) <= 0).all()


def test_a_value_that_no_bin_holds_has_the_points_of_a_weight_of_zero() -> None:
    recipe, regression, table = scorecard()
    unseen = pd.DataFrame({"delay": [2.0], "housing": ["houseboat"]})
    made = recipe.transform(unseen)
    otherwise = table[(table["characteristic"] == "housing") & (table["bin"] == OTHERWISE)]["points"].item()
    delay = table[(table["characteristic"] == "delay")]
    of_delay = delay.iloc[(delay["weight_of_evidence"] - made["delay"].item()).abs().argmin()]["points"]
    assert otherwise + of_delay == pytest.approx(score(regression.predict_proba(made)[:, 1], SCALING)[0], abs=1e-9)


def test_a_dropped_characteristic_has_no_points() -> None:
    recipe, regression, _ = scorecard()
    regression.coef_[0, 0] = 0.0
    assert set(points_table(recipe, regression, SCALING)["characteristic"]) == {recipe.kept_[1]}


def test_only_a_logistic_regression_on_weights_of_evidence_is_a_scorecard() -> None:
    assert is_scorecard("weight_of_evidence", "sklearn.linear_model.LogisticRegression")
    assert not is_scorecard("weight_of_evidence", "xgboost.XGBClassifier")
    assert not is_scorecard("one_hot", "sklearn.linear_model.LogisticRegression")
