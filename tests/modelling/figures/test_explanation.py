"""A model explained as a whole: tables and figures that go together."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline

from credit_pipeline.modelling.estimators.calibration import Calibrated
from credit_pipeline.modelling.estimators.calibration_map import fitted_map
from credit_pipeline.modelling.figures.explanation import EXPLANATION_FIGURES, Explanation, explain, labels
from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.scoring.scoring_model import answers
from credit_pipeline.spec import DataSpec, TrainingSpec
from explained_models import CLASSIFIERS, book, defaults, fitted, losses

COLUMNS = {
    "utilisation": {"role": "numeric"},
    "income": {"role": "numeric", "missing": True},
    "delay": {"role": "numeric", "special_codes": {-1: "paid", -2: "no use"}},
    "noise": {"role": "numeric"},
    "housing": {"role": "categorical", "type": "text", "categories": {"own": "", "rent": "", "free": ""}},
}
RULE = {"metrics": ["roc_auc", "brier"], "challenger": {"minimum": 0.5}, "bootstrap": 50, "segments": ["housing"]}


def explained(name: str, model: Pipeline | None = None) -> Explanation:
    classification = name in CLASSIFIERS
    found = model or fitted(name)
    target = {"role": "target", "type": "integer"} if classification else {"role": "target"}
    data = {"task": "classification" if classification else "regression", "columns": {**COLUMNS, "outcome": target}}
    rule = RULE if classification else {**RULE, "metrics": ["mae"], "challenger": {"metric": "mae", "minimum": 9}}
    outcome = defaults() if classification else losses()
    sample = Sample(outcome, answers(found, book()))
    return explain(name, found, book(), sample, DataSpec.model_validate(data), TrainingSpec.model_validate(rule))


@pytest.mark.parametrize("name", ["logistic", "scorecard", "xgboost", "forest", "ridge", "xgboost_value"])
def test_every_model_has_every_table_and_figure(name: str) -> None:
    found = explained(name)
    assert set(found.tables) == {"importance", "partial_dependence", "segments"}
    assert set(found.figures) == {*EXPLANATION_FIGURES, "segment_1"}


def test_noise_matters_least_and_what_risk_is_made_of_most() -> None:
    importance = explained("xgboost").tables["importance"].set_index("feature")["importance"]
    assert set(importance.head(2).index) == {"utilisation", "delay"}
    assert importance["noise"] < importance["utilisation"] / 2


def test_segments_tell_the_quality_in_each_with_its_rows() -> None:
    table = explained("logistic").tables["segments"]
    assert set(table["segment"]) == {"own", "rent", "free"}
    assert table["rows"].sum() == len(book())
    assert (table["column"] == "housing").all()
    assert (table["roc_auc_lower"] < table["roc_auc"]).all()


def test_contributions_of_a_calibrated_model_are_those_of_the_estimator_within() -> None:
    plain = fitted("xgboost")
    out = answers(plain, book())
    wrapped = Calibrated.of(plain[-1], fitted_map("sigmoid", defaults(), out))
    model = Pipeline([*plain.steps[:-1], ("estimator", wrapped)])
    shown = explained("xgboost", model).figures["contributions"]
    assert len(shown.axes) > 0


def test_a_neural_network_says_that_no_exact_contributions_are_known() -> None:
    plain = fitted("logistic")
    network = MLPClassifier((2,), tol=1).fit(plain[:-1].transform(book()), defaults())
    model = Pipeline([*plain.steps[:-1], ("estimator", network)])
    shown = explained("logistic", model).figures["contributions"]
    assert any("No exact way is known" in text.get_text() for text in shown.texts)


def test_many_numbers_become_quarters_and_few_stay() -> None:
    few, many = pd.Series([1.0, 2.0, np.nan]), pd.Series(np.arange(100.0))
    assert labels(few).equals(few)
    assert labels(many).value_counts().tolist() == [25] * 4


@pytest.mark.parametrize(("role", "drawn"), [("numeric", "Where is"), ("categorical", "For whom is")])
def test_many_values_of_a_number_are_a_course_in_its_order_and_codes_are_not(role: str, drawn: str) -> None:
    model = fitted("ridge")
    rows = book().assign(hour=np.arange(len(book())) % 12)
    codes = {"type": "integer", "categories": dict.fromkeys(range(12), "")} if role == "categorical" else {}
    columns = {**COLUMNS, "hour": {"role": role, **codes}, "outcome": {"role": "target"}}
    rule = {**RULE, "segments": ["hour"], "metrics": ["mae", "mase"], "challenger": {"metric": "mase", "minimum": 9}}
    data = DataSpec.model_validate({"task": "regression", "columns": columns})
    sample = Sample(losses(), answers(model, rows), scale=2.0)
    found = explain("ridge", model, rows, sample, data, TrainingSpec.model_validate(rule))
    table = found.tables["segments"]
    assert found.figures["segment_1"].texts[0].get_text().startswith(drawn)
    assert (table["segment"].tolist() == [str(hour) for hour in range(12)]) == (role == "numeric")
    assert (table["mae"] / table["mase"]).to_numpy() == pytest.approx(2.0)  # scale is the unit of the one
