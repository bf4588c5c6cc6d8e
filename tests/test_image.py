"""The image: its files are linted, and its commands run in a folder that holds what the image would hold.

No container engine is needed: the instructions are read, and what they copy and start is copied and started here.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import local_browser
import pytest
import yaml

import local_servers
from conftest import HANG, ROOT

KNOWN = frozenset({"ARG", "FROM", "WORKDIR", "RUN", "COPY", "ENV", "USER", "EXPOSE", "VOLUME"}) | {
    "HEALTHCHECK",
    "ENTRYPOINT",
    "CMD",
}
SCRIPTS = ("docker/entrypoint.sh", "tools/install.sh")
SECRET = re.compile(r"password|passwd|secret|token|api_?key|credential", re.IGNORECASE)


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile: its stage, its word in capitals, its options, the rest."""

    stage: str
    word: str
    options: tuple[str, ...]
    rest: str


def instructions() -> Iterator[Instruction]:
    """Read the Dockerfile, its continued lines joined."""
    lines = [
        line for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    ]
    stage = ""
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            options = re.match(r"(?:--\S+ )*", rest).group()  # type: ignore[union-attr]  # it matches nothing at least
            stage = rest.split(" AS ")[1] if word == "FROM" else stage
            yield Instruction(stage, word, tuple(options.split()), rest.removeprefix(options))


DOCKERFILE = tuple(instructions())
STAGES = {found.stage: found.rest.split()[0] for found in DOCKERFILE if found.word == "FROM"}
FINAL = list(STAGES)[-1]


def lineage(stage: str) -> list[str]:
    """A stage and those that it builds on, the first of them first."""
    return [*(lineage(STAGES[stage]) if STAGES[stage] in STAGES else ()), stage]


def of(stage: str, word: str) -> list[Instruction]:
    return [found for name in lineage(stage) for found in DOCKERFILE if (found.stage, found.word) == (name, word)]


def is_sent(path: str) -> bool:
    """Say whether .dockerignore lets a path in: the last pattern that fits it, or a folder of it, decides."""
    sent = True
    candidates = [path, *map(str, PurePosixPath(path).parents)][:-1] or [path]
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        if line and not line.startswith("#") and any(_fits(candidate, pattern) for candidate in candidates):
            sent = line.startswith("!")
    return sent


def _fits(path: str, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return any(fnmatch(part, pattern[3:]) for part in path.split("/"))
    return path.count("/") == pattern.count("/") and fnmatch(path, pattern)


def files_of(source: str) -> list[str]:
    """Paths in the project that an instruction to copy would take."""
    place = ROOT / source
    found = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
    return [name for path in found if is_sent(name := path.relative_to(ROOT).as_posix())]


def copied(stage: str, target: Path) -> Path:
    """Copy what the image's stage would hold of the project: /app is the target."""
    for instruction in of(stage, "COPY"):
        *sources, place = instruction.rest.split()
        for source in sources if not instruction.options or "--from" not in instruction.options[0] else ():
            for name in files_of(source):
                inside = name.removeprefix(f"{source}/") if (ROOT / source).is_dir() else ""
                copy = target / place / (inside if inside or place == source else Path(source).name)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, copy)
    return target


@pytest.mark.parametrize("instruction", DOCKERFILE, ids=lambda found: f"{found.stage}-{found.word}")
def test_every_instruction_is_one_and_names_no_secret(instruction: Instruction) -> None:
    assert instruction.word in KNOWN
    assert not SECRET.search(instruction.rest)
    assert "://" not in instruction.rest.replace("http://127.0.0.1", "")  # nothing is fetched from an address


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_starts_from_a_stage_or_a_slim_python(stage: str) -> None:
    (version,) = (found.rest for found in DOCKERFILE if found.word == "ARG")
    assert STAGES[stage] in STAGES or STAGES[stage] == "python:${PYTHON}"
    assert re.fullmatch(r"PYTHON=3\.11-slim-\w+", version)


@pytest.mark.parametrize("instruction", [found for found in DOCKERFILE if found.word == "COPY"], ids=lambda c: c.rest)
def test_what_is_copied_exists_and_is_sent(instruction: Instruction) -> None:
    *sources, _ = instruction.rest.split()
    origin = [option.removeprefix("--from=") for option in instruction.options if option.startswith("--from=")]
    if origin:
        assert origin[0] in STAGES
        assert any("/app/.venv" in found.rest for found in of(origin[0], "RUN"))
    else:
        assert all(files_of(source) for source in sources)


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".env",
        "conf/.env",
        ".venv/bin/python",
        "conf/local/credentials.yml",
        "conf/local/mlflow.yml",
        "data/06_models/x",
        "mlflow.db",
        "mlartifacts/1/x",
        "src/credit_pipeline/__pycache__/spec.pyc",
    ],
)
def test_a_persons_own_files_are_not_sent(path: str) -> None:
    assert not is_sent(path)


