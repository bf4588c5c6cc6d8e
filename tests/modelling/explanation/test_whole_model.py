"""One model explained as a whole: the tables."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline

from credit_pipeline.modelling.estimators.calibration import Calibrated
from credit_pipeline.modelling.estimators.calibration_map import fit_map
from credit_pipeline.modelling.explanation.whole_model import segment_labels
from credit_pipeline.modelling.scoring.scoring_model import answers
from explained_models import book, defaults, explained, fitted, hourly


@pytest.mark.parametrize("name", ["logistic", "scorecard", "xgboost", "forest", "ridge", "xgboost_value"])
def test_every_model_has_every_table(name: str) -> None:
    assert set(explained(name).tables) == {"importance", "partial_dependence", "segments"}


def test_noise_matters_least_and_what_risk_is_made_of_most() -> None:
    importance = explained("xgboost").tables["importance"].set_index("feature")["importance"]
    assert set(importance.head(2).index) == {"utilisation", "delay"}
    assert importance["noise"] < importance["utilisation"] / 2


def test_segments_show_the_quality_in_each_with_its_rows() -> None:
    table = explained("logistic").tables["segments"]
    assert set(table["segment"]) == {"own", "rent", "free"}
    assert table["rows"].sum() == len(book())
    assert (table["column"] == "housing").all()
    assert (table["roc_auc_lower"] < table["roc_auc"]).all()


def test_contributions_of_a_calibrated_model_are_those_of_the_inner_estimator() -> None:
    plain = fitted("xgboost")
    wrapped = Calibrated.of(plain[-1], fit_map("sigmoid", defaults(), answers(plain, book())))
    model = Pipeline([*plain.steps[:-1], ("estimator", wrapped)])
    found, expected = explained("xgboost", model).contributions, explained("xgboost").contributions
    assert found.estimator == expected.estimator == "XGBClassifier"
    assert found.found is not None
    assert expected.found is not None
    pd.testing.assert_frame_equal(found.found.table, expected.found.table)


def test_contributions_are_of_five_hundred_rows_in_the_order_of_their_features() -> None:
    sampled = explained("logistic").contributions
    assert sampled.found is not None
    assert len(sampled.found.table) == len(sampled.features) == 500
    assert "housing" not in sampled.features


def test_a_neural_network_has_no_exact_contributions() -> None:
    plain = fitted("logistic")
    network = MLPClassifier((2,), tol=1).fit(plain[:-1].transform(book()), defaults())
    sampled = explained("logistic", Pipeline([*plain.steps[:-1], ("estimator", network)])).contributions
    assert (sampled.found, sampled.estimator) == (None, "MLPClassifier")


def test_many_numbers_become_quarters_and_few_stay() -> None:
    few, many = pd.Series([1.0, 2.0, np.nan]), pd.Series(np.arange(100.0))
    assert segment_labels(few).equals(few)
    assert segment_labels(many).value_counts().tolist() == [25] * 4


@pytest.mark.parametrize("role", ["numeric", "categorical"])
def test_many_values_of_a_number_are_in_its_order_and_codes_are_not(role: str) -> None:
    table = hourly(role)[0].tables["segments"]
    assert (table["segment"].tolist() == [str(hour) for hour in range(12)]) == (role == "numeric")
    assert (table["mae"] / table["mase"]).to_numpy() == pytest.approx(2.0)  # scale is the unit of the one
