"""The registry behaves as on sqlite with every tracking server: each is started, asked and stopped here."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import local_browser
import pytest

import local_servers
from conftest import copy_project, run_to_end

PASSWORD = "hunter2-very-secret"  # noqa: S105  # planted
ASKED = """
import json, sys
from mlflow import MlflowClient
client = MlflowClient()
model = client.get_registered_model("credit_test")
versions = client.search_model_versions("name = 'credit_test'")
experiment = client.get_experiment_by_name("credit_test")
runs = client.search_runs([experiment.experiment_id])
print(json.dumps({
    "aliases": model.aliases, "versions": [int(v.version) for v in versions],
    "fingerprinted": all("fingerprint" in v.tags for v in versions),
    "statuses": sorted({run.info.status for run in runs}), "runs": len(runs),
    "root": experiment.artifact_location,
}))
"""


@dataclass
class Tracking:
    """A tracking server, how a client reaches it, and what may stop with the test."""

    folder: Path
    port: int
    until: ExitStack
    words: list[str] = field(default_factory=list)
    server: dict[str, str] = field(default_factory=dict)
    client: dict[str, str] = field(default_factory=dict)
    store: str = ""

    def start(self) -> dict[str, str]:
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port)]
        store = self.store or f"sqlite:///{self.folder / 'server.db'}"
        words = ["--workers", "1", "--backend-store-uri", store, "--serve-artifacts", *self.words]
        if "--artifacts-destination" not in words:
            words += ["--artifacts-destination", str(self.folder / "artifacts")]
        light = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", **self.server}
        self.until.enter_context(local_browser.served([*command, *words], self.folder, self.port, "/health", light))
        return {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{self.port}", **self.client}


@pytest.fixture
def tracking(tmp_path: Path, free_port: int) -> Iterator[Tracking]:
    (tmp_path / "server").mkdir()
    with ExitStack() as until:
        yield Tracking(tmp_path / "server", free_port, until)


def done(command: list[str], folder: Path, variables: dict[str, str]) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (folder / "src", *sys.path))), **variables}
    ended = run_to_end(command, cwd=folder, env=environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert PASSWORD not in ended.stdout + ended.stderr
    return ended.stdout


def require_the_same_registry(project: Path, variables: dict[str, str]) -> dict[str, Any]:
    """Run the lifecycle, deploy again, score: one version, its alias, every run finished, nothing beside the server."""
    kedro = [sys.executable, "-m", "kedro", "run", "--env", "test"]
    done(kedro, project, variables)
    done([*kedro, "--pipelines", "deployment,scoring"], project, variables)
    found: dict[str, Any] = json.loads(done([sys.executable, "-c", ASKED], project, variables).splitlines()[-1])
    assert found["versions"] == [1]
    assert found["aliases"] == {"champion": "1"}
    assert found["fingerprinted"]
    assert (found["statuses"], found["runs"]) == (["FINISHED"], 6)  # lifecycle, four models, deployment and scoring
    assert not list(project.glob("ml*"))
    assert list((project / "data/test/07_model_output/scores.parquet").glob("*/*"))
    return found


@pytest.mark.slow
def test_a_server_that_hands_artifacts_on(tracking: Tracking, tmp_path: Path) -> None:
    found = require_the_same_registry(copy_project(tmp_path / "project"), tracking.start())
    assert found["root"].startswith("mlflow-artifacts:/")
    assert any((tracking.folder / "artifacts").rglob("model.skops"))


@pytest.mark.slow
def test_a_server_that_asks_for_a_password(tracking: Tracking, tmp_path: Path) -> None:
    pytest.importorskip("flask_wtf", reason="no Flask-WTF (pip install 'mlflow[auth]')")
    settings = tracking.folder / "auth.ini"
    settings.write_text(
        f"[mlflow]\ndefault_permission = READ\ndatabase_uri = sqlite:///{tracking.folder / 'auth.db'}\n"
        f"admin_username = ada\nadmin_password = {PASSWORD}\n"
        "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n"
    )
    tracking.words = ["--app-name", "basic-auth"]
    tracking.server = {"MLFLOW_AUTH_CONFIG_PATH": str(settings), "MLFLOW_FLASK_SERVER_SECRET_KEY": "planted"}
    tracking.client = {"MLFLOW_TRACKING_USERNAME": "ada", "MLFLOW_TRACKING_PASSWORD": PASSWORD}
    project = copy_project(tmp_path / "project")
    variables = tracking.start()
    require_the_same_registry(project, variables)
    stranger = {**os.environ, **variables, "MLFLOW_TRACKING_PASSWORD": f"{PASSWORD}x"}
    kedro = [sys.executable, "-m", "kedro", "run", "--env", "test", "--pipelines", "data_split"]
    refused = run_to_end(kedro, cwd=project, env=stranger)
    assert refused.returncode == 1
    assert "TrackingUnavailableError" in refused.stderr
    assert PASSWORD not in refused.stdout + refused.stderr


@pytest.mark.slow
def test_a_server_with_postgresql_as_its_store(tracking: Tracking, tmp_path: Path) -> None:
    database = local_browser.free_port()
    address = tracking.until.enter_context(local_servers.postgres(database, PASSWORD))
    tracking.store = address
    require_the_same_registry(copy_project(tmp_path / "project"), tracking.start())


@pytest.mark.slow
def test_a_server_with_artifacts_in_s3(tracking: Tracking, tmp_path: Path) -> None:
    boto3 = pytest.importorskip("boto3", reason="no boto3 (pip install boto3)")
    port = local_browser.free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    tracking.until.enter_context(local_browser.served(command, tracking.folder, port, "/moto-api/"))
    access = {"aws_access_key_id": "ada", "aws_secret_access_key": PASSWORD, "region_name": "us-east-1"}
    bucket = boto3.resource("s3", endpoint_url=f"http://127.0.0.1:{port}", **access).create_bucket(Bucket="models")
    tracking.words = ["--artifacts-destination", "s3://models"]
    tracking.server = {
        "MLFLOW_S3_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        **{name.upper().replace("REGION_NAME", "AWS_DEFAULT_REGION"): value for name, value in access.items()},
    }
    require_the_same_registry(copy_project(tmp_path / "project"), tracking.start())
    assert any(stored.key.endswith("model.skops") for stored in bucket.objects.all())
