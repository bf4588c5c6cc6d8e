"""What is secret, and what an applicant said, reaches no log, message, file or MLflow."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import local_servers
from conftest import copy_project, run_to_end

pytestmark = pytest.mark.takes_long

SECRET = "hunter2-very-secret"  # noqa: S105  # planted
APPLICANT = "3141592653"


def everything_written(project: Path) -> list[Path]:
    """Files of a run, beside those that it was given."""
    given = {project / name for name in ("src", "conf", "data/01_raw", "tests", "notebooks")}
    return [path for path in project.rglob("*") if path.is_file() and not given & set(path.parents)]


def kedro(project: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), "COLUMNS": "300", **variables}
    command = [sys.executable, "-m", "kedro", *arguments, "--env", "test"]
    return run_to_end(command, cwd=project, env=environment)


def holds(project: Path, secret: str) -> list[str]:
    return [str(path) for path in everything_written(project) if secret.encode() in path.read_bytes()]


def test_secrets_of_settings_and_command_lines_are_nowhere(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    (project / "conf/local").mkdir(exist_ok=True)
    (project / "conf/local/credentials.yml").write_text(f"warehouse: {{password: {SECRET}}}\n")
    refused = kedro(project, "run", "--params", f"password={SECRET}")
    assert (refused.returncode, "password: unknown key" in refused.stderr) == (1, True)
    variables = {"AWS_SECRET_ACCESS_KEY": SECRET, "MLFLOW_TRACKING_PASSWORD": SECRET}
    done = kedro(project, "run", "--pipelines", "data_split", **variables)
    assert done.returncode == 0, done.stderr
    assert SECRET not in done.stdout + done.stderr + refused.stdout + refused.stderr
    assert holds(project, SECRET) == []
    assert (project / "mlflow.db").exists()


def test_the_password_of_a_tracking_server_that_is_away_is_not_reported(tmp_path: Path, free_port: int) -> None:
    project = copy_project(tmp_path)
    done = kedro(project, "run", MLFLOW_TRACKING_URI=f"http://ada:{SECRET}@127.0.0.1:{free_port}")
    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert holds(project, SECRET) == []


def test_the_value_of_an_applicant_is_in_no_message(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    table = project / "tests/data/applications.csv"
    lines = table.read_text().splitlines()
    for row in range(1, 600):  # past the share that may be set aside
        fields = lines[row].split(",")
        lines[row] = ",".join([*fields[:5], APPLICANT, *fields[6:]])
    table.write_text("\n".join(lines))
    done = kedro(project, "run", "--pipelines", "data_split")
    assert done.returncode == 1
    assert "DataError" in done.stderr
    assert APPLICANT not in done.stdout + done.stderr
    assert [path for path in holds(project, APPLICANT) if "mlflow" in path or "mlartifacts" in path] == []


def test_the_password_of_a_raw_table_is_nowhere_and_its_address_is_recorded(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    table = (project / "tests/data/applications.csv").read_bytes()
    words = ("run", "--pipelines", "data_split")
    catalog = project / "conf/test/catalog/data_split.yml"
    catalog.write_text(catalog.read_text().replace("tests/data/applications.csv", "${oc.env:RAW_URI}"))
    with local_servers.web({"/raw.csv": table}, login=f"ada:{SECRET}") as host:
        done = kedro(project, *words, RAW_URI=f"http://ada:{SECRET}@{host}/raw.csv?signature={SECRET}")
        refused = kedro(project, *words, RAW_URI=f"http://eve:{SECRET}@{host}/raw.csv")
    assert (done.returncode, refused.returncode) == (0, 1), done.stderr
    assert "ClientResponseError 401" in refused.stderr
    (manifest,) = (project / "data/test/03_primary/split_manifest.json").glob("*/*.json")
    assert f'"source": "http://{host}/raw.csv"' in manifest.read_text()
    assert SECRET not in done.stdout + done.stderr + refused.stdout + refused.stderr
    assert holds(project, SECRET) == []
