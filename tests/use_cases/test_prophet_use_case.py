"""Prophet as one more model of the use case ``temperature``, by YAML alone."""

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import ROOT, Run, copy_project
from credit_pipeline.datasets.trusted_types import load_trusted

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("prophet") is None, reason="the package prophet, an optional extra, is not installed"),
    pytest.mark.skipif(not (ROOT / "conf/temperature").exists(), reason="the use case has been deleted"),
]
MODELS = "conf/temperature/parameters/models.yml"
SMALL = {
    "training": {"jobs": 1, "bootstrap": 50, "folds": {"count": 2}},
    "models": {
        "hist_gradient_boosting": {"fixed": {"max_iter": 20}},
        "xgboost": {"fixed": {"n_estimators": 20}, "search": {"space": {"max_depth": [3]}}},
    },
}


def with_prophet(project: Path) -> Path:
    """Add the entry that the README shows to ``models.yml``."""
    entry = (ROOT / "README.md").read_text(encoding="utf-8").partition("```yaml\n  prophet:\n")[2].partition("```")[0]
    with (project / MODELS).open("a", encoding="utf-8") as models:
        models.write(f"  prophet:\n{entry}")
    return project


def latest(project: Path, name: str) -> Path:
    return max((project / "data/temperature" / name).glob("*/*"))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, kedro_run: Run) -> Path:
    """Give a project in which the use case has run whole with Prophet, scoring included."""
    project = with_prophet(copy_project(tmp_path_factory.mktemp("prophet")))
    kedro_run(project, "temperature", SMALL)
    kedro_run(project, "temperature", SMALL, pipeline_names=["scoring"])
    return project


def test_it_stands_on_the_leaderboard_and_beats_the_naive_forecast(ran: Path) -> None:
    board = pd.read_parquet(latest(ran, "08_reporting/leaderboard.parquet")).set_index("model")
    assert {"prophet", "seasonal_naive", "ridge", "hist_gradient_boosting", "xgboost"} == set(board.index)
    assert board.loc["prophet", "test_mase"] < board.loc["seasonal_naive", "test_mase"]


def test_it_is_stored_without_pickle_and_answers_the_same(ran: Path) -> None:
    model = load_trusted(latest(ran, "06_models/prophet/candidate.skops"))
    test = pd.read_parquet(latest(ran, "03_primary/test.parquet"))
    stored = pd.read_parquet(latest(ran, "07_model_output/prophet/test_predictions.parquet"))
    assert np.asarray(model.predict(test)) == pytest.approx(stored["prediction"].to_numpy(), abs=1e-9)


def test_the_other_models_do_not_see_the_count_of_hours(ran: Path) -> None:
    seen = {name: latest(ran, f"05_model_input/{name}/train.parquet") for name in ("one_hot", "ordinal", "naive")}
    assert [name for name, path in seen.items() if "valid_hour" in pd.read_parquet(path)] == []


def test_the_next_day_is_scored(ran: Path) -> None:
    scores = pd.read_parquet(latest(ran, "07_model_output/scores.parquet"))
    assert len(scores) == 24
    assert scores["prediction"].notna().all()
    assert json.loads(latest(ran, "08_reporting/promotion_report.json").read_text())["outcome"] == "promoted"
