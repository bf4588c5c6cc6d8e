"""Each session has its own run, whether it is the project's session or Kedro's."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from conftest import copy_project
from credit_pipeline import configuration
from credit_pipeline.configuration import open_run
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.runs import LifecycleSession
from credit_pipeline.runs.hooks import ProjectHooks

OTHER = "other"


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the project, with a second environment, for tests that only read its configuration."""
    project = copy_project(tmp_path_factory.mktemp("sessions"))
    shutil.copytree(project / "conf/test", project / "conf" / OTHER)
    return project


@pytest.fixture
def project(copied: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a project that tracks nothing, as the working folder, and no open run."""
    monkeypatch.setattr(open_run, "_open", [])
    monkeypatch.setenv("CREDIT_PIPELINE_TRACKING", "off")
    monkeypatch.chdir(copied)
    bootstrap_project(copied)
    yield copied
    os.environ.pop("KEDRO_ENV", None)


def session_of(kind: type[KedroSession], project: Path, env: str, **params: object) -> Any:  # noqa: ANN401  # Kedro's type lacks its methods
    return kind.create(project_path=project, env=env, runtime_params=params)


def environment() -> str:
    run = open_run.current()
    assert run is not None
    assert run.configuration is configuration.current()
    return configuration.current().environment


def test_a_session_inside_another_has_its_own_run_and_gives_back_the_outer_one(project: Path) -> None:
    with session_of(LifecycleSession, project, "test") as outer:
        outer.load_context()
        assert environment() == "test"
        with session_of(LifecycleSession, project, OTHER) as inner:
            inner.load_context()
            assert environment() == OTHER
        assert environment() == "test"
    assert open_run.current() is None


def test_a_session_that_fails_leaves_no_open_run(project: Path) -> None:
    with (
        pytest.raises(ConfigurationError),
        session_of(LifecycleSession, project, "test", split={"sead": 1}) as session,
    ):
        session.run()
    assert open_run.current() is None


def test_kedros_own_session_has_a_run_that_stays_until_the_next_one(project: Path) -> None:
    with session_of(KedroSession, project, "test") as session:
        session.load_context()
        session.load_context()
    plugins = session._hook_manager.get_plugins()  # noqa: SLF001  # Kedro shows them nowhere else
    hooks = [plugin for plugin in plugins if isinstance(plugin, ProjectHooks)]
    assert len(hooks) == 1
    assert environment() == "test"
    with session_of(KedroSession, project, OTHER) as later:
        later.load_context()
    assert environment() == OTHER
