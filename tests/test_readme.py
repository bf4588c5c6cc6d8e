"""The commands in the documents exist, and those that can run here run as they are written there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import lineage_nodes
import local_browser
import mlflow.cli
import pandas as pd
import pytest
import yaml
from kedro.framework.cli.cli import KedroCLI

from conftest import ROOT, copy_finished, run_to_end
from credit_pipeline.cli.mlflow_parameters import parameters
from credit_pipeline.modelling.contract.set_aside import quarantine
from credit_pipeline.spec import DataSpec
from credit_pipeline.storage import run_record
from documented_commands import DOCUMENTS, commands, requests, words_of

COMMANDS = commands()
GLOBALS = sorted(ROOT.glob("conf/*/globals.yml"))
NOT_RUN = {
    r"make (run|test|test-slow|install|check|docs|lock|sbom|benchmark|clean)\b": "builds .venv from a package index",
    r"make pictures": "needs a finished run and a browser, and writes into docs",
    r"make (ui|viz|serve)\b|kedro (viz run|mlflow ui|ipython)": "goes on until it is stopped; tests/test_browser.py",
    r"docker |export ": "needs a container engine; tests/test_image.py runs what the image would",
    r"pip |uv ": "asks an index of packages",
    r"kedro airflow|airflow ": "needs Airflow; tests/test_airflow_example.py",
    r"curl ": "needs a server: the last test of this file",
    r"kedro track": "needs a run that lost its server; tests/tracking/test_tracking_server.py",
    r"(RAW_URI=\S+ )?kedro run --env (?!test|mortgage)": "full size; the tests of the use case run it on few rows",
    r"kedro run --pipelines \w+$": "tests/cli/test_commands.py runs each pipeline alone",
    r"make -f examples/steps.mk deployment": "the line above it goes further",
    r"kedro use-case new mortgage --data data": "the README makes the same folder from another table",
    r"kedro run --tags (extra_trees|<model>)": "needs the model that the text before it adds",
    r"python tools/write_schemas": "tests/spec/test_schemas.py",
}


def why_not(command: str) -> str:
    return next((reason for pattern, reason in NOT_RUN.items() if re.match(pattern, command)), "")


def of(program: str) -> list[str]:
    return [command for command in COMMANDS if words_of(command)[0] == program]


def parsed(group: click.Command, words: list[str]) -> click.Context:
    """Read a command line as the program would, without doing what it says."""
    path = []
    while isinstance(group, click.Group):
        name, group, words = group.resolve_command(click.Context(group), words)  # type: ignore[assignment]
        path.append(name)
    try:
        return group.make_context(" ".join(map(str, path)), list(words))
    except click.MissingParameter:  # spoken of by its name alone
        return click.Context(group)


@pytest.mark.parametrize("command", [command for command in of("kedro") if "airflow" not in command])
def test_a_command_of_kedro_has_these_options(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    parsed(KedroCLI(ROOT), words_of(command)[1:])


@pytest.mark.parametrize("command", of("mlflow"))
def test_a_command_of_mlflow_names_an_entry_point_and_its_parameters(command: str) -> None:
    asked = parsed(mlflow.cli.cli, words_of(command)[1:]).params
    assert asked["entry_point"] in yaml.safe_load((ROOT / "MLproject").read_text(encoding="utf-8"))["entry_points"]
    given = dict(pair.split("=", 1) for pair in asked["param_list"])
    models = yaml.safe_load((ROOT / "conf/base/parameters/models.yml").read_text(encoding="utf-8"))["models"]
    parameters(asked["entry_point"], {"env": "local", **given}, models)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_link_leads_somewhere_and_a_named_file_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    linked = [ROOT / document / ".." / link for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text)]
    folders = "benchmarks|docker|docs|examples|notebooks|src|tests|tools"
    made = "docs/_site"  # `make docs` writes it
    named = [ROOT / path for path in re.findall(rf"`((?:{folders})/[\w./-]+)`", text) if path != made]
    assert [str(path) for path in (*linked, *named) if not path.resolve().exists()] == []


def answering() -> list[tuple[str, int]]:
    """Pair each request with the environment whose model answers it: the model that the text before it serves."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [yaml.safe_load(path.read_text(encoding="utf-8"))["use_case"] for path in GLOBALS]
    environments = {name: path.parent.name for name, path in zip(names, GLOBALS, strict=True)}
    before = [readme[: found.start()] for found in re.finditer("^curl ", readme, re.MULTILINE)]
    served = [re.findall(r"make serve(?: MODEL=(\w+))?", text)[-1] or "credit_default" for text in before]
    return [(environments[model], number) for number, model in enumerate(served) if model in environments]


