"""What any fitted model answers, and the rows that it is asked about."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.modelling.explanation.sampled_rows import draw_rows
from credit_pipeline.modelling.scoring.scoring_model import answers, gives_probability
from explained_models import CLASSIFIERS, REGRESSORS, book, fitted


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_answers_the_probability_of_default(name: str) -> None:
    assert gives_probability(fitted(name))
    np.testing.assert_array_equal(answers(fitted(name), book()), fitted(name).predict_proba(book())[:, 1])


@pytest.mark.parametrize("name", REGRESSORS)
def test_a_regressor_answers_the_value(name: str) -> None:
    assert not gives_probability(fitted(name))
    np.testing.assert_array_equal(answers(fitted(name), book()), fitted(name).predict(book()))


@given(st.permutations(range(12)), st.integers(1, 20), st.integers(0, 5))
def test_the_same_rows_are_drawn_in_the_same_order_however_the_table_is_ordered(
    order: list[int], size: int, seed: int
) -> None:
    table = pd.DataFrame({"income": [1.0, np.nan] * 6, "name": [f"row {number}" for number in range(12)]})
    shuffled = table.iloc[order]
    one, other = table.iloc[draw_rows(table, size, seed=seed)], shuffled.iloc[draw_rows(shuffled, size, seed=seed)]
    pd.testing.assert_frame_equal(one, other)
    assert len(one) == min(size, 12) == one["name"].nunique()


def test_another_seed_draws_other_rows() -> None:
    assert set(draw_rows(book(), 50, seed=1)) != set(draw_rows(book(), 50, seed=2))
