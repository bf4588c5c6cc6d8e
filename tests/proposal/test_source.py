"""A use case from a table that lies elsewhere: at an address, or in a database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
import yaml

import local_servers
from conftest import Run, copy_project
from credit_pipeline.datasets.raw.sql_table import SqlTableDataset
from credit_pipeline.proposal import proposal
from credit_pipeline.proposal import source as use_case_source
from use_case_tables import yes_and_no


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path / "project")


def entry_of(project: Path) -> dict[str, str]:
    text = (project / "conf/mine/catalog/data_split.yml").read_text(encoding="utf-8")
    entry: dict[str, str] = yaml.safe_load(text)["applications"]
    return entry


def test_a_table_at_an_address_is_proposed_and_read_from_there(project: Path, tmp_path: Path, kedro_run: Run) -> None:
    path, target = yes_and_no(tmp_path)
    with local_servers.web({"/loans.csv": path.read_bytes().replace(b",", b";")}) as host:
        report = proposal.new(project, "mine", data=f"http://{host}/loans.csv", target=target)
        entry = entry_of(project)
        assert (entry["filepath"], entry["separator"]) == (f"http://{host}/loans.csv", ";")
        assert f"columns of http://{host}/loans.csv (separator ';'" in report
        kedro_run(project, env="mine", pipeline_names=["data_split"])
    assert list((project / "data/mine").rglob("split_manifest.json/*/*.json"))


def test_an_address_with_a_secret_is_named_by_a_variable(project: Path, tmp_path: Path) -> None:
    path, target = yes_and_no(tmp_path)
    with local_servers.web({"/loans.csv": path.read_bytes()}) as host:
        report = proposal.new(project, "mine", data=f"http://{host}/loans.csv?signature=hunter2", target=target)
    assert entry_of(project)["filepath"] == "${oc.env:RAW_URI}"
    assert "export RAW_URI=" in report
    written = [file.read_text(encoding="utf-8") for file in (project / "conf/mine").rglob("*.yml")]
    assert "hunter2" not in "".join([report, *written])


def test_a_table_of_a_database_is_proposed_and_read_from_there(project: Path, tmp_path: Path, kedro_run: Run) -> None:
    path, target = yes_and_no(tmp_path)
    database = tmp_path / "bank.db"
    with closing(sqlite3.connect(database)) as connection:
        pd.read_csv(path).to_sql("loans", connection, index_label="loan_id")
    report = proposal.new(project, "mine", data=f"sqlite:///{database}#loans", target=target)
    entry = entry_of(project)
    assert (entry["con"], entry["table"]) == (f"sqlite:///{database}", "loans")
    assert f"columns of sqlite:///{database}#loans\n" in report
    kedro_run(project, env="mine", pipeline_names=["data_split"])
    assert list((project / "data/mine").rglob("split_manifest.json/*/*.json"))


def test_who_logs_in_to_a_database_is_in_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(SqlTableDataset, "load", lambda _: pd.DataFrame({"a": [1]}))
    _, source = use_case_source.read(tmp_path, "postgresql://ada:hunter2@bank/book#lending.loans")
    assert source.name == "postgresql://bank/book#lending.loans"
    assert source.entry[1:] == ("  con: ${oc.env:DATABASE_URL}", "  table: lending.loans")
    assert source.variable == "DATABASE_URL"
    assert "hunter2" not in str(source)
