from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.configuration.known_names import faults
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.metrics.metrics import METRICS

OF_PROBABILITIES = sorted(name for name, metric in METRICS.items() if metric.task == "classification")
TREE = "sklearn.tree.DecisionTreeClassifier"


def reported(parameters: Mapping[str, object]) -> dict[str, str]:
    """What is wrong, by key."""
    return {key: fault if isinstance(fault, str) else fault.what for key, fault in faults(parameters)}


def model(**said: object) -> dict[str, object]:
    return {"models": {"tree": {"recipe": "plain", "estimator": TREE, **said}}}


def recipe(**said: object) -> dict[str, object]:
    return {"recipes": {"plain": {"function": "weight_of_evidence", **said}}}


def test_names_that_something_has_are_no_faults() -> None:
    sound = {
        "features": {"function": "credit_pipeline.use_cases.credit_cards.credit_card_features"},
        **recipe(settings={"max_bins": 4}),
        **model(fixed={"max_depth": 3}, search={"space": {"min_samples_leaf": [20, 50]}}),
        "training": {"metrics": OF_PROBABILITIES, "challenger": {"minimum": 0.7}},
        "deployment": {"gates": {"minimum": {"cv_ks_mean": 0.3}, "maximum": {"test_brier_upper": 0.2}}},
    }
    assert faults(sound) == []


@pytest.mark.parametrize(
    ("parameters", "key", "fault"),
    [
        (recipe(function="weights"), "recipes.plain.function", "There is no recipe 'weights'."),
        (recipe(function="os.system"), "recipes.plain.function", "'os.system' may not be imported."),
        (recipe(settings={"max_bin": 4}), "recipes.plain.settings.max_bin", "did you mean 'max_bins'?"),
        (model(estimator="sklearn.tree.Tre"), "models.tree.estimator", "'sklearn.tree' has no 'Tre'."),
        (model(estimator="sklearn.trees.X"), "models.tree.estimator", "'sklearn.trees' cannot be imported."),
        (model(estimator="sklearn.metrics.log_loss"), "models.tree.estimator", "is not an estimator."),
        (model(estimator="DecisionTree"), "models.tree.estimator", "'DecisionTree' may not be imported."),
        (model(fixed={"max_deph": 3}), "models.tree.fixed.max_deph", "did you mean 'max_depth'?"),
        (
            model(search={"space": {"max_deph": [3]}}),
            "models.tree.search.space.max_deph",
            "did you mean 'max_depth'?",
        ),
        ({"features": {"function": "math.sin"}}, "features.function", "'math.sin' may not be imported."),
        (
            {"training": {"metrics": ["roc_auc", "brierr"], "challenger": {"minimum": 0.7}}},
            "training.metrics.brierr",
            "did you mean 'brier'?",
        ),
        (
            {"deployment": {"gates": {"minimum": {"test_roc_auk": 0.7}}}},
            "deployment.gates.minimum.test_roc_auk",
            "did you mean 'test_roc_auc'?",
        ),
        (
            {"deployment": {"gates": {"champion": {"metric": "gimi"}}}},
            "deployment.gates.champion.metric.gimi",
            "did you mean 'gini'?",
        ),
    ],
)
def test_a_name_that_nothing_has_is_reported_with_its_key(
    parameters: Mapping[str, object], key: str, fault: str
) -> None:
    found = reported(parameters)
    assert list(found) == [key]
    assert fault in found[key]


def test_a_metric_like_no_other_is_reported_with_the_known_ones() -> None:
    ((_, fault),) = faults({"training": {"metrics": ["roc_auc", "accuracy"], "challenger": {"minimum": 0.7}}})
    assert fault == f"unknown name; known: {', '.join(OF_PROBABILITIES)}"


def test_the_nearest_spelling_of_an_estimator_is_expected() -> None:
    ((_, fault),) = faults(model(estimator="sklearn.tree.DecisionTreeClasifier"))
    assert isinstance(fault, ConfigurationError)
    assert (fault.expected, fault.got) == (TREE, "sklearn.tree.DecisionTreeClasifier")


def test_a_searched_setting_of_the_recipe_is_looked_up_in_the_models_recipe() -> None:
    parameters = {**recipe(), **model(search={"recipe_space": {"max_bin": [4, 8]}})}
    assert "did you mean 'max_bins'?" in reported(parameters)["models.tree.search.recipe_space.max_bin"]


def test_a_misspelt_metric_is_reported_with_the_nearest_of_too_many_to_list() -> None:
    ((_, fault),) = faults({"training": {"metrics": ["roc_auc", "brierr"], "challenger": {"minimum": 0.7}}})
    assert fault == "unknown name; did you mean 'brier'?"


def test_a_misspelt_recipe_is_reported_with_the_nearest() -> None:
    ((_, fault),) = faults(recipe(function="weight_of_evidense"))
    assert "Did you mean 'weight_of_evidence'?" in str(fault)


