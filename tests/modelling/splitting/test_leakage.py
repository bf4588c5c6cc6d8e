"""Columns that know the outcome are named, the others are not."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from credit_pipeline.modelling.splitting.leakage import suspicious_columns

ROWS = 400


def outcomes() -> NDArray[np.int_]:
    return (np.random.default_rng(1).random(ROWS) < 0.2).astype(np.int_)


def test_the_target_itself_and_its_opposite_are_suspected() -> None:
    outcome = outcomes()
    table = pd.DataFrame({"same": outcome.astype(float), "opposite": -outcome.astype(float)})
    assert set(suspicious_columns(table, outcome, numeric=["same", "opposite"], categorical=[])) == {"same", "opposite"}


def test_noise_and_an_honest_predictor_are_not_suspected() -> None:
    outcome, noise = outcomes(), np.random.default_rng(2).normal(size=ROWS)
    table = pd.DataFrame(
        {"noise": noise, "honest": noise + outcome}
    )  # AUC of one standard deviation: Phi(1/sqrt 2) = 0.76
    assert suspicious_columns(table, outcome, numeric=["noise", "honest"], categorical=[]) == {}


def test_a_number_that_is_missing_for_defaulters_alone_is_suspected() -> None:
    outcome = outcomes()
    table = pd.DataFrame({"date_of_last_payment": np.where(outcome == 1, np.nan, 5.0)})
    assert "date_of_last_payment" in suspicious_columns(
        table, outcome, numeric=["date_of_last_payment"], categorical=[]
    )


def test_a_category_that_names_the_outcome_is_suspected_and_an_identifier_is_not() -> None:
    outcome = outcomes()
    names = pd.Series([f"client {number}" for number in range(ROWS)])
    table = pd.DataFrame({"state": np.where(outcome == 1, "written off", "active"), "name": names})
    assert set(suspicious_columns(table, outcome, numeric=[], categorical=["state", "name"])) == {"state"}