@pytest.mark.parametrize("path", ["conf/base/globals.yml", "conf/local/.gitkeep", "data/01_raw/applicants.csv"])
def test_what_runs_need_is_sent(path: str) -> None:
    assert is_sent(path)


@pytest.mark.parametrize("stage", ["tracking", "pipeline"])
def test_what_runs_is_no_root_and_says_whether_it_is_well(stage: str) -> None:
    assert [found.rest for found in of(stage, "USER")][-1:] == ["pipeline"]
    assert any("useradd --uid 10001 " in found.rest for found in of(stage, "RUN"))
    (health,) = (found.rest for found in of(stage, "HEALTHCHECK"))
    assert json.loads(health.removeprefix("CMD "))


def test_the_last_stage_is_the_pipeline_and_runs_it() -> None:
    assert FINAL == "pipeline"
    assert json.loads(of(FINAL, "ENTRYPOINT")[0].rest) == ["/app/docker/entrypoint.sh"]
    assert json.loads(of(FINAL, "CMD")[0].rest) == ["run"]
    assert os.access(ROOT / "docker/entrypoint.sh", os.X_OK)


@pytest.mark.parametrize("instruction", [found for found in DOCKERFILE if found.word == "RUN"], ids=lambda c: c.stage)
def test_a_command_of_the_build_is_sh_and_installs_by_hash(instruction: Instruction) -> None:
    subprocess.run(["sh", "-n", "-c", instruction.rest], check=True)
    if "-r " in instruction.rest:
        assert "--no-deps --require-hashes" in instruction.rest


def test_the_driver_of_the_database_is_pinned_by_hash() -> None:
    lock = (ROOT / "docker/requirements-tracking.lock").read_text(encoding="utf-8")
    assert re.findall(r"^(\S+)==", lock, re.MULTILINE) == ["psycopg2-binary"]
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", lock)) > 1
    assert "://" not in lock


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_sh(script: str) -> None:
    subprocess.run(["sh", "-n", ROOT / script], check=True)


COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def test_the_services_stand_on_each_other_and_on_stages_of_the_image() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"database", "tracking", "pipeline", "serve"}
    assert {service["build"]["target"] for service in services.values() if "build" in service} <= set(STAGES)
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            assert wanted == {"condition": "service_healthy"}
            assert "healthcheck" in services[name] or of(services[name]["build"]["target"], "HEALTHCHECK")
    mounted = {volume.split(":")[0] for service in services.values() for volume in service["volumes"]}
    assert mounted == set(COMPOSE["volumes"])


def test_a_volume_lies_where_the_image_lets_the_user_write() -> None:
    for service in COMPOSE["services"].values():
        if "build" in service:
            (place,) = (volume.split(":")[1] for volume in service["volumes"])
            assert place in [found.rest for found in of(service["build"]["target"], "VOLUME")]
            assert any(f" {place}" in found.rest for found in of("base", "RUN") if "install -d" in found.rest)


def test_the_password_is_asked_for_and_stands_nowhere() -> None:
    words = [f"{value}" for service in COMPOSE["services"].values() for value in service["environment"].values()]
    secret = [word for word in words if "PASSWORD" in word]
    assert len(secret) == 2
    assert all("${POSTGRES_PASSWORD:?" in word for word in secret)


def test_nothing_is_open_beyond_this_machine() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_server_takes_requests_to_the_name_that_the_pipeline_uses() -> None:
    uri = COMPOSE["services"]["pipeline"]["environment"]["MLFLOW_TRACKING_URI"]
    allowed = COMPOSE["services"]["tracking"]["environment"]["MLFLOW_SERVER_ALLOWED_HOSTS"].split(",")
    assert uri.removeprefix("http://") in allowed


@dataclass(frozen=True)
class Container:
    """A folder that holds what the image holds, and the variables that it sets."""

    app: Path
    variables: dict[str, str]

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.app / "docker/entrypoint.sh", *words],
            cwd="/",
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str) -> tuple[int, str]:
        process = self.start(*words)
        try:
            reported, _ = process.communicate(timeout=HANG)
        finally:
            local_browser.stop(process)
        return process.returncode, reported


