"""The raw table of a new use case: in a file, at an address, or in a database."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from credit_pipeline.datasets.raw import RawTableDataset, SqlTableDataset, remote_file
from credit_pipeline.datasets.raw.addresses import redact, scheme
from credit_pipeline.errors import DataError
from credit_pipeline.proposal.table_format import TableFormat, sniff, sniff_content
from credit_pipeline.proposal.yaml_text import scalar

_FILE_TYPE = "credit_pipeline.datasets.RawTableDataset"
_DATABASE_TYPE = "credit_pipeline.datasets.SqlTableDataset"


@dataclass(frozen=True)
class Source:
    """A raw table as the catalog names it.

    Attributes
    ----------
    name
        Its path or address, without secrets.
    text_format
        How its text is written.
    entry
        The lines of its catalog entry.
    variable
        The environment variable that must hold the address if it has secrets, else empty.
    """

    name: str
    text_format: TableFormat
    entry: tuple[str, ...]
    variable: str = ""

    @property
    def is_text(self) -> bool:
        """Whether it has a separator, an encoding and a decimal mark."""
        return self.entry[0].endswith(_FILE_TYPE) and not self.name.endswith(".parquet")


def read(project: Path, data: str) -> tuple[pd.DataFrame, Source]:
    """Read a raw table in the same way as its catalog entry.

    Parameters
    ----------
    project
        The project's folder.
    data
        A path: absolute, or relative to the project's folder or the working folder. Or an address with ``https://``,
        ``s3://`` and so on. Or a database and a table, ``sqlite:///loans.db#loans``: SQLAlchemy's address, ``#``, the
        name of the table.

    Raises
    ------
    DataError, DatasetError
        The table cannot be read. The cause of a DatasetError is a DataError.
    ConfigurationError
        The optional package for this kind of address is not installed.
    """
    dataset, source = _find(project, data)
    return dataset.load(), source


def _find(project: Path, data: str) -> tuple[RawTableDataset | SqlTableDataset, Source]:
    kind = scheme(data)
    if kind and kind not in remote_file.SUPPORTED:
        return _find_in_database(data)
    if kind:
        name, filepath = redact(data), data
        written = sniff_content(remote_file.read(data, {}), name)
    else:
        name = _path_for_catalog(project, data)
        filepath = str(project / name)
        written = sniff(Path(filepath))
    where, variable = _place(data if kind else name, name, "RAW_URI")
    dataset = RawTableDataset(
        filepath=filepath, separator=written.separator, encoding=written.encoding, decimal=written.decimal
    )
    return dataset, Source(name, written, file_entry(where, written), variable)


def _place(address: str, name: str, variable: str) -> tuple[str, str]:
    """Return how the catalog names an address, and the variable that holds it if it has secrets."""
    return (scalar(address), "") if address == name else (f"${{oc.env:{variable}}}", variable)


def file_entry(where: str, written: TableFormat) -> tuple[str, ...]:
    """List the lines of a catalog entry with the path and the format of a file; defaults are left out."""
    default = TableFormat()
    words = (
        ("separator", written.separator, default.separator),
        ("encoding", written.encoding, default.encoding),
        ("decimal", written.decimal, default.decimal),
    )
    unusual = (f"  {word}: {scalar(value)}" for word, value, usual in words if value != usual)
    return (f"  type: {_FILE_TYPE}", f"  filepath: {where}", *unusual)


def _find_in_database(data: str) -> tuple[SqlTableDataset, Source]:
    con, mark, table = data.rpartition("#")
    if not mark or not table:
        raise DataError(
            "The address names a database but no table.",
            expected="the table after the address: sqlite:///loans.db#loans, postgresql://host/bank#lending.loans",
            got=redact(data),
            fix="--data",
        )
    where, variable = _place(con, redact(con), "DATABASE_URL")
    entry = (f"  type: {_DATABASE_TYPE}", f"  con: {where}", f"  table: {scalar(table)}")
    source = Source(f"{redact(con)}#{table}", TableFormat(), entry, variable)
    return SqlTableDataset(con=con, table=table), source


def _path_for_catalog(project: Path, data: str) -> str:
    """Return the path as the catalog needs it: absolute, or relative to the project's folder."""
    if Path(data).is_absolute() or (project / data).exists() or not Path(data).exists():
        return data
    found = Path(data).resolve()
    return str(found.relative_to(project.resolve()) if found.is_relative_to(project.resolve()) else found)
