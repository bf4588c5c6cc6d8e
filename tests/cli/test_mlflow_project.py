"""The lifecycle as an MLflow project: the commands as a person types them, and what they leave in MLflow."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import local_browser
import mlflow
import pytest
import yaml
from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun
from mlflow.projects._project_spec import load_project
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID, MLFLOW_PROJECT_ENTRY_POINT
from unhashed_lock import unhashed

from conftest import ROOT, copy_project, run_to_end
from credit_pipeline.cli import commands, mlflow_project
from credit_pipeline.cli.mlflow_parameters import OWN, kedro_arguments, parameters
from credit_pipeline.errors import ConfigurationError

pytestmark = pytest.mark.slow

PROJECT_FILES = ("MLproject", "python_env.yaml", "requirements-mlflow.txt")
ENTRY_POINTS = ("main", "data_split", "feature_engineering", "training", "deployment", "scoring", "serve")
MODELS: Mapping[str, Mapping[str, object]] = {
    "scorecard": {"search": {"space": {"C": [1.0]}, "recipe_space": {"bins": [5, 8]}}},
    "xgboost": {"fixed": {"n_estimators": 30}, "search": {"space": {"max_depth": [2, 3]}}},
}


def as_mlflow_project(project: Path) -> Path:
    for name in PROJECT_FILES:
        shutil.copy(ROOT / name, project / name)
    return project


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """Give a project in which nothing has run."""
    return as_mlflow_project(copy_project(tmp_path / "project"))


def shell() -> dict[str, str]:
    """Give the variables of a shell in which the virtual environment is active, and nothing of MLflow's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def mlflow_run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["mlflow", "run", ".", "--env-manager", "local", *words]
    return run_to_end(command, cwd=project, env=shell(), errors="replace")


def runs(project: Path) -> dict[str, MlflowRun]:
    """Every run of every experiment."""
    if not (project / "mlflow.db").exists():
        return {}
    client = MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    experiments = [found.experiment_id for found in client.search_experiments()]
    return {run.info.run_id: run for run in client.search_runs(experiments)}


def written(project: Path, pattern: str) -> list[Path]:
    return sorted((project / "data/test").rglob(pattern))


@pytest.mark.parametrize(
    ("entry_point", "given", "words"),
    [
        ("main", {}, []),
        ("main", {"model": "all"}, []),
        ("main", {"model": "xgboost"}, ["--tags", "xgboost,data_split,feature_engineering,deployment"]),
        ("scoring", {}, ["--pipelines", "scoring"]),
        ("training", {"model": "scorecard"}, ["--pipelines", "training", "--tags", "scorecard"]),
    ],
)
def test_an_entry_point_asks_kedro_for_its_part(entry_point: str, given: dict[str, str], words: list[str]) -> None:
    assert kedro_arguments(entry_point, {"env": "test", **given}, MODELS) == ["--env", "test", *words]


@pytest.mark.parametrize(
    ("model", "name", "text", "path", "value"),
    [
        ("xgboost", "max_depth", "4", "models.xgboost.search.space.max_depth", [4]),
        ("xgboost", "max_depth", "[4, 6]", "models.xgboost.search.space.max_depth", [4, 6]),
        ("xgboost", "n_estimators", "50", "models.xgboost.fixed.n_estimators", 50),
        ("xgboost", "learning_rate", "1e-2", "models.xgboost.fixed.learning_rate", 0.01),
        ("xgboost", "learning_rate", "[0.1, 0.2]", "models.xgboost.search.space.learning_rate", [0.1, 0.2]),
        ("scorecard", "bins", "6", "models.scorecard.search.recipe_space.bins", [6]),
        ("scorecard", "fit_intercept", "false", "models.scorecard.fixed.fit_intercept", False),
        ("xgboost", "split.seed", "7", "split.seed", 7),
        ("all", "training.challenger.metric", "roc_auc", "training.challenger.metric", "roc_auc"),
    ],
)
def test_a_parameter_finds_its_place(model: str, name: str, text: str, path: str, value: object) -> None:
    found: object = parameters("training", {"env": "test", "model": model, name: text}, MODELS)
    for key in path.split("."):
        assert isinstance(found, dict)
        assert list(found) == [key]  # and nothing beside it
        found = found[key]
    assert found == value


@pytest.mark.parametrize(
    ("entry_point", "given", "reported"),
    [
        ("training", {"model": "xgbost"}, "There is no model 'xgbost'.*\n.*all, scorecard, xgboost"),
        ("training", {"max_depth": "4"}, "has no parameter 'max_depth'(.*\n)*.*-P model=... \\(one of scorecard"),
        ("data_split", {"model": "xgboost"}, "'data_split' has no parameter 'model'.*\n.*split.seed"),
        ("serve", {"prot": "3000"}, "'serve' has no parameter 'prot'.*\n.*env, host, port"),
        ("serve", {"split.seed": "3000"}, "'serve' has no parameter 'split.seed'"),
        # MLflow holds what was written, the run's own parameter would be 0.3: it refuses the second.
        ("data_split", {"split.test_share": "0.30"}, "written differently.*\n.*recorded: 0.3"),
        ("main", {"training.metrics": "[ks, gini]"}, "The value of 'training.metrics' is written differently"),
    ],
)
def test_what_says_nothing_is_refused(entry_point: str, given: dict[str, str], reported: str) -> None:
    given = {"env": "test", **given}
    with pytest.raises(ConfigurationError, match=reported):
        parameters(entry_point, given, MODELS)


