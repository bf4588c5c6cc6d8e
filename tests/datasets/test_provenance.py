import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from kedro.io import DataCatalog, DatasetError

from credit_pipeline.datasets import provenance
from credit_pipeline.datasets.provenance import Provenance, git

ROOT = Path(__file__).parents[2]
IDENTITY = {f"GIT_{who}_{what}": "ada@lender" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
SETTINGS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **IDENTITY}
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a project with two source files and a lock, in no repository."""
    package = tmp_path / "src" / "credit_pipeline"
    (package / "modelling").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "modelling" / "metrics.py").write_text("KS = 1\n")
    (tmp_path / "requirements.lock").write_text("numpy==2.0\n")
    monkeypatch.setattr(provenance, "PACKAGE", package)
    # No repository around the tests, no settings of a person, no hook that runs them.
    monkeypatch.delenv("GIT_DIR", raising=False)
    for name, value in {"GIT_CEILING_DIRECTORIES": str(tmp_path.parent), **SETTINGS}.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def load(project: Path) -> dict[str, str]:
    return Provenance(lock=str(project / "requirements.lock")).load()


def test_code_is_identified_by_the_content_of_source_and_lock(project: Path) -> None:
    loaded = load(project)
    # Every file as name, length and content, so that no two trees read alike.
    source = b"__init__.py\x000\x00" + b"modelling/metrics.py\x007\x00KS = 1\n"
    assert loaded == {
        "code_revision": "unknown",
        "source_sha256": hashlib.sha256(source).hexdigest(),
        "lock_sha256": hashlib.sha256(b"requirements.lock\x0011\x00numpy==2.0\n").hexdigest(),
    }


def test_loading_twice_gives_the_same(project: Path) -> None:
    assert load(project) == load(project)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("src/credit_pipeline/modelling/metrics.py", "KS = 2\n"),
        ("src/credit_pipeline/__init__.py", "# a comment\n"),
        ("src/credit_pipeline/modelling/new.py", ""),
    ],
)
def test_a_changed_line_or_a_new_file_changes_the_source_alone(file: str, text: str, project: Path) -> None:
    before = load(project)
    (project / file).write_text(text)
    after = load(project)
    assert after["source_sha256"] != before["source_sha256"]
    assert after["lock_sha256"] == before["lock_sha256"]


def test_a_renamed_file_changes_the_source(project: Path) -> None:
    before = load(project)["source_sha256"]
    package = project / "src" / "credit_pipeline"
    (package / "modelling" / "metrics.py").rename(package / "modelling" / "scores.py")
    assert load(project)["source_sha256"] != before


def test_a_line_that_moves_to_the_next_file_changes_the_source(project: Path) -> None:
    package = project / "src" / "credit_pipeline"
    (package / "a.py").write_text("one\ntwo\n")
    (package / "b.py").write_text("three\n")
    before = load(project)["source_sha256"]
    (package / "a.py").write_text("one\n")
    (package / "b.py").write_text("two\nthree\n")
    assert load(project)["source_sha256"] != before


def test_what_is_no_source_and_when_a_file_was_written_change_nothing(project: Path) -> None:
    before = load(project)
    package = project / "src" / "credit_pipeline"
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "metrics.cpython-311.pyc").write_bytes(b"compiled")
    (project / "README.md").write_text("Read me.")
    os.utime(package / "modelling" / "metrics.py", (1, 1))
    assert load(project) == before


def test_another_lock_changes_the_lock_alone(project: Path) -> None:
    before = load(project)
    (project / "requirements.lock").write_text("numpy==2.1\n")
    after = load(project)
    assert {key for key in before if before[key] != after[key]} == {"lock_sha256"}


def test_the_place_of_the_project_changes_nothing(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load(project)
    moved = shutil.copytree(project, tmp_path_factory.mktemp("elsewhere") / "moved")
    monkeypatch.setattr(provenance, "PACKAGE", moved / "src" / "credit_pipeline")
    assert load(moved) == before


@needs_git
def test_the_revision_is_that_of_the_repository_and_a_commit_alone_changes_no_hash(project: Path) -> None:
    before = load(project)
    subprocess.run(["git", "-C", str(project), "init", "-q"], check=True)
    revisions = []
    for message in ("first", "second"):
        subprocess.run(["git", "-C", str(project), "commit", "-q", "--allow-empty", "-m", message], check=True)
        loaded = load(project)
        revisions.append(loaded["code_revision"])
        assert loaded == {**before, "code_revision": git(project, "rev-parse", "HEAD")}
    assert len(set(revisions)) == 2
    assert all(len(revision) == 40 for revision in revisions)


@needs_git
def test_a_repository_without_a_commit_has_no_revision(project: Path) -> None:
    subprocess.run(["git", "-C", str(project), "init", "-q"], check=True)
    assert load(project)["code_revision"] == "unknown"


def test_without_git_the_revision_is_unknown(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))
    assert git(project, "rev-parse", "HEAD") == ""
    assert load(project)["code_revision"] == "unknown"


def test_a_missing_lock_is_reported_by_its_path(project: Path) -> None:
    (project / "requirements.lock").unlink()
    with pytest.raises(DatasetError, match=r"requirements\.lock"):
        load(project)


def test_provenance_is_read_only(project: Path) -> None:
    entry = {"type": "credit_pipeline.datasets.Provenance", "lock": str(project / "requirements.lock")}
    catalog = DataCatalog.from_config({"provenance": entry})
    with pytest.raises(DatasetError, match="read-only"):
        catalog.save("provenance", {"code_revision": "mine"})
    assert set(catalog.load("provenance")) == {"code_revision", "source_sha256", "lock_sha256"}


def test_the_packages_own_source_is_hashed() -> None:
    loaded = Provenance(lock=str(ROOT / "requirements.lock")).load()
    assert all(len(loaded[name]) == 64 for name in ("source_sha256", "lock_sha256"))
