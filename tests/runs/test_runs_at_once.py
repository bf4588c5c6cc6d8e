"""Runs at once, a clock that was set back, and kills at any moment: each run ends on its own data."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import HANG, Run, copy_project, one_model, started
from credit_pipeline.storage import atomic, run_record
from whole_runs import MODEL, client_of, digests, interrupted, mlflow_runs

pytestmark = pytest.mark.slow

YESTERDAY = "2020-01-01T00.00.00.000Z"


def at_once(project: Path, seeds: list[int]) -> list[tuple[int, str]]:
    """Run the lifecycle several times at once, each on a split of its own; give exit codes and what was said."""
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), "COLUMNS": "200"}
    command = [sys.executable, "-m", "kedro", "run", "--env", "test", "--params"]
    commands = [[*command, f"split.seed={seed}"] for seed in seeds]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with started(commands, cwd=project, env=environment, **pipes) as processes:
        said = [process.communicate(timeout=HANG)[0] for process in processes]
    return list(zip([process.returncode for process in processes], said, strict=True))


def mixed(project: Path) -> list[str]:
    """List what a finished run loaded that is not what it wrote, and the splits that two runs share."""
    found, splits = [], []
    for record in run_record.records(project / "data/test"):
        both = set(record["inputs"]) & set(record["outputs"])
        found += [name for name in both if record["inputs"][name] != record["outputs"][name]]
        manifest = json.loads((project / "data/test" / record["outputs"]["split_manifest"]["path"]).read_text())
        splits.append(manifest["split_id"])
        carried = [json.loads(path.read_text()) for path in of_run(project, record["save_version"])]
        found += [str(document) for document in carried if document.get("split_id", splits[-1]) != splits[-1]]
    return found + sorted({split for split in splits if splits.count(split) > 1})


def of_run(project: Path, save_version: str) -> list[Path]:
    return [path for path in (project / "data/test").rglob(f"{save_version}/*.json") if path.name != "trials.json"]


MOVED = "another run moved champion to version"


def check_at_once(project: Path, seeds: list[int]) -> None:
    """Run at once: each ends on its own data, one of them as champion; the others say which version came before."""
    ended = at_once(project, seeds)
    faults = [said[-2000:] for code, said in ended if code]
    assert not faults, "\n".join(faults)
    assert {record["status"] for record in run_record.records(project / "data/test")} == {"FINISHED"}
    assert mixed(project) == []
    assert set(mlflow_runs(project).values()) == {"FINISHED"}
    outcomes = [
        json.loads(path.read_text())["outcome"]
        for path in (project / "data/test").rglob("promotion_report.json/*/*.json")
    ]
    said_so = sum(MOVED in said.replace("\n", " ") for _, said in ended)
    assert sorted(outcomes) == ["held"] * said_so + ["promoted"] * (len(seeds) - said_so)


def test_four_runs_at_once_each_end_on_their_own_data(tmp_path: Path) -> None:
    check_at_once(one_model(copy_project(tmp_path)), [1, 2, 3, 4])


def test_after_the_clock_was_set_back_a_run_uses_what_it_wrote(
    project: Path, kedro_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kedro.framework.session.session.generate_timestamp", lambda: YESTERDAY)
    kedro_run(project, params={"split": {"seed": 7}})
    back = run_record.record_of(project / "data/test", YESTERDAY)
    assert back is not None
    assert back["status"] == "FINISHED"
    both = set(back["inputs"]) & set(back["outputs"])
    assert {"train", "test", "split_manifest", "challenger"} <= both
    assert all(back["inputs"][name] == back["outputs"][name] for name in both)
    assert {back["inputs"][name]["version"] for name in both} == {YESTERDAY}
    kedro_run(project, pipeline_names=["training"])  # a start of the same millisecond: another version is found for it
    later = list(run_record.records(project / "data/test"))[-1]
    versions = {later["inputs"][name]["version"] for name in ("train_features", "test", "split_manifest")}
    assert len(versions) == 1


def check_killed(project: Path, moments: list[int], undisturbed: dict[str, str]) -> None:
    """Kill a run at moments, then let one end: nothing partial is seen, nothing runs, all is as if undisturbed."""
    for moment in moments:
        code, said = interrupted(project, f"event:{moment}", "SIGKILL")
        assert code == -signal.SIGKILL, f"{moment}: {said}"
    code, said = interrupted(project, "event:0", "SIGKILL")
    assert code == 0, said
    *killed, last = [record["status"] for record in run_record.records(project / "data/test")]
    assert set(killed) <= {"KILLED"}
    assert last == "FINISHED"
    assert "RUNNING" not in mlflow_runs(project).values()
    assert not list((project / "data").rglob(f"*{atomic.PARTIAL}"))
    assert digests(project) == undisturbed
    champion = client_of(project).get_model_version_by_alias(MODEL, "champion")
    assert mlflow_runs(project)[str(champion.run_id)] == "FINISHED"


def events_of(project: Path) -> tuple[int, dict[str, str]]:
    """Run undisturbed: give how many events there were, and what was written."""
    code, said = interrupted(project, "event:0", "SIGKILL")
    assert code == 0, said
    number = next(line for line in reversed(said.splitlines()) if line.endswith(" events"))
    return int(number.split()[0]), digests(project)


def test_after_kills_at_random_moments_the_next_run_ends_as_if_undisturbed(tmp_path: Path) -> None:
    events, undisturbed = events_of(one_model(copy_project(tmp_path / "undisturbed")))
    moments = random.Random(0).sample(range(1, events), 5)  # noqa: S311  # no secret
    check_killed(one_model(copy_project(tmp_path / "killed")), moments, undisturbed)
