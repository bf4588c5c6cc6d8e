"""A raw table in a file, on this machine or another: read completely and without guessing, or refused."""

import hashlib
import io
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
from kedro.io import AbstractDataset, DatasetError

from credit_pipeline.datasets.raw import preparation, remote_file
from credit_pipeline.datasets.raw.addresses import redact, scheme
from credit_pipeline.datasets.raw.delimited_text import DelimitedText, refuse, require_names
from credit_pipeline.errors import ConfigurationError


class RawTableDataset(AbstractDataset[pd.DataFrame, pd.DataFrame]):
    r"""A delimited text file, read strictly and never written; or a Parquet file, with its types.

    Parameters
    ----------
    filepath
        Local path, or an address with ``s3://``, ``https://``, ``http://``, ``gs://`` or ``file://``. A name that ends
        in ``.parquet`` is read as Parquet, and separator, encoding and decimal mark are ignored.
    separator
        One character between two fields.
    encoding
        Encoding of the text. A byte order mark is not part of the first column name.
    decimal
        The decimal mark, ``.`` or ``,``. Cells stay texts; ``attrs`` keep the mark for the code that reads numbers.
    prepare
        Dotted path of a function that turns the table of the file into the table of applications before the contract is
        checked: a cleaning step, or the rows of a series. It is called with the table and ``settings``.
    settings
        Its other arguments, by name.
    credentials
        For an address: an entry of Kedro's credentials with arguments of its file system in fsspec.
    metadata
        For other tools, such as Kedro-Viz.

    Raises
    ------
    ConfigurationError
        An argument has a value that is not allowed.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "applications.csv"
    ...     _ = path.write_text("age,status\n30,NA\n,B\n")
    ...     RawTableDataset(filepath=str(path)).load().to_dict("list")
    {'age': ['30', nan], 'status': ['NA', 'B']}
    """

    def __init__(
        self,
        *,
        filepath: str,
        separator: str = ",",
        encoding: str = "utf-8",
        decimal: str = ".",
        prepare: str | None = None,
        settings: dict[str, Any] | None = None,
        credentials: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        remote_file.require_supported(filepath)
        _require_format(separator, encoding, decimal)
        self._source, self._filepath = redact(filepath), _local(filepath)
        self._address, self._credentials = filepath, credentials or {}
        self._text, self._decimal = DelimitedText(self._source, separator, encoding), decimal
        self._prepare, self._settings = prepare, settings or {}
        self.metadata = metadata

    def load(self) -> pd.DataFrame:
        """Read the table.

        Returns
        -------
        pandas.DataFrame
            Shape (rows, columns). From text: dtype ``str``, only the empty cell is missing; blank lines are skipped.
            ``attrs`` hold ``source`` (path or address without secrets), ``content_sha256`` (of the bytes), ``decimal``.

        Raises
        ------
        DatasetError
            Its cause is a ``DataError`` that names columns and numbers of rows (from 1, below the header), but never
            the value of a cell.
        """
        content = self._content()
        frame = self._parquet(content) if self._source.endswith(".parquet") else self._text.parse(content)
        if frame.empty:
            refuse(
                self._source, "has no rows", "rows", f"{frame.shape[1]} columns, 0 rows", "provide a table with rows"
            )
        frame = preparation.prepare_table(frame, self._source, self._prepare, self._settings)
        frame.attrs = {
            "source": self._source,
            "content_sha256": hashlib.sha256(content).hexdigest(),
            "decimal": self._decimal,
        }
        return frame

    def save(self, data: pd.DataFrame) -> NoReturn:  # noqa: ARG002  # Kedro's signature
        """Raise an error: a raw table is only read."""
        raise DatasetError(f"'{self._source}' is a raw table and cannot be written: use another dataset as the output.")

    def _content(self) -> bytes:
        if self._filepath is None:
            return remote_file.read(self._address, self._credentials)
        try:
            return self._filepath.read_bytes()
        except OSError as error:
            fix = "put the file there, or change 'filepath' in the catalog"
            refuse(self._source, "cannot be read", "a readable file", str(error.strerror), fix)

    def _parquet(self, content: bytes) -> pd.DataFrame:
        try:
            table = pyarrow.parquet.read_table(pa.BufferReader(content))
        except (pa.ArrowException, OSError):
            refuse(self._source, "cannot be read", "a Parquet file", "other or damaged content", "write the file again")
        require_names(self._source, table.column_names)
        frame: pd.DataFrame = table.to_pandas()
        # pandas stores an index such as `id` apart from the columns; an index without a name only holds positions.
        return frame.reset_index(drop=list(frame.index.names) == [None])

    def _exists(self) -> bool:
        if self._filepath is None:
            return remote_file.exists(self._address, self._credentials)
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {
            "filepath": self._source,
            "separator": self._text.separator,
            "encoding": self._text.encoding,
            "decimal": self._decimal,
            "prepare": self._prepare,
        }


def _local(filepath: str) -> Path | None:
    """Return the path of a file on this machine; ``None`` for an address on another machine."""
    if scheme(filepath) == "file":
        return Path(url2pathname(urlsplit(filepath).path))
    return None if scheme(filepath) else Path(filepath)


def _require_format(separator: str, encoding: str, decimal: str) -> None:
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    except LookupError:
        _refuse_format("an encoding that Python knows", f"encoding {encoding!r}")
    if not (len(separator) == 1 and separator.isascii()) or separator.isalnum() or separator in '"\r\n':
        _refuse_format("one ASCII character that is not a letter, digit or quote", f"separator {separator!r}")
    if decimal not in (".", ",") or decimal == separator:
        _refuse_format("decimal '.' or ',', and another separator", f"decimal {decimal!r}, separator {separator!r}")


def _refuse_format(expected: str, got: str) -> NoReturn:
    raise ConfigurationError(
        "The format of the raw table in the catalog is not valid.",
        expected=expected,
        got=got,
        fix="conf/<environment>/catalog/data_split.yml",
    ) from None
