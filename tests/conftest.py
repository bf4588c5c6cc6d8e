"""Projects for the tests: copies that a run may write into, and one in which the lifecycle has finished."""

import fcntl
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import hypothesis
import pytest
import yaml
from kedro.framework.project import settings
from kedro.framework.startup import bootstrap_project

ROOT = Path(__file__).parents[1]
# A busy machine is slow: neither an example nor drawing one has a time limit.
# In CI the same examples are drawn for the same code; elsewhere each run draws new ones.
hypothesis.settings.register_profile(
    "untimed",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
hypothesis.settings.load_profile("untimed")
# The only limit on what a test waits for, in seconds. It ends a hang: a busy machine does not reach it.
HANG = 3600
LEFT_BEHIND = ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "KEDRO_ENV", "CREDIT_PIPELINE_TRACKING")
COPIED = ("conf", "notebooks", "pyproject.toml", "requirements.lock", ".telemetry", "data/01_raw", "tests/data")


class Run(Protocol):
    """Runs pipelines of a project in this process."""

    def __call__(
        self, project: Path, env: str = "test", params: dict[str, object] | None = None, **asked: object
    ) -> None: ...


def pytest_configure(config: pytest.Config) -> None:
    """Let xdist keep the order of the files: it would start those with few tests last, and they take longest."""
    config.addinivalue_line("markers", "takes_long: a file of whole runs; with several workers it is started first")
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("takes_long") is None)


@pytest.fixture(scope="session", autouse=True)
def _no_user_settings() -> Iterator[None]:
    """A person's own tracking server or environment must not reach the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DO_NOT_TRACK", "true")
        patch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "300")  # a server of the tests is busy, not gone
        for name in LEFT_BEHIND:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True)
def _left_as_it_was() -> Iterator[None]:
    """What a test leaves in the process, such as the store that MLflow was set to last, must not reach the next."""
    folder = Path.cwd()
    with nothing_set():
        yield
    os.chdir(folder)


@contextmanager
def nothing_set() -> Iterator[None]:
    """Leave no variable of ours or MLflow's in the environment, before and after: MLflow writes them too."""
    forget()
    yield
    forget()


def forget() -> None:
    for name in LEFT_BEHIND:
        os.environ.pop(name, None)


def copy_project(target: Path) -> Path:
    """Copy what a run needs. Kedro wants the source below the project, so it is copied too."""
    for name in COPIED:
        source, copy = ROOT / name, target / name
        if source.is_dir():
            shutil.copytree(source, copy, dirs_exist_ok=True)
        elif source.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
    shutil.copytree(ROOT / "src", target / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return target


def one_model(project: Path) -> Path:
    """Leave one quick model, so that a run takes seconds."""
    path = project / "conf/test/parameters/models.yml"
    models = yaml.safe_load(path.read_text())["models"]
    path.write_text(yaml.safe_dump({"models": {"logistic_regression": models["logistic_regression"]}}))
    return project


def run_in_process(project: Path, env: str = "test", params: dict[str, object] | None = None, **asked: object) -> None:
    """Run pipelines of a project in this process, as ``kedro run`` would in another."""
    before = Path.cwd()
    os.chdir(project)
    try:
        bootstrap_project(project)
        with settings.SESSION_CLASS.create(project_path=project, env=env, runtime_params=params) as session:
            session.run(**asked)  # type: ignore[arg-type]
    finally:
        os.chdir(before)


@pytest.fixture(scope="session")
def kedro_run() -> Run:
    """Run pipelines of a project in this process."""
    return run_in_process


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Give a folder that the first worker of a session makes and all of them read; the others wait for it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # a worker has a folder of its own in that of the session
    made, finished = folder / name, folder / f"{name}.finished"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            shutil.rmtree(made, ignore_errors=True)  # of a worker that failed to
            make(made)
            finished.touch()
    return made


def run_whole(project: Path) -> None:
    with nothing_set():
        run_in_process(project)


@pytest.fixture(scope="session")
def finished_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a project in which ``kedro run --env test`` has finished. Tests only read it."""
    return made_once(tmp_path_factory, "finished", lambda project: run_whole(copy_project(project)))


@pytest.fixture(scope="session")
def finished_with_one_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a project with one quick model in which a run has finished. Tests only read it."""
    return made_once(tmp_path_factory, "one_model", lambda project: run_whole(one_model(copy_project(project))))


@pytest.fixture
def project(finished_project: Path, tmp_path: Path) -> Path:
    """Give a project of one's own, in which the lifecycle has finished: its registry and artifacts are copies."""
    return copy_finished(finished_project, tmp_path / "project")


@pytest.fixture
def small_project(finished_with_one_model: Path, tmp_path: Path) -> Path:
    """Give such a project with one quick model: a whole run in it takes seconds."""
    return copy_finished(finished_with_one_model, tmp_path / "project")


def copy_finished(finished: Path, target: Path) -> Path:
    """Copy a project with all that its runs left."""
    shutil.copytree(finished, target)
    relocate_store(target, finished)
    return target


def relocate_store(project: Path, origin: Path) -> None:
    """Point a copied sqlite store to the copied artifacts: MLflow keeps absolute paths."""
    with sqlite3.connect(project / "mlflow.db") as store:
        for table, column in (
            ("experiments", "artifact_location"),
            ("runs", "artifact_uri"),
            ("logged_models", "artifact_location"),
            ("model_versions", "storage_location"),
        ):
            command = f"UPDATE {table} SET {column} = replace({column}, ?, ?)"  # noqa: S608  # our own words
            store.execute(command, (str(origin), str(project)))


def run_to_end(command: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401  # Popen's
    """Run a command to its end. If it hangs or the test is interrupted, it ends with all its children."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True, **options) as process:
        try:
            printed, reported = process.communicate(timeout=HANG)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, printed, reported)


@contextmanager
def started(commands: Iterable[Sequence[str]], **options: Any) -> Iterator[list[subprocess.Popen[str]]]:  # noqa: ANN401
    """Start commands at once; none outlives the block."""
    processes = [subprocess.Popen(command, text=True, start_new_session=True, **options) for command in commands]
    try:
        yield processes
    finally:
        for process in processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def becomes_true(condition: Callable[[], bool]) -> bool:
    """Wait for something; false only if it hangs."""
    until = time.monotonic() + HANG
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


@pytest.fixture
def free_port() -> int:
    """Give a loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
