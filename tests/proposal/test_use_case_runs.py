"""A use case proposed from a table that nobody has described runs at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from conftest import Run, copy_project
from credit_pipeline.proposal import proposal
from credit_pipeline.spec import Role
from use_case_tables import TABLES

SMALL: Mapping[str, object] = {
    "training": {"jobs": 1, "bootstrap": 50},
    "models": {
        "logistic_regression": {"search": {"space": {"C": [1.0]}}},
        "scorecard": {"search": {"space": {"C": [1.0]}}},
        "random_forest": {"fixed": {"n_estimators": 10}, "search": {"space": {"min_samples_leaf": [5]}}},
        "xgboost": {"fixed": {"n_estimators": 10}, "search": {"space": {"max_depth": [2], "learning_rate": [0.1]}}},
    },
}
KNOWN = [name for name in TABLES if "date" in get_args(Role) or name != "three_dates"]


def leaderboard_of(name: str, folder: Path, kedro_run: Run, params: Mapping[str, object]) -> pd.DataFrame:
    """Propose a use case from a table, run it and give its leaderboard."""
    project = copy_project(folder / "project")
    path, target = TABLES[name](folder)
    proposal.new(project, "mine", data=str(path), target=target)
    kedro_run(project, env="mine", params=dict(params))
    return pd.read_parquet(max((project / "data/mine/08_reporting/leaderboard.parquet").glob("*/*")))


@pytest.mark.parametrize("name", ["continental"])
def test_a_table_never_seen_runs_whole(name: str, tmp_path: Path, kedro_run: Run) -> None:
    table = leaderboard_of(name, tmp_path, kedro_run, SMALL)
    assert table["status"].tolist() == ["current"] * 4
    # The outcome hangs on age, income and home: every model must see some of it.
    assert (table["cv_roc_auc_mean"] > 0.6).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", KNOWN)
def test_each_table_runs_whole_as_it_was_proposed(name: str, tmp_path: Path, kedro_run: Run) -> None:
    table = leaderboard_of(name, tmp_path, kedro_run, {})
    assert table["status"].tolist() == ["current"] * 4