def test_the_project_has_every_entry_point_with_the_parameters_that_it_takes() -> None:
    declared = yaml.safe_load((ROOT / "MLproject").read_text(encoding="utf-8"))["entry_points"]
    assert tuple(declared) == ENTRY_POINTS
    assert {name: tuple(entry["parameters"]) for name, entry in declared.items()} == {
        name: OWN.get(name, ("env",)) for name in ENTRY_POINTS
    }


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_a_command_hands_on_every_parameter_and_keeps_the_users_own_modules(name: str) -> None:
    command = load_project(str(ROOT)).get_entry_point(name).compute_command({"env": "te st"}, None)
    assert f"-m credit_pipeline.cli.mlflow_project {name} --env 'te st'" in command
    assert command.startswith('PYTHONPATH="$PWD/src${PYTHONPATH:+:$PYTHONPATH}" python ')
    handed = re.findall(r"--(\w+) ", command)
    assert tuple(handed) == OWN.get(name, ("env",))


def test_the_environment_of_the_project_holds_the_versions_of_the_lock() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    listed = (ROOT / "requirements-mlflow.txt").read_text(encoding="utf-8")
    assert listed == unhashed(lock), "renew it: python tools/unhashed_lock.py requirements.lock"
    assert len(listed.splitlines()) == len(re.findall(r"^[A-Za-z0-9].*==", lock, re.MULTILINE))
    assert "--hash" not in listed
    asked = yaml.safe_load((ROOT / "python_env.yaml").read_text(encoding="utf-8"))
    assert asked["dependencies"] == ["-r requirements-mlflow.txt"]


def test_a_lock_keeps_its_markers_without_its_hashes() -> None:
    lock = "a==1 ; sys_platform == 'win32' \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\nb-c==2.0\n"
    assert unhashed(lock) == "a==1 ; sys_platform == 'win32'\nb-c==2.0\n"


def test_a_pipeline_leaves_one_run_with_the_parameters_that_were_given(fresh: Path) -> None:
    done = mlflow_run(fresh, "-e", "data_split", "-P", "env=test", "-P", "split.seed=7")
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = runs(fresh).values()
    assert run.info.status == "FINISHED"
    given = {"env": "test", "split.seed": "7"}
    assert given.items() <= run.data.params.items()
    # What `split` says in conf/base beside the seed is still there.
    assert run.data.params["split.test_share"] == "0.2"
    assert run.data.tags[MLFLOW_PROJECT_ENTRY_POINT] == run.info.run_name == "data_split"
    assert run.inputs.dataset_inputs
    assert len(written(fresh, "train.parquet/*/*.parquet")) == 1
    assert str(fresh / "mlflow.db") not in done.stdout + done.stderr  # an address may hold a password


def test_a_parameter_that_nothing_knows_is_reported_before_anything_runs(fresh: Path) -> None:
    done = mlflow_run(fresh, "-e", "data_split", "-P", "env=test", "-P", "seed=7")
    assert done.returncode != 0
    assert "The entry point 'data_split' has no parameter 'seed'." in done.stderr
    assert "split.seed" in done.stderr
    assert "Traceback" not in done.stderr
    assert [run.info.status for run in runs(fresh).values()] == ["FAILED"]
    assert written(fresh, "*.*") == []


PYTHON = """
import mlflow
mlflow.set_tracking_uri("sqlite:///{store}")
asked = dict(entry_point="data_split", parameters={{"env": "test"}}, env_manager="local", experiment_name="mine")
print("run", mlflow.projects.run("{project}", **asked).run_id)
"""


