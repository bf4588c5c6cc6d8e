"""A new use case: proposed from tables without a description, written completely or not at all."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import conventions
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner, Result
from kedro.config import OmegaConfigLoader

from conftest import copy_project
from credit_pipeline import configuration
from credit_pipeline.cli import cli
from credit_pipeline.configuration import CONFIG_LOADER_ARGS, Configuration
from credit_pipeline.datasets.raw.raw_table import RawTableDataset
from credit_pipeline.errors import ConfigurationError, DataError
from credit_pipeline.pipelines.data_split import nodes
from credit_pipeline.proposal import proposal
from credit_pipeline.spec import Role
from use_case_tables import TABLES, forty_rows, odd_names, yes_and_no

Made = Callable[[Path], tuple[Path, str]]
KNOWS_DATES = "date" in get_args(Role)
UNDATED = [name for name in TABLES if name != "three_dates"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a folder with the conf of the project, without a new use case."""
    return copy_project(tmp_path / "project")


def read(project: Path, environment: str) -> dict[str, Any]:
    """Read the parameters of an environment as a run would."""
    loader = OmegaConfigLoader(conf_source=str(project / "conf"), env=environment, **CONFIG_LOADER_ARGS)
    parameters: dict[str, Any] = loader["parameters"]
    return parameters


def roles_of(parameters: Mapping[str, Any]) -> dict[str, str]:
    return {name: column["role"] for name, column in parameters["data"]["columns"].items()}


def proposed(project: Path, made: Made, folder: Path) -> dict[str, Any]:
    path, target = made(folder)
    proposal.new(project, "mine", data=str(path), target=target)
    return read(project, "mine")


@pytest.mark.parametrize("name", UNDATED)
def test_a_table_never_seen_is_checked_accepted_and_split_at_once(name: str, project: Path, tmp_path: Path) -> None:
    parameters = proposed(project, TABLES[name], tmp_path)
    spec = configuration.check(Configuration(project, "mine", parameters))
    entry = yaml.safe_load((project / "conf/mine/catalog/data_split.yml").read_text())["applications"]
    written = {key: entry[key] for key in ("filepath", "separator", "encoding", "decimal") if key in entry}
    raw = RawTableDataset(**written).load()
    clean, quarantined, report = nodes.set_aside(raw, parameters["data"])
    train, test, _ = nodes.split_applications(clean, quarantined, report, parameters["data"], parameters["split"])
    assert list(clean.columns) == list(raw.columns)
    assert (len(quarantined), len(train) + len(test)) == (0, len(raw))
    assert spec.data.inputs


def test_roles_follow_from_names_and_values(project: Path, tmp_path: Path) -> None:
    parameters = proposed(project, forty_rows, tmp_path)
    assert roles_of(parameters) == {
        "loan_id": "identifier",
        "age": "numeric",
        "income": "numeric",
        "home": "categorical",
        "default": "target",
    }
    # Of 40 rows 21 default: five folds of the 28 train rows would validate on fewer than six.
    assert (parameters["training"]["folds"]["count"], parameters["split"]["test_share"]) == (3, 0.3)


def test_columns_have_the_names_of_the_file_whatever_they_are(project: Path, tmp_path: Path) -> None:
    path, _ = odd_names(tmp_path)
    assert list(proposed(project, odd_names, tmp_path)["data"]["columns"]) == pd.read_csv(path).columns.tolist()


def test_what_yaml_would_take_for_something_else_stays_a_text(project: Path, tmp_path: Path) -> None:
    columns = proposed(project, TABLES["accented_categories"], tmp_path)["data"]["columns"]
    assert list(columns["état civil"]["categories"]) == ["#1", "${x}", "Ja ", "célibataire", "marié(e)"]


@pytest.mark.parametrize(
    ("name", "event", "said"),
    [
        ("yes_and_no", "Yes", "'Yes' means the event, 'No' does not"),
        ("one_and_two", 2, "the rarer of 1 and 2, because their meaning is not clear"),
        ("true_and_false", "True", "'True' means the event, 'False' does not"),
        ("continental", "ja", "'ja' means the event, 'nein' does not"),
    ],
)
def test_the_event_is_chosen_with_its_reason(
    name: str, event: object, said: str, project: Path, tmp_path: Path
) -> None:
    path, target = TABLES[name](tmp_path)
    report = proposal.new(project, "mine", data=str(path), target=target)
    assert read(project, "mine")["data"]["event"] == event
    assert said in report
    assert said in (project / "conf/mine/parameters/data.yml").read_text()


def test_a_dry_run_shows_the_files_and_writes_none(project: Path, tmp_path: Path) -> None:
    path, target = yes_and_no(tmp_path)
    before = sorted(project.rglob("*"))
    shown = proposal.new(project, "mine", data=str(path), target=target, dry_run=True)
    assert sorted(project.rglob("*")) == before
    proposal.new(project, "mine", data=str(path), target=target)
    for written in (project / "conf/mine").rglob("*.yml"):
        assert f"# ---- {written.relative_to(project)}\n{written.read_text()}" in shown


@pytest.mark.parametrize("name", ["base", "local", "test", "Mortgage", "2024", "../mine", "credit_default", ""])
def test_a_name_that_is_taken_or_no_name_is_refused(name: str, project: Path, tmp_path: Path) -> None:
    path, target = yes_and_no(tmp_path)
    before = sorted((project / "conf").rglob("*"))
    with pytest.raises(ConfigurationError):
        proposal.new(project, name, data=str(path), target=target)
    assert sorted((project / "conf").rglob("*")) == before


