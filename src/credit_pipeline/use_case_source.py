"""Where the raw table of a new use case lies: in a file, at an address, or in a database."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from credit_pipeline.datasets import remote_file
from credit_pipeline.datasets.addresses import redacted, scheme
from credit_pipeline.datasets.raw_table import RawTableDataset
from credit_pipeline.datasets.sql_table import SqlTableDataset
from credit_pipeline.datasets.table_format import TableFormat, sniff, sniff_content
from credit_pipeline.errors import DataError
from credit_pipeline.yaml_text import scalar

_FILE_TYPE = "credit_pipeline.datasets.raw_table.RawTableDataset"
_DATABASE_TYPE = "credit_pipeline.datasets.sql_table.SqlTableDataset"


@dataclass(frozen=True)
class Source:
    """A raw table as the catalog and a person are told of it.

    ``told`` names it without secrets, ``written`` says how its text is written, ``entry`` are the lines of its catalog
    entry. ``variable`` is the environment variable that must hold its address, where that has secrets, else empty.
    """

    told: str
    written: TableFormat
    entry: tuple[str, ...]
    variable: str = ""

    @property
    def is_text(self) -> bool:
        """Whether separator, encoding and decimal mark matter."""
        return self.entry[0].endswith(_FILE_TYPE) and not self.told.endswith(".parquet")


def read(project: Path, data: str) -> tuple[pd.DataFrame, Source]:
    """Read a raw table as its catalog entry will.

    Parameters
    ----------
    project
        The project's folder.
    data
        A path, absolute or from the project's folder or the working folder; an address with ``https://``, ``s3://`` and
        so on; or SQLAlchemy's address of a database, ``#`` and the table: ``sqlite:///loans.db#loans``.

    Raises
    ------
    DataError, DatasetError
        The table cannot be read; the latter is caused by the former.
    ConfigurationError
        The optional package that reads from there is not installed.
    """
    source = _source(project, data)
    return _dataset(project, data, source).load(), source


def _source(project: Path, data: str) -> Source:
    kind = scheme(data)
    if not kind:
        path = _located(project, data)
        return _of_file(path, path, sniff(project / path))
    if kind not in remote_file.SUPPORTED:
        return _of_database(data)
    written = sniff_content(remote_file.read(data, {}), redacted(data))
    return _of_file(data, redacted(data), written)


def _of_file(address: str, told: str, written: TableFormat) -> Source:
    variable = "" if address == told else "RAW_URI"
    where = f"${{oc.env:{variable}}}" if variable else scalar(address)
    return Source(told, written, file_entry(where, written), variable)


def file_entry(where: str, written: TableFormat) -> tuple[str, ...]:
    """Give the lines of a catalog entry that say where a file is and how it is written; usual things are left out."""
    default = TableFormat()
    words = (
        ("separator", written.separator, default.separator),
        ("encoding", written.encoding, default.encoding),
        ("decimal", written.decimal, default.decimal),
    )
    unusual = (f"  {word}: {scalar(value)}" for word, value, usual in words if value != usual)
    return (f"  type: {_FILE_TYPE}", f"  filepath: {where}", *unusual)


def _of_database(data: str) -> Source:
    con, mark, table = data.rpartition("#")
    if not mark or not table:
        raise DataError(
            "The address names a database and no table.",
            expected="the table after the address: sqlite:///loans.db#loans, postgresql://host/bank#lending.loans",
            got=redacted(data),
            mend="--data",
        )
    variable = "" if redacted(con) == con else "DATABASE_URL"
    where = f"${{oc.env:{variable}}}" if variable else scalar(con)
    entry = (f"  type: {_DATABASE_TYPE}", f"  con: {where}", f"  table: {scalar(table)}")
    return Source(f"{redacted(con)}#{table}", TableFormat(), entry, variable)


def _dataset(project: Path, data: str, source: Source) -> RawTableDataset | SqlTableDataset:
    if source.entry[0].endswith(_DATABASE_TYPE):
        con, _, table = data.rpartition("#")
        return SqlTableDataset(con=con, table=table)
    written = source.written
    return RawTableDataset(
        filepath=data if scheme(data) else str(project / source.told),
        separator=written.separator,
        encoding=written.encoding,
        decimal=written.decimal,
    )


def _located(project: Path, data: str) -> str:
    """Give the path as the catalog takes it: absolute, or from the project's folder."""
    if Path(data).is_absolute() or (project / data).exists() or not Path(data).exists():
        return data
    found = Path(data).resolve()
    return str(found.relative_to(project.resolve()) if found.is_relative_to(project.resolve()) else found)
