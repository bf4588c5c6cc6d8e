import numpy as np
import pandas as pd

from credit_pipeline.modelling.figures.many_models import comparison_figure
from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.selection.comparison import COLUMNS, Folds, compare

DRAW = np.random.default_rng(2)
OUTCOME = (DRAW.uniform(size=500) < 0.3).astype(int)
SAMPLES = {
    name: Sample(OUTCOME, np.clip(0.3 + 0.2 * OUTCOME + DRAW.normal(0, noise, 500), 0, 1))
    for name, noise in {"trees": 0.1, "some_twin": 0.1, "random_noise": 0.9, "coin": 2.0}.items()
}
TABLE = compare(SAMPLES, {"roc_auc": Folds({}, 0.25), "ks": Folds({}, 0.25)}, "trees")


def said(table: pd.DataFrame, metric: str = "roc_auc") -> list[str]:
    return [text.get_text() for text in comparison_figure(table, metric, 500).texts]


def test_the_answer_names_the_models_that_differ_by_more_than_chance() -> None:
    question, answer = said(TABLE)
    assert question == "How far is each model from trees in AUC?"
    assert answer == "On test random noise and coin differ by more than chance, n = 500"
    assert said(TABLE, "ks")[0] == "How far is each model from trees in KS?"


def test_where_none_differs_the_figure_says_so() -> None:
    assert said(TABLE[TABLE["model"] == "some_twin"])[1].startswith("On test no model differs by more than chance")


def test_without_rows_the_figure_says_that_there_is_nothing_to_compare() -> None:
    assert "fewer than two results" in " ".join(said(pd.DataFrame(columns=list(COLUMNS))))


def test_each_model_has_a_line_with_its_difference() -> None:
    (axes,) = comparison_figure(TABLE, "roc_auc", 500).axes[:1]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["some twin", "random noise", "coin"]
