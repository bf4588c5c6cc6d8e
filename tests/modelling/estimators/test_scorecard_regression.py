"""A scorecard in which no characteristic speaks against its own bins."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from credit_pipeline.modelling.estimators.scorecard_regression import ScorecardRegression


def evidence(rows: int = 4_000) -> tuple[pd.DataFrame, NDArray[np.int_]]:
    """Weights of two characteristics, and of a third that is the first one with noise: it gets the opposite sign."""
    generator = np.random.default_rng(5)
    delay, income = generator.normal(size=rows), generator.normal(size=rows)
    echo = delay + generator.normal(scale=0.5, size=rows)
    # The echo's own part, echo - delay, raises the risk a little: its coefficient is positive beside delay's.
    risk = 1 / (1 + np.exp(1.5 + delay + 0.5 * income - 0.6 * (echo - delay)))
    defaulted = (generator.random(rows) < risk).astype(np.int_)
    return pd.DataFrame({"delay": delay, "income": income, "echo": echo}), defaulted


def test_a_characteristic_of_the_wrong_sign_is_dropped_with_its_reason() -> None:
    woe, defaulted = evidence()
    assert LogisticRegression().fit(woe, defaulted).coef_[0, 2] > 0
    fitted = ScorecardRegression().fit(woe, defaulted)
    assert set(fitted.dropped_) == {"echo"}
    assert fitted.dropped_["echo"].endswith("with 2 others")
    assert fitted.coef_[0, 2] == 0


def test_what_is_kept_is_the_plain_regression_of_it() -> None:
    woe, defaulted = evidence()
    fitted = ScorecardRegression(C=0.5).fit(woe, defaulted)
    plain = LogisticRegression(C=0.5, max_iter=1000).fit(woe[["delay", "income"]].to_numpy(), defaulted)
    np.testing.assert_allclose(fitted.coef_[0, :2], plain.coef_[0], rtol=1e-12)
    expected = plain.predict_proba(woe[["delay", "income"]].to_numpy())
    np.testing.assert_allclose(fitted.predict_proba(woe), expected, rtol=1e-9)
    assert (fitted.predict(woe) == plain.predict(woe[["delay", "income"]].to_numpy())).all()


def test_nothing_is_dropped_where_every_sign_is_right() -> None:
    woe, defaulted = evidence()
    assert ScorecardRegression().fit(woe[["delay", "income"]], defaulted).dropped_ == {}


def test_weights_that_all_speak_against_themselves_are_a_fault() -> None:
    woe, defaulted = evidence()
    with pytest.raises(ValueError, match="every characteristic has a positive coefficient"):
        ScorecardRegression().fit(-woe[["delay"]], defaulted)


def test_tables_and_arrays_are_answered_alike() -> None:
    woe, defaulted = evidence()
    by_name, by_place = ScorecardRegression().fit(woe, defaulted), ScorecardRegression().fit(woe.to_numpy(), defaulted)
    assert (by_name.predict_proba(woe) == by_place.predict_proba(woe.to_numpy())).all()
    assert set(by_place.dropped_) == {"2"}
