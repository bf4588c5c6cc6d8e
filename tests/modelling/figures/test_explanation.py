"""One model explained as a whole: the figures."""

import pytest
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline

from credit_pipeline.modelling.figures.explanation import EXPLANATION_FIGURES, explanation_figures
from explained_models import book, defaults, explained, fitted, hourly, specified


@pytest.mark.parametrize("name", ["logistic", "scorecard", "xgboost", "forest", "ridge", "xgboost_value"])
def test_every_model_has_every_figure(name: str) -> None:
    assert set(explanation_figures(name, explained(name), *specified(name))) == {*EXPLANATION_FIGURES, "segment_1"}


def test_a_neural_network_says_that_no_exact_contributions_are_known() -> None:
    plain = fitted("logistic")
    network = MLPClassifier((2,), tol=1).fit(plain[:-1].transform(book()), defaults())
    model = Pipeline([*plain.steps[:-1], ("estimator", network)])
    shown = explanation_figures("network", explained("logistic", model), *specified("logistic"))["contributions"]
    assert any("cannot be calculated exactly" in text.get_text() for text in shown.texts)


@pytest.mark.parametrize(("role", "drawn"), [("numeric", "Where is"), ("categorical", "For whom is")])
def test_many_values_of_a_number_are_a_course_and_codes_are_not(role: str, drawn: str) -> None:
    figures = explanation_figures("ridge", *hourly(role))
    assert figures["segment_1"].texts[0].get_text().startswith(drawn)
