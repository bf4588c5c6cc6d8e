"""Points add up to the score, and the score to the probability."""

from math import log

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from credit_pipeline.modelling.estimators.event_weighting import EventWeighted
from credit_pipeline.modelling.estimators.scorecard_regression import ScorecardRegression
from credit_pipeline.modelling.features.weight_of_evidence import WeightOfEvidence
from credit_pipeline.modelling.scoring.scorecard import OTHERWISE, is_scorecard, points_table, score, selection_table
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


def echoed() -> tuple[WeightOfEvidence, pd.DataFrame, np.ndarray]:
    """Bins of a delay, of a worse copy of it that adds noise, and of what does not vary."""
    table, defaulted = applicants()
    delay = table["delay"].fillna(3)
    noisy = delay + np.random.default_rng(2).normal(0, 0.7, len(table))
    columns = pd.DataFrame({"constant": 1.0, "echo": noisy, "delay": delay})
    recipe = WeightOfEvidence()
    return recipe, recipe.fit_transform(columns, defaulted), defaulted


def test_every_characteristic_is_listed_with_whether_the_scorecard_has_it_and_why_not() -> None:
    recipe, made, defaulted = echoed()
    regression = ScorecardRegression().fit(made, defaulted)
    regression.dropped_, regression.coef_ = {"echo": "coefficient +0.030 beside 1 others"}, np.array([[0.0, -0.9]])
    table = selection_table(recipe, regression).set_index("characteristic")
    assert table.index.tolist() == ["delay", "echo", "constant"]
    assert table["kept"].tolist() == [True, False, False]
    assert table["reason"].tolist() == ["", "coefficient +0.030 beside 1 others", "one bin: one value"]
    assert table["coefficient"].tolist() == pytest.approx([-0.9, 0.0, np.nan], nan_ok=True)


def test_what_the_regression_drops_by_itself_has_its_reason() -> None:
    recipe, made, defaulted = echoed()
    opposed = made.assign(echo=-made["echo"])
    regression = ScorecardRegression().fit(opposed, defaulted)
    assert set(regression.dropped_) == {"echo"}
    table = selection_table(recipe, regression).set_index("characteristic")
    assert table.loc["echo", "reason"] == regression.dropped_["echo"]
    assert table.loc["echo", "coefficient"] == 0


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_regression_that_drops_nothing_keeps_what_the_recipe_keeps(*, wrapped: bool) -> None:
    recipe, made, defaulted = echoed()
    regression = EventWeighted(ScorecardRegression(), weight=2.0) if wrapped else LogisticRegression()
    table = selection_table(recipe, regression.fit(made, defaulted))
    assert table["kept"].tolist() == [True, True, False]
    assert table["coefficient"].notna().tolist() == [True, True, False]


def test_a_weighted_regression_names_what_it_dropped() -> None:
    recipe, made, defaulted = echoed()
    regression = EventWeighted(ScorecardRegression(), weight=2.0).fit(made.assign(echo=-made["echo"]), defaulted)
    table = selection_table(recipe, regression).set_index("characteristic")
    assert table.loc["echo", "reason"].startswith("coefficient +")
    assert not table.loc["echo", "kept"]
