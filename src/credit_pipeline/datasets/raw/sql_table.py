"""A raw table in a database: read completely, in a fixed order, and never written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import sqlalchemy
from kedro.io import AbstractDataset, DatasetError
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, NoSuchTableError, SQLAlchemyError

from credit_pipeline.datasets.raw import preparation
from credit_pipeline.datasets.raw.delimited_text import refuse, require_names
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.splitting import frame_hash

CONNECT_SECONDS = 10
# The default of SQLAlchemy changed from psycopg2 to psycopg with its version 2.1.
_DRIVERS = {"postgresql": "postgresql+psycopg2", "postgres": "postgresql+psycopg2"}
_FIX = "conf/<environment>/catalog/data_split.yml"


class SqlTableDataset(AbstractDataset[pd.DataFrame, pd.DataFrame]):
    """A table or a query of a database.

    Parameters
    ----------
    con
        Address of the database as SQLAlchemy takes it, from an environment variable: ``${oc.env:DATABASE_URL}``.
    credentials
        Instead of ``con``: an entry of Kedro's credentials with the key ``con``.
    table
        Name of a table or view, if necessary as ``schema.table``. Its rows are read in the order of its primary key, or
        of all columns if it has none, so that equal tables have equal hashes.
    query
        Instead of ``table``: a query. It should order its rows.
    prepare, settings
        As ``RawTableDataset`` takes them.
    metadata
        For other tools, such as Kedro-Viz.

    Raises
    ------
    ConfigurationError
        An argument is missing or has a value that is not allowed.
    """

    def __init__(
        self,
        *,
        con: str | None = None,
        credentials: Mapping[str, str] | None = None,
        table: str | None = None,
        query: str | None = None,
        prepare: str | None = None,
        settings: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        if (table is None) == (query is None):
            _refuse_arguments("'table' or 'query'", "both" if table else "neither")
        self._url = _url(con or (credentials or {}).get("con"))
        self._table, self._query = table, query
        self._prepare, self._settings = prepare, settings or {}
        self.metadata = metadata

    @property
    def _source(self) -> str:
        name = self._url.drivername.partition("+")[0]
        return f"{name}://{self._url.host or ''}/{self._url.database or ''}#{self._table or 'query'}"

    def load(self) -> pd.DataFrame:
        """Read the table.

        Returns
        -------
        pandas.DataFrame
            Shape (rows, columns), with the types of the database. ``attrs`` hold ``source`` (without user and
            password) and ``content_sha256`` (of the frame).

        Raises
        ------
        DatasetError
            Its cause is a ``DataError`` that says what is wrong, but never shows a value.
        """
        frame = self._read()
        require_names(self._source, [str(name) for name in frame.columns])
        if frame.empty:
            got = f"{frame.shape[1]} columns, 0 rows"
            refuse(self._source, "has no rows", "rows", got, "provide a table with rows")
        content = frame_hash(frame)
        frame = preparation.prepare_table(frame, self._source, self._prepare, self._settings)
        frame.attrs = {"source": self._source, "content_sha256": content, "decimal": "."}
        return frame

    def _read(self) -> pd.DataFrame:
        self._require_file()
        engine = self._engine()
        try:
            with engine.connect() as connection:
                found = connection.execute(self._selection(connection))
                return pd.DataFrame.from_records(found.fetchall(), columns=list(found.keys()), coerce_float=True)
        except NoSuchTableError:
            refuse(self._source, "cannot be read", "a table of that name", "no such table", f"'table' in {_FIX}")
        except SQLAlchemyError as error:  # its text quotes values
            got = type(getattr(error, "orig", None) or error).__name__
            fix = "the address of the database, its password, or the query"
            refuse(self._source, "cannot be read", "a database that answers", got, fix)
        finally:
            engine.dispose()

    def _require_file(self) -> None:
        """Check that an SQLite file exists, because SQLite would create it."""
        name = self._url.database
        if self._url.get_backend_name() == "sqlite" and name and not Path(name).is_file():
            refuse(self._source, "cannot be read", "an SQLite file", "no such file", f"the address in {_FIX}")

    def _engine(self) -> sqlalchemy.Engine:
        limits = {"connect_timeout": CONNECT_SECONDS} if self._url.get_backend_name() == "postgresql" else {}
        try:
            return sqlalchemy.create_engine(self._url, connect_args=limits, poolclass=sqlalchemy.NullPool)
        except (ImportError, NoSuchModuleError):
            raise ConfigurationError(
                f"A database of the kind {self._url.get_backend_name()} needs an optional package.",
                expected=f"a driver for {self._url.drivername}",
                got="none is installed",
                fix="pip install 'credit-pipeline[postgres]', or the driver of another database",
            ) from None

    def _selection(self, connection: sqlalchemy.Connection) -> sqlalchemy.Select[Any] | sqlalchemy.TextClause:
        if self._query is not None:
            return sqlalchemy.text(self._query)
        schema, _, name = str(self._table).rpartition(".")
        table = sqlalchemy.Table(name, sqlalchemy.MetaData(), schema=schema or None, autoload_with=connection)
        return sqlalchemy.select(table).order_by(*(tuple(table.primary_key.columns) or tuple(table.columns)))

    def save(self, data: pd.DataFrame) -> NoReturn:  # noqa: ARG002  # Kedro's signature
        """Raise an error: a raw table is only read."""
        raise DatasetError(f"'{self._source}' is a raw table and cannot be written: use another dataset as the output.")

    def _describe(self) -> dict[str, Any]:
        return {"source": self._source, "prepare": self._prepare}


def _url(con: str | None) -> sqlalchemy.URL:
    if not con:
        _refuse_arguments("'con', or 'credentials' with the key 'con'", "no address of a database")
    try:
        url = sqlalchemy.make_url(con)
    except (ArgumentError, ValueError):  # its text quotes the address
        _refuse_arguments("an address such as postgresql://host/database", "an address that cannot be read")
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def _refuse_arguments(expected: str, got: str) -> NoReturn:
    raise ConfigurationError(
        "The raw table cannot be read from this database entry.", expected=expected, got=got, fix=_FIX
    ) from None