def test_an_environment_is_never_overwritten(project: Path, tmp_path: Path) -> None:
    path, target = yes_and_no(tmp_path)
    proposal.new(project, "mine", data=str(path), target=target)
    before = {file: file.read_bytes() for file in (project / "conf/mine").rglob("*.yml")}
    with pytest.raises(ConfigurationError, match="not overwritten"):
        proposal.new(project, "mine", data=str(path), target=target)
    assert {file: file.read_bytes() for file in (project / "conf/mine").rglob("*.yml")} == before


def test_a_folder_that_cannot_be_finished_leaves_nothing(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, target = yes_and_no(tmp_path)
    before = sorted((project / "conf").rglob("*"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("credit_pipeline.proposal.proposal.os.rename", full)
    with pytest.raises(OSError, match="No space"):
        proposal.new(project, "mine", data=str(path), target=target)
    assert sorted((project / "conf").rglob("*")) == before


def test_a_target_that_is_not_there_is_reported_with_the_closest(project: Path, tmp_path: Path) -> None:
    path, _ = yes_and_no(tmp_path)
    with pytest.raises(DataError) as caught:
        proposal.new(project, "mine", data=str(path), target="Defaulted ")
    assert caught.value.fix == "--target 'defaulted'"


def typed(project: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    """Type ``kedro use-case new mine`` in the project's folder."""
    monkeypatch.chdir(project)
    return CliRunner().invoke(cli, ["use-case", "new", "mine", *words])


def test_the_command_says_what_was_found_and_what_to_do_next(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, target = yes_and_no(tmp_path)
    done = typed(project, monkeypatch, "--data", str(path), "--target", target)
    assert done.exit_code == 0
    assert "numeric     age, income" in done.output
    assert "kedro run --env mine" in done.output
    assert configuration.check(Configuration(project, "mine", read(project, "mine")))


def test_the_command_reports_a_fault_in_a_few_lines(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "damaged.csv"
    path.write_text("a,b\n1,2\n3\n")
    done = typed(project, monkeypatch, "--data", str(path), "--target", "b")
    assert done.exit_code == 1
    assert "2 fields in every row" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("data", "said", "can"),
    [("sqlite:///loans.db", "names a database but no table", "#loans"), ("loans.csv", "cannot be read", "CSV")],
)
def test_a_table_that_cannot_be_read_is_reported_with_what_can(data: str, said: str, can: str, project: Path) -> None:
    with pytest.raises(DataError, match=said) as caught:
        proposal.new(project, "mine", data=data, target="default")
    assert can in caught.value.expected


def test_a_path_below_the_project_is_written_as_such(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project / "data/01_raw"
    yes_and_no(folder)
    monkeypatch.chdir(folder)
    proposal.new(project, "mine", data="table.csv", target="defaulted")
    entry = yaml.safe_load((project / "conf/mine/catalog/data_split.yml").read_text())["applications"]
    assert entry["filepath"] == "data/01_raw/table.csv"


def test_rows_that_break_the_contract_are_reported_and_allowed(project: Path, tmp_path: Path) -> None:
    path, target = yes_and_no(tmp_path)
    table = pd.read_csv(path, dtype=str)
    table.loc[:8, target] = None  # 9 of 300 rows have no outcome: 3 %, more than the usual 1 %
    table.to_csv(path, index=False)
    report = proposal.new(project, "mine", data=str(path), target=target)
    assert "3.00% of the rows would be set aside (missing_target 9)" in report
    assert read(project, "mine")["data"]["maximum_quarantined_share"] == 0.04  # 3 % and a fifth more, rounded


@pytest.mark.parametrize(
    "check",
    [
        conventions.keys_with_two_owners,
        conventions.wandering_keys,
        conventions.commented_out_yaml,
        conventions.layerless_entries,
        conventions.unversioned_snapshots,
    ],
)
def test_what_is_written_keeps_the_house_rules(
    check: Callable[[Path], list[str]], project: Path, tmp_path: Path
) -> None:
    proposed(project, TABLES["one_and_two"], tmp_path)
    assert check(project) == []


@pytest.mark.skipif(not KNOWS_DATES, reason="the contract knows no dates yet")
def test_a_table_with_dates_and_borrowers_is_tested_on_its_latest_rows(project: Path, tmp_path: Path) -> None:
    parameters = proposed(project, TABLES["three_dates"], tmp_path)
    roles = roles_of(parameters)
    assert (roles["application date"], roles["customer_id"]) == ("date", "group")
    assert (roles["first payment"], roles["date_of_birth"]) == ("ignored", "ignored")
    assert parameters["split"]["scheme"] == "out_of_time"
    configuration.check(Configuration(project, "mine", parameters))


@pytest.mark.skipif(not KNOWS_DATES, reason="the contract knows no regression yet")
def test_a_target_of_many_numbers_is_a_regression(project: Path, tmp_path: Path) -> None:
    path, _ = yes_and_no(tmp_path)
    report = proposal.new(project, "mine", data=str(path), target="income")
    parameters = read(project, "mine")
    assert "regression of 'income'" in report
    assert list(parameters["models"]) == ["ridge", "elastic_net", "random_forest", "xgboost"]
    assert parameters["split"]["scheme"] == "random"
    configuration.check(Configuration(project, "mine", parameters))