def contained(folder: Path) -> Container:
    """Give a container that has started nothing. The packages are those of this environment."""
    app = copied(FINAL, folder / "app")
    (folder / "tmp").mkdir()
    settings = [shlex.split(found.rest) for found in of(FINAL, "ENV")]
    variables = dict(setting.split("=", 1) for found in settings for setting in found)
    packages = Path(sys.executable).parent
    return Container(
        app,
        {
            **variables,
            "PATH": variables["PATH"].replace("/app/.venv/bin", str(packages)).replace("$PATH", os.defpath),
            "PYTHONPATH": str(app / "src"),  # the image installs the project from there
            "HOME": str(folder),
            "TMPDIR": str(folder / "tmp"),
        },
    )


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return contained(tmp_path)


def test_what_the_image_does_not_do_is_reported(container: Container) -> None:
    status, reported = container.run("trian")
    assert status == 64
    assert "usage: run" in reported


def test_a_container_that_does_not_serve_is_well(container: Container) -> None:
    assert container.run("health") == (0, "")


def test_a_server_that_does_not_answer_is_not_well(container: Container, free_port: int) -> None:
    (Path(container.variables["TMPDIR"]) / "credit_pipeline.port").write_text(f"{free_port}\n", encoding="utf-8")
    status, reported = container.run("health")
    assert status == 1
    assert "refused" in reported


@pytest.mark.slow
def test_the_image_runs_scores_and_serves(tmp_path: Path, free_port: int) -> None:
    container = contained(tmp_path)
    status, reported = container.run("run", "--env", "test")
    assert status == 0, reported
    replaced(container.app)
    status, reported = container.run("score", "--env", "test")
    assert status == 0, reported
    assert list((container.app / "data/test/07_model_output/scores.parquet").glob("*/*.parquet"))
    server = container.start("serve", "--env", "test", "--port", str(free_port))
    try:
        assert local_browser.answers(server, free_port, "/ping")
        assert container.run("health") == (0, "")
    finally:
        local_browser.stop(server)
        server.communicate(timeout=HANG)


def replaced(app: Path) -> None:
    """Put a new container in the place of one that ended: nothing but the volume is left."""
    volume = app.with_name("volume")
    (app / "data").rename(volume)
    shutil.rmtree(app)
    copied(FINAL, app)
    shutil.rmtree(app / "data")
    volume.rename(app / "data")


@pytest.mark.slow
def test_the_tracking_server_starts_on_postgresql_and_is_well(tmp_path: Path, free_port: int) -> None:
    def here(words: str) -> list[str]:
        return [word.replace("5000", str(free_port)).replace("0.0.0.0", "127.0.0.1") for word in json.loads(words)]  # noqa: S104  # taken away

    (command,), (health,) = of("tracking", "CMD"), of("tracking", "HEALTHCHECK")
    settings = dict(word.split("=", 1) for found in of("tracking", "ENV") for word in shlex.split(found.rest))
    with local_servers.postgres(local_browser.free_port(), "planted") as address:
        asked = COMPOSE["services"]["tracking"]["environment"]["MLFLOW_BACKEND_STORE_URI"]
        assert asked.startswith(address.split("ada")[0])
        places = {"MLFLOW_BACKEND_STORE_URI": address, "MLFLOW_ARTIFACTS_DESTINATION": str(tmp_path / "artifacts")}
        variables = {**settings, **places, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"}
        with local_browser.served(here(command.rest), tmp_path, free_port, "/health", variables):
            subprocess.run(here(health.rest.removeprefix("CMD ")), check=True, env=variables)


@pytest.mark.slow
def test_the_build_installs_the_lock_and_the_project_in_a_clean_prefix(tmp_path: Path) -> None:
    app = copied("build", tmp_path / "app")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    for instruction in of("build", "RUN"):
        command = instruction.rest.replace("/app/", f"{app}/")
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=app,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
            timeout=HANG,
        )
        assert done.returncode == 0, done.stderr
    asked = [app / ".venv/bin/kedro", "registry", "list"]
    copied(FINAL, app)
    listed = subprocess.run(asked, cwd=app, env={"PATH": os.defpath}, capture_output=True, text=True, check=True)
    assert "- scoring" in listed.stdout
    where = [app / ".venv/bin/python", "-c", "import credit_pipeline; print(credit_pipeline.__file__)"]
    found = subprocess.run(where, cwd="/", env={"PATH": os.defpath}, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(app / "src/credit_pipeline/__init__.py")