def test_the_first_request_is_answered_by_the_champion_of_base() -> None:
    assert answering()[0] == ("base", 0)


@pytest.mark.parametrize(("use_case", "number"), answering())
def test_a_request_has_the_columns_of_the_contract(use_case: str, number: int) -> None:
    contract = yaml.safe_load((ROOT / f"conf/{use_case}/parameters/data.yml").read_text(encoding="utf-8"))
    columns = contract["data"]["columns"]
    asked, _ = requests()[number]
    assert asked["columns"] == [name for name, found in columns.items() if found["role"] in {"numeric", "categorical"}]
    assert {len(row) for row in asked["data"]} == {len(asked["columns"])}


@pytest.mark.parametrize(("use_case", "number"), answering())
def test_the_contract_accepts_every_row_of_a_request(use_case: str, number: int) -> None:
    contract = yaml.safe_load((ROOT / f"conf/{use_case}/parameters/data.yml").read_text(encoding="utf-8"))
    spec = DataSpec.model_validate(contract["data"])
    body, answer = requests()[number]
    numbered = dict.fromkeys(spec.named("identifier"), (1, 2))
    rows = pd.DataFrame(body["data"], columns=body["columns"]).assign(**numbered)
    found = quarantine(rows, spec, target=False)
    assert found.quarantined.to_dict("records") == []
    assert len(found.accepted) == len(answer)


def test_the_picture_of_the_lineage_has_the_nodes_of_the_lifecycle() -> None:
    written = (ROOT / "docs/images/lineage.json").read_text(encoding="utf-8")
    assert json.loads(written) == json.loads(lineage_nodes.lineage_document(ROOT)), "make pictures"


def test_every_reason_not_to_run_a_command_is_one_of_a_command() -> None:
    assert [
        reason for pattern, reason in NOT_RUN.items() if not any(re.match(pattern, text) for text in COMMANDS)
    ] == []


@pytest.fixture(scope="module")
def pasted(tmp_path_factory: pytest.TempPathFactory, finished_project: Path) -> Path:
    """Give a finished project with all files that commands name, and an environment in ``.venv``."""
    project = copy_finished(finished_project, tmp_path_factory.mktemp("pasted") / "project")
    for name in ("MLproject", "python_env.yaml", "requirements-mlflow.txt", "Makefile", "README.md"):
        shutil.copy(ROOT / name, project / name)
    shutil.copytree(ROOT / "examples", project / "examples")
    (project / ".venv").symlink_to(sys.prefix)
    table = pd.read_csv(ROOT / "tests/data/applications.csv")
    table.rename(columns={"default payment next month": "defaulted"}).to_csv(project / "loans.csv", index=False)
    return project


def on_few_rows(project: Path, command: str) -> str:
    """Ask for the environment of the tests where a command names none, and for a version that there is."""
    first = next(run_record.records(project / "data/test"))["save_version"]
    command = command.replace("<version>", first)
    program, *words = words_of(command)
    if program == "mlflow":
        return command if "env=test" in words else f"{command} -P env=test"
    takes_env = program == "kedro" and "env" in {option.name for option in parsed(KedroCLI(ROOT), words).command.params}
    return f"{command} --env test" if takes_env and "--env" not in words else command


def shell(project: Path) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(project / "src"), "ENVIRONMENT": "test"}


@pytest.mark.slow
@pytest.mark.parametrize("command", [command for command in COMMANDS if not why_not(command)])
def test_a_command_runs_as_it_stands(pasted: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pasted)
    done = run_to_end(
        ["sh", "-c", on_few_rows(pasted, command)],
        env=shell(pasted),
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_the_champion_answers_the_request(pasted: Path, free_port: int) -> None:
    words = ["-m", "credit_pipeline.cli.mlflow_project", "serve", "--env", "test", "--port", str(free_port)]
    with local_browser.served([sys.executable, *words], pasted, free_port, "/ping", shell(pasted)):
        request = of("curl")[0].replace(":3000/", f":{free_port}/")
        reported = json.loads(subprocess.run(["sh", "-c", request], capture_output=True, text=True, check=True).stdout)
    assert [set(prediction) for prediction in reported["predictions"]] == [{"probability_of_default"}] * 2