def test_what_xgboost_takes_unnamed_is_looked_up_all_the_same() -> None:
    # Its constructor takes any keyword and only warns of what it does not know.
    parameters = model(estimator="xgboost.XGBClassifier", fixed={"learning_rat": 0.1, "max_depth": 2})
    assert reported(parameters) == {"models.tree.fixed.learning_rat": "unknown name; did you mean 'learning_rate'?"}


def test_an_estimator_that_is_unknown_has_no_unknown_arguments() -> None:
    assert list(reported(model(estimator="sklearn.tree.Tre", fixed={"zzz": 1}))) == ["models.tree.estimator"]


def test_a_packages_name_is_taken_once_it_was_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = {"features": {"function": "math.sin"}}
    assert reported(parameters)
    monkeypatch.setenv("CREDIT_PIPELINE_PACKAGES", "math")
    assert reported(parameters) == {}


def test_every_fault_is_reported_in_the_order_of_the_lifecycle() -> None:
    parameters = {
        "deployment": {"gates": {"maximum": {"brier": 0.2}}},
        "models": {name: {"recipe": "plain", "estimator": f"os.{name}"} for name in ("b", "a")},
        **recipe(function="weights"),
    }
    assert list(reported(parameters)) == [
        "recipes.plain.function",
        "models.b.estimator",
        "models.a.estimator",
        "deployment.gates.maximum.brier",
    ]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.fixed_dictionaries(dict.fromkeys(("features", "recipes", "models", "training", "deployment"), ANYTHING)))
def test_what_is_no_specification_is_reported_elsewhere(parameters: Mapping[str, object]) -> None:
    # Keys of three letters hold no function, estimator or metric, so nothing here is looked up.
    assert faults(parameters) == []


@pytest.mark.parametrize("prefix_suffix", [("cv_", "_mean"), ("cv_", "_std"), ("test_", ""), ("test_", "_lower")])
@pytest.mark.parametrize("metric", OF_PROBABILITIES)
def test_a_gate_may_bound_every_tracked_metric(metric: str, prefix_suffix: tuple[str, str]) -> None:
    tracked = metric.join(prefix_suffix)
    assert faults({"deployment": {"gates": {"minimum": {tracked: 0.1}, "maximum": {tracked: 0.9}}}}) == []


KNN = "sklearn.neighbors.KNeighborsClassifier"
REGRESSION = {"data": {"task": "regression"}}
TREE_REGRESSOR = "sklearn.tree.DecisionTreeRegressor"


def test_a_weight_needs_an_estimator_that_takes_weights() -> None:
    assert reported(model(event_weight="balanced")) == {}
    assert reported(model(estimator=KNN, event_weight=2.0)) == {
        "models.tree.event_weight": f"needs a fit with sample_weight, which {KNN} does not take"
    }


def test_a_regression_has_neither_weight_nor_calibration_nor_cut_off() -> None:
    said = model(estimator=TREE_REGRESSOR, event_weight=2.0, calibration="beta")
    cut_off = {"training": {"metrics": ["r2"], "cut_off": {"approval_rate": 0.8}}}
    assert list(reported({**REGRESSION, **said, **cut_off})) == [
        "models.tree.event_weight",
        "models.tree.calibration",
        "training.cut_off",
    ]


@pytest.mark.parametrize("calibration", ["sigmoid", "isotonic", "beta"])
def test_a_scorecard_with_points_is_not_calibrated(calibration: str) -> None:
    scorecard = "credit_pipeline.modelling.estimators.ScorecardRegression"
    assert list(reported({**recipe(), **model(estimator=scorecard, calibration=calibration)})) == [
        "models.tree.calibration"
    ]
    assert reported({**recipe(), **model(estimator=scorecard, event_weight="balanced")}) == {}
    assert reported({**recipe(), **model(calibration=calibration)}) == {}


def test_a_gate_may_bound_what_a_cut_off_brings_where_there_is_one() -> None:
    gate = {"deployment": {"gates": {"maximum": {"test_approved_default_rate_upper": 0.1}}}}
    training = {"metrics": ["roc_auc"], "challenger": {"minimum": 0.7}}
    assert faults({**gate, "training": {**training, "cut_off": {"approval_rate": 0.8}}}) == []
    assert list(reported({**gate, "training": training})) == [
        "deployment.gates.maximum.test_approved_default_rate_upper"
    ]


def test_a_gate_may_bound_how_far_the_score_has_drifted_but_no_model_is_chosen_by_it() -> None:
    gate = {"deployment": {"gates": {"maximum": {"test_score_psi": 0.25}}}}
    assert faults(gate) == []
    assert "deployment.gates.maximum.test_score_psi" in reported({**gate, **REGRESSION})
    assert list(reported({"training": {"metrics": ["roc_auc", "score_psi"]}})) == ["training.metrics.score_psi"]
