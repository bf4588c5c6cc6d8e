"""What a model loses when a column is shuffled."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import mean_absolute_error, roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from credit_pipeline.modelling.explanation import permutation
from credit_pipeline.modelling.explanation.permutation import permutation_importance
from credit_pipeline.modelling.features.row_features import RowFeatures
from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.uncertainty.delong import delong_difference
from credit_pipeline.modelling.scoring.scoring_model import answers
from explained_models import CLASSIFIERS, REGRESSORS, book, defaults, fitted, losses


def importance(name: str, **asked: int) -> pd.DataFrame:
    outcome = defaults() if name in CLASSIFIERS else losses()
    return permutation_importance(fitted(name), book(), outcome, **{"rows": 400, "repeats": 3, **asked})


@pytest.mark.parametrize("name", [*CLASSIFIERS, *REGRESSORS])
def test_what_drives_the_outcome_comes_before_noise(name: str) -> None:
    found = importance(name)
    assert set(found["feature"]) == set(book())
    assert found["importance"].is_monotonic_decreasing
    strong = found.set_index("feature").loc["utilisation"]
    assert strong["lower"] > 0
    assert strong["lower"] < strong["importance"] < strong["upper"]
    assert strong["importance"] > found.set_index("feature").loc["noise", "importance"]


def test_one_shuffle_of_a_classifier_is_delongs_difference_of_two_models() -> None:
    found = importance("logistic", rows=1_200, repeats=1, seed=3).set_index("feature")
    # All rows in their drawn order, and the one shuffle that is the same for every column.
    table = book().iloc[permutation.draw_rows(book().assign(**{"\0outcome": defaults().astype(float)}), 1_200, seed=3)]
    outcome = defaults()[table.index]
    shuffle = np.random.default_rng(3).permutation(1_200)
    for column in ("delay", "housing"):
        shuffled = table.assign(**{column: table[column].to_numpy()[shuffle]})
        expected = delong_difference(
            *(Sample(outcome, answers(fitted("logistic"), part)) for part in (table, shuffled))
        )
        got = found.loc[column, ["importance", "lower", "upper"]].to_list()
        assert got == pytest.approx([expected.value, expected.lower, expected.upper], abs=1e-12)


def test_the_importance_is_the_mean_fall_of_auc_or_rise_of_error_over_the_repeats() -> None:
    # A model of one column c that answers c itself; y is another column. Shuffled by hand with the same shuffles.
    generator = np.random.default_rng(0)
    table = pd.DataFrame({"c": generator.normal(size=50)})
    value, event = table["c"].to_numpy() + 0.1, (table["c"] > 0.3).to_numpy().astype(int)
    for estimator, outcome, loss, sign in (
        (LinearRegression(), value, mean_absolute_error, 1),
        (LogisticRegression(), event, roc_auc_score, -1),
    ):
        model = as_it_is(table, outcome, estimator)
        chosen = permutation.draw_rows(table.assign(**{"\0outcome": outcome.astype(float)}), 50, seed=9)
        truth, answered = outcome[chosen], answers(model, table.iloc[chosen])
        shuffles = np.random.default_rng(9).permuted(np.tile(np.arange(50), (4, 1)), axis=1)
        expected = sign * (np.mean([loss(truth, answered[shuffle]) for shuffle in shuffles]) - loss(truth, answered))
        found = permutation_importance(model, table, outcome, repeats=4, seed=9)
        assert found["importance"][0] == pytest.approx(expected, rel=1e-9)


def as_it_is(table: pd.DataFrame, outcome: NDArray[np.float64], estimator: object) -> Pipeline:
    scaled = StandardScaler().set_output(transform="pandas")
    return Pipeline([("features", RowFeatures()), ("recipe", scaled), ("estimator", estimator)]).fit(table, outcome)


@pytest.mark.parametrize("name", ["logistic", "ridge"])
def test_a_recipe_without_known_origins_is_applied_to_the_shuffled_ones_with_the_same_result(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = importance(name)
    monkeypatch.setattr(permutation, "sources", lambda _: None)
    pd.testing.assert_frame_equal(importance(name), short, rtol=1e-9)


@pytest.mark.parametrize("name", ["scorecard", "xgboost", "ridge"])
def test_neither_the_order_of_rows_nor_threads_change_anything(name: str) -> None:
    outcome = defaults() if name in CLASSIFIERS else losses()
    order = np.random.default_rng(1).permutation(len(outcome))
    table = book().iloc[order].reset_index(drop=True)
    again = permutation_importance(fitted(name), table, outcome[order], rows=400, repeats=3, threads=3)
    pd.testing.assert_frame_equal(again, importance(name))


def test_another_seed_shuffles_otherwise() -> None:
    assert not importance("logistic").equals(importance("logistic", seed=1))


def test_a_column_that_the_recipe_drops_matters_nothing() -> None:
    settings = {"recipe__minimum_information_value": 0.02}
    model = clone(fitted("scorecard")).set_params(**settings).fit(book(), defaults())
    found = permutation_importance(model, book(), defaults(), rows=300).set_index("feature")
    assert found.loc["noise"].tolist() == [0, 0, 0]


def test_a_missing_value_is_shuffled_like_any_other() -> None:
    table = pd.DataFrame({"income": [1.0, np.nan] * 100, "text": pd.array(["a", pd.NA] * 100, dtype="string")})
    known = FunctionTransformer(lambda frame: frame.isna().astype(float)[["income"]])
    model = Pipeline([("features", RowFeatures()), ("recipe", known), ("estimator", LogisticRegression())])
    outcome = np.array([0, 1] * 100)
    found = permutation_importance(model.fit(table, outcome), table, outcome).set_index("feature")
    # Missing is default: shuffled it ranks at random, an AUC of about one half instead of 1.
    assert found.loc["income", "importance"] == pytest.approx(0.5, abs=0.1)
    assert found.loc["text", "importance"] == 0


@pytest.mark.parametrize(
    ("name", "outcome", "asked", "message"),
    [
        ("logistic", np.array([1, *[0] * 9]), {}, "needs at least 2 defaults and payers, got 1 and 9"),
        ("ridge", np.zeros(10), {"rows": 1}, "needs at least 2 rows, got 1"),
        ("ridge", np.zeros(10), {"repeats": 0}, "an importance needs repeats, got 0"),
    ],
)
def test_what_has_no_variance_is_refused(
    name: str, outcome: NDArray[np.float64], asked: dict[str, int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        permutation_importance(fitted(name), book().iloc[:10], outcome, **asked)


@pytest.mark.slow
def test_the_interval_holds_the_importance_of_the_population_in_some_95_of_100_samples() -> None:
    generator = np.random.default_rng(1)

    def sample(rows: int) -> tuple[pd.DataFrame, NDArray[np.int_]]:
        table = pd.DataFrame(generator.normal(size=(rows, 2)), columns=["strong", "weak"])
        risk = 1 / (1 + np.exp(1.5 - table["strong"] - 0.3 * table["weak"]))
        return table, (generator.random(rows) < risk).to_numpy().astype(int)

    model = as_it_is(*sample(3_000), LogisticRegression())
    names, everyone = ["strong", "weak"], sample(200_000)
    true = permutation_importance(model, *everyone, rows=200_000, repeats=1).set_index("feature")["importance"][names]
    held = []
    for seed in range(300):
        found = permutation_importance(model, *sample(1_000), seed=seed).set_index("feature").loc[names]
        held.append((found["lower"] <= true) & (true <= found["upper"]))
    # 300 samples: the share is known to some 1.3 points.
    assert (np.mean(held, axis=0) > 0.91).all()
