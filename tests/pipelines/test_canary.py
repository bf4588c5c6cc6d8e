"""Every planted leak is exposed; a check that is blind makes the canary fail."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from conftest import Run
from credit_pipeline.errors import LeakageError, SplitMismatchError, UnsupportedRunError
from credit_pipeline.modelling.splitting import canary, leakage
from credit_pipeline.modelling.splitting.canary import Parts
from credit_pipeline.pipelines.canary import create_pipeline, nodes

MANIFEST: dict[str, object] = {"split_id": "a1"}
SPECS: dict[str, Any] = {
    "data": {
        "columns": {
            "day": {"role": "date", "type": "date"},
            "income": {"role": "numeric"},
            "age": {"role": "numeric"},
            "default": {"role": "target", "categories": {0: "", 1: ""}},
        }
    },
    "features": {},
    "recipes": {"plain": {"function": "one_hot"}},
    "models": {"logit": {"recipe": "plain", "estimator": "sklearn.linear_model.LogisticRegression"}},
    "training_": {"jobs": 1, "bootstrap": 50, "metrics": ["ks"], "challenger": {"metric": "ks", "minimum": 0.1}},
    "canary": {},
}


def part(rows: int, seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    income = draw.uniform(0, 1, rows)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(rows) // 3, unit="D")
    outcome = (draw.uniform(0, 1, rows) > income).astype(int)
    made = pd.DataFrame({"day": days, "income": income, "age": draw.normal(size=rows), "default": outcome})
    made.attrs = {"split_id": "a1"}
    return made


TRAIN, TEST = part(600, 1), part(300, 2)


def planted(**changed: object) -> dict[str, Any]:
    report: dict[str, Any] = nodes.plant_leaks(TRAIN, TEST, MANIFEST, **{**SPECS, **changed})
    return report


def verdicts(report: dict[str, Any]) -> dict[str, bool | None]:
    return {line["canary"]: line["exposed"] for line in report["canaries"]}


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return planted()


def test_each_leak_has_a_line_and_is_exposed(report: dict[str, Any]) -> None:
    assert verdicts(report) == {
        "target on train": True,
        "column of the future": True,
        "shuffled target": True,
        "copies of train in test": True,
    }
    assert (report["model"], report["exposed"]) == ("logit", True)
    assert all({"planted", "expected", "found"} < set(line) for line in report["canaries"])
    json.dumps(report, allow_nan=False)
    nodes.require_exposed(report)


def test_a_blinded_suspicion_makes_the_canary_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leakage, "suspicious_columns", lambda *_, **__: {})
    found = planted()
    assert verdicts(found)["target on train"] is False
    with pytest.raises(LeakageError, match="target on train") as raised:
        nodes.require_exposed(found)
    assert "not suspected" in raised.value.got


def test_a_blinded_count_of_duplicates_makes_the_canary_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canary, "duplicates", lambda *_: 0)
    with pytest.raises(LeakageError, match="copies of train in test"):
        nodes.require_exposed(planted())


def test_a_target_that_is_not_shuffled_on_the_way_makes_the_canary_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def unshuffled(parts: Parts, *_: object) -> Parts:
        return parts

    monkeypatch.setattr(canary, "shuffled_target", unshuffled)
    found = planted()
    assert verdicts(found)["shuffled target"] is False
    assert found["canaries"][2]["found"].endswith("shuffle 3")


def test_without_dates_there_is_no_future_to_plant() -> None:
    columns = {name: column for name, column in SPECS["data"]["columns"].items() if name != "day"}
    found = planted(data={"columns": columns})
    assert verdicts(found)["column of the future"] is None
    assert found["exposed"]


def test_a_regression_and_parts_of_two_splits_are_refused() -> None:
    columns = {"income": {"role": "numeric"}, "age": {"role": "target"}}
    with pytest.raises(UnsupportedRunError, match="needs a classification"):
        planted(data={"task": "regression", "columns": columns})
    with pytest.raises(SplitMismatchError, match="different splits"):
        nodes.plant_leaks(TRAIN, TEST, {"split_id": "b2"}, **SPECS)


def test_the_pipeline_ends_with_the_verdict() -> None:
    assert [node.name for node in create_pipeline().nodes] == ["plant_leaks", "require_exposed"]


def test_the_canary_runs_by_name_and_shows_its_report(
    project: Path, kedro_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    kedro_run(project, pipeline_names=["canary"])
    (path,) = (project / "data/test/08_reporting/canary_report.json").glob("*/*")
    assert json.loads(path.read_text())["exposed"]
    assert "canary exposed: shuffled target" in capsys.readouterr().out


def test_a_blinded_check_fails_the_run_and_leaves_its_report(
    project: Path, kedro_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leakage, "suspicious_columns", lambda *_, **__: {})
    with pytest.raises(LeakageError, match="target on train"):
        kedro_run(project, pipeline_names=["canary"])
    (path,) = (project / "data/test/08_reporting/canary_report.json").glob("*/*")
    assert not json.loads(path.read_text())["exposed"]