def test_from_python_the_run_lies_where_it_was_asked_for(fresh: Path, tmp_path: Path) -> None:
    script = PYTHON.format(store=tmp_path / "elsewhere.db", project=fresh)
    command = [sys.executable, "-c", script]
    done = run_to_end(command, cwd=tmp_path, env=shell())
    assert done.returncode == 0, done.stderr
    client = MlflowClient(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    experiment = client.get_experiment_by_name("mine")
    assert experiment is not None
    (run,) = client.search_runs([found.experiment_id for found in client.search_experiments()])
    assert f"run {run.info.run_id}" in done.stdout
    assert (run.info.experiment_id, run.info.status) == (experiment.experiment_id, "FINISHED")
    assert not (fresh / "mlflow.db").exists()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[str]:
    """Give a store of its own, as MLflow's current one."""
    before, uri = mlflow.get_tracking_uri(), f"sqlite:///{tmp_path / 'mlflow.db'}"
    mlflow.set_tracking_uri(uri)
    yield uri
    mlflow.set_tracking_uri(before)


@pytest.mark.parametrize(
    ("end", "status"), [(None, "FINISHED"), (SystemExit(1), "FAILED"), (KeyboardInterrupt(), "KILLED")]
)
def test_the_run_says_how_it_ended(
    store: str, end: BaseException | None, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(**_asked: object) -> None:
        assert mlflow.active_run() is not None
        if end is not None:
            raise end

    client = MlflowClient(store)
    run_id = client.create_run("0").info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", run_id)
    monkeypatch.setattr(commands, "run", run)
    monkeypatch.chdir(ROOT)
    with suppress(SystemExit, KeyboardInterrupt):
        mlflow_project.main(["data_split", "--env", "test"])
    assert client.get_run(run_id).info.status == status
    assert mlflow.active_run() is None


@pytest.mark.parametrize(
    ("run_id", "words", "reported"),
    [
        ("none", ["data_split", "--env", "test"], "The run that `mlflow run` made cannot be continued"),
        ("none", ["data_split", "--env", "nowhere"], "There is no environment 'nowhere'"),
        ("none", ["serve", "--env", "nowhere"], "expected: one of base, .*test"),
        ("none", ["serve", "--env=test"], "expected: --name value"),
        ("none", ["scoring", "env", "test"], "expected: --name value"),
    ],
)
def test_what_is_not_there_is_reported_in_a_sentence(
    store: str,
    run_id: str,
    words: list[str],
    reported: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MLFLOW_RUN_ID", run_id)
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit, match="1"):
        mlflow_project.main(words)
    assert re.search(reported, capsys.readouterr().err)


@pytest.mark.slow
def test_one_model_trains_with_the_argument_that_was_given(project: Path) -> None:
    before = set(runs(as_mlflow_project(project)))
    asked = ("-P", "env=test", "-P", "model=xgboost", "-P", "max_depth=4", "-P", "n_estimators=20")
    done = mlflow_run(project, "-e", "training", *asked)
    assert done.returncode == 0, done.stdout + done.stderr
    made = [run for run_id, run in runs(project).items() if run_id not in before]
    (parent,) = (run for run in made if MLFLOW_PARENT_RUN_ID not in run.data.tags)
    (child,) = (run for run in made if run is not parent)
    assert child.data.tags[MLFLOW_PARENT_RUN_ID] == parent.info.run_id
    assert child.info.run_name == "xgboost"
    assert {"max_depth": "4", "n_estimators": "20"}.items() <= child.data.params.items()
    assert parent.data.params["models.xgboost.search.space.max_depth"] == "[4]"
    assert parent.data.params["max_depth"] == "4"
    assert {run.info.status for run in made} == {"FINISHED"}


@pytest.mark.slow
def test_an_argument_that_the_estimator_lacks_is_reported_before_anything_runs(project: Path) -> None:
    before = set(runs(as_mlflow_project(project)))
    done = mlflow_run(project, "-e", "training", "-P", "env=test", "-P", "model=xgboost", "-P", "max_dept=4")
    assert done.returncode != 0
    assert "max_dept: unknown name; did you mean 'max_depth'?" in done.stderr
    assert "Traceback" not in done.stderr
    assert [run.info.status for run_id, run in runs(project).items() if run_id not in before] == ["FAILED"]


@pytest.mark.slow
def test_the_whole_lifecycle_is_one_run_with_a_child_for_each_model(fresh: Path) -> None:
    done = mlflow_run(fresh, "-P", "env=test")
    assert done.returncode == 0, done.stdout + done.stderr
    made = runs(fresh)
    (parent,) = (run for run in made.values() if MLFLOW_PARENT_RUN_ID not in run.data.tags)
    models = {run.info.run_name for run in made.values() if run is not parent}
    assert models == {"logistic_regression", "scorecard", "random_forest", "xgboost"}
    assert {run.info.status for run in made.values()} == {"FINISHED"}
    client = MlflowClient(f"sqlite:///{fresh / 'mlflow.db'}")
    assert str(client.get_model_version_by_alias("credit_test", "champion").version) == "1"
    assert mlflow_run(fresh, "-e", "scoring", "-P", "env=test").returncode == 0
    assert written(fresh, "scores.parquet/*/*.parquet")


@pytest.mark.slow
def test_the_champion_is_served(project: Path, free_port: int) -> None:
    asked = ["-e", "serve", "-P", "env=test", "-P", f"port={free_port}"]
    command = ["mlflow", "run", ".", "--env-manager", "local", *asked]
    with local_browser.served(command, as_mlflow_project(project), free_port, "/ping") as group:
        assert local_browser.living(group)
