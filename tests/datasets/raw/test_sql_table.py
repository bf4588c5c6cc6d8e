import sqlite3
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy
from kedro.io import DataCatalog, DatasetError

import local_servers
from credit_pipeline.datasets.raw.sql_table import SqlTableDataset
from credit_pipeline.errors import ConfigurationError, DataError
from credit_pipeline.modelling.splitting.row_hashes import frame_hash

SECRET = "hunter2"  # noqa: S105  # planted


@pytest.fixture
def database(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "loans.db") as connection:
        connection.execute("CREATE TABLE applications (id INTEGER PRIMARY KEY, income REAL, status TEXT)")
        connection.executemany("INSERT INTO applications VALUES (?, ?, ?)", [(2, 1.5, "B"), (1, None, "NA")])
        connection.execute("CREATE TABLE nobody (id INTEGER, income REAL)")
    return f"sqlite:///{tmp_path / 'loans.db'}"


def test_a_table_comes_whole_in_the_order_of_its_key(database: str) -> None:
    frame = SqlTableDataset(con=database, table="applications").load()
    assert frame.fillna(-1).to_dict("list") == {"id": [1, 2], "income": [-1, 1.5], "status": ["NA", "B"]}
    assert frame.attrs["source"] == f"sqlite:///{database.removeprefix('sqlite:///')}#applications"
    assert frame.attrs["content_sha256"] == frame_hash(frame)


def test_a_query_gives_what_it_selects_and_changes_nothing(database: str) -> None:
    query = "SELECT status, income FROM applications WHERE income > 1"
    assert SqlTableDataset(con=database, query=query).load().to_dict("list") == {"status": ["B"], "income": [1.5]}


def test_a_dataset_is_described_without_the_password() -> None:
    dataset = SqlTableDataset(con=f"postgresql://ada:{SECRET}@db/loans", table="applications")
    assert SECRET not in f"{dataset} {dataset!r}"
    assert dataset._describe()["source"] == "postgresql://db/loans#applications"  # noqa: SLF001  # what Kedro shows


def test_the_address_may_come_from_credentials(database: str) -> None:
    entry = {
        "type": "credit_pipeline.datasets.SqlTableDataset",
        "table": "applications",
        "credentials": "db",
    }
    catalog = DataCatalog.from_config({"applications": entry}, {"db": {"con": database}})
    assert len(catalog.load("applications")) == 2


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        ({"table": "nowhere"}, "no such table"),
        ({"query": "SELECT hunter2 FROM applications"}, "OperationalError"),
        ({"table": "nobody"}, "0 rows"),
    ],
    ids=["table", "query", "empty"],
)
def test_what_cannot_be_read_is_reported(database: str, asked: dict[str, str], got: str) -> None:
    with pytest.raises(DatasetError) as raised:
        SqlTableDataset(con=database, **asked).load()
    assert isinstance(raised.value.__cause__, DataError)
    assert got in raised.value.__cause__.got
    assert SECRET not in str(raised.value)


def test_a_missing_sqlite_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such file"):
        SqlTableDataset(con=f"sqlite:///{tmp_path / 'x.db'}", table="applications").load()
    assert not (tmp_path / "x.db").exists()


@pytest.mark.parametrize(
    "asked",
    [
        {"table": "a"},
        {"con": "sqlite://"},
        {"con": "sqlite://", "table": "a", "query": "b"},
        {"con": "a", "table": "b"},
    ],
)
def test_arguments_that_are_not_allowed_are_refused(asked: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="database"):
        SqlTableDataset(**asked)


def test_a_missing_driver_is_reported_with_its_extra() -> None:
    with pytest.raises((ConfigurationError, DatasetError)) as raised:
        SqlTableDataset(con=f"mysql://ada:{SECRET}@db/loans", table="a").load()
    assert "optional package" in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_raw_table_is_not_written(database: str) -> None:
    with pytest.raises(DatasetError, match="cannot be written"):
        SqlTableDataset(con=database, table="applications").save(pd.DataFrame({"a": [1]}))


@pytest.mark.slow
def test_a_table_comes_from_postgresql(free_port: int) -> None:
    with local_servers.postgres(free_port, SECRET) as address:
        engine = sqlalchemy.create_engine(address)
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("CREATE TABLE loans (id bigint, income numeric(9, 2), status text)"))
            connection.execute(sqlalchemy.text("INSERT INTO loans VALUES (2, 1.5, 'B'), (1, NULL, 'NA')"))
        engine.dispose()
        plain = address.replace("+psycopg2", "")
        frame = SqlTableDataset(con=plain, table="public.loans").load()
        with pytest.raises(DatasetError) as refused:
            SqlTableDataset(con=plain.replace(SECRET, f"{SECRET}x"), table="loans").load()
    assert frame.dtypes.astype(str).to_dict() == {"id": "int64", "income": "float64", "status": "str"}
    assert frame["id"].tolist() == [1, 2]
    assert frame.attrs["source"] == "postgresql://127.0.0.1/postgres#public.loans"
    with pytest.raises(DatasetError, match="OperationalError") as away:
        SqlTableDataset(con=plain, table="loans").load()
    assert SECRET not in f"{refused.value} {away.value} {frame.attrs}"
