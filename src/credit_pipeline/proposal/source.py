"""Where the raw table of a new use case lies: in a file, at an address, or in a database."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from credit_pipeline.datasets.raw import RawTableDataset, SqlTableDataset, remote_file
from credit_pipeline.datasets.raw.addresses import redacted, scheme
from credit_pipeline.errors import DataError
from credit_pipeline.proposal.table_format import TableFormat, sniff, sniff_content
from credit_pipeline.proposal.yaml_text import scalar

_FILE_TYPE = "credit_pipeline.datasets.RawTableDataset"
_DATABASE_TYPE = "credit_pipeline.datasets.SqlTableDataset"


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
    dataset, source = _found(project, data)
    return dataset.load(), source


def _found(project: Path, data: str) -> tuple[RawTableDataset | SqlTableDataset, Source]:
    kind = scheme(data)
    if kind and kind not in remote_file.SUPPORTED:
        return _of_database(data)
    if kind:
        told, filepath = redacted(data), data
        written = sniff_content(remote_file.read(data, {}), told)
    else:
        told = _located(project, data)
        filepath = str(project / told)
        written = sniff(Path(filepath))
    where, variable = _place(data if kind else told, told, "RAW_URI")
    dataset = RawTableDataset(
        filepath=filepath, separator=written.separator, encoding=written.encoding, decimal=written.decimal
    )
    return dataset, Source(told, written, file_entry(where, written), variable)


def _place(address: str, told: str, variable: str) -> tuple[str, str]:
    """Give what the catalog says of an address, and the variable that holds it if it has secrets."""
    return (scalar(address), "") if address == told else (f"${{oc.env:{variable}}}", variable)


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


def _of_database(data: str) -> tuple[SqlTableDataset, Source]:
    con, mark, table = data.rpartition("#")
    if not mark or not table:
        raise DataError(
            "The address names a database and no table.",
            expected="the table after the address: sqlite:///loans.db#loans, postgresql://host/bank#lending.loans",
            got=redacted(data),
            fix="--data",
        )
    where, variable = _place(con, redacted(con), "DATABASE_URL")
    entry = (f"  type: {_DATABASE_TYPE}", f"  con: {where}", f"  table: {scalar(table)}")
    source = Source(f"{redacted(con)}#{table}", TableFormat(), entry, variable)
    return SqlTableDataset(con=con, table=table), source


def _located(project: Path, data: str) -> str:
    """Give the path as the catalog takes it: absolute, or from the project's folder."""
    if Path(data).is_absolute() or (project / data).exists() or not Path(data).exists():
        return data
    found = Path(data).resolve()
    return str(found.relative_to(project.resolve()) if found.is_relative_to(project.resolve()) else found)
