"""The raw table as it lies on the disk: read whole and unguessed, or refused."""

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
from kedro.io import AbstractDataset, DatasetError

from credit_pipeline.datasets.delimited_text import DelimitedText, refuse, require_names
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling import dotted_path

if TYPE_CHECKING:
    from collections.abc import Callable


class RawTableDataset(AbstractDataset[pd.DataFrame, pd.DataFrame]):
    r"""A delimited text file, read strictly and never written; or a Parquet file, with its types.

    Parameters
    ----------
    filepath
        Local path. A name that ends in ``.parquet`` is read as Parquet, and the other arguments do not matter.
    separator
        One character between two fields.
    encoding
        How bytes become characters. A byte order mark is no part of the first name.
    decimal
        The decimal mark, ``.`` or ``,``. Cells stay texts; the mark is kept in ``attrs`` for whoever reads numbers.
    prepare
        Dotted path of a function that makes the table of applications out of the table of the file, before the contract
        is checked: a cleaning step, or the rows of a series. It is called with the table and ``settings``.
    settings
        Its further arguments, by name.
    metadata
        For other tools, such as Kedro-Viz.

    Raises
    ------
    ConfigurationError
        An argument cannot be meant.

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
        metadata: dict[str, Any] | None = None,
    ) -> None:
        _require_local(filepath)
        _require_format(separator, encoding, decimal)
        self._source, self._filepath = filepath, Path(filepath)
        self._text, self._decimal = DelimitedText(filepath, separator, encoding), decimal
        self._prepare, self._settings = prepare, settings or {}
        self.metadata = metadata

    def load(self) -> pd.DataFrame:
        """Read the table.

        Returns
        -------
        pandas.DataFrame
            Shape (rows, columns). From text: dtype ``str``, only the empty cell is missing; blank lines are no rows.
            ``attrs`` hold ``source`` (the path as given), ``content_sha256`` (of the file's bytes) and ``decimal``.

        Raises
        ------
        DatasetError
            Caused by a ``DataError`` that says what is wrong with the file, by name of column and number of row (from
            1, below the header), never with the value of a cell.
        """
        content = self._content()
        frame = self._parquet(content) if self._filepath.suffix == ".parquet" else self._text.parse(content)
        if frame.empty:
            refuse(self._source, "holds no rows", "rows", f"{frame.shape[1]} columns, 0 rows", "give it with its rows")
        frame = self._prepared(frame)
        frame.attrs = {
            "source": self._source,
            "content_sha256": hashlib.sha256(content).hexdigest(),
            "decimal": self._decimal,
        }
        return frame

    def _prepared(self, frame: pd.DataFrame) -> pd.DataFrame:
        if self._prepare is None:
            return frame
        made = cast("Callable[..., pd.DataFrame]", dotted_path.load(self._prepare))(frame, **self._settings)
        if not isinstance(made, pd.DataFrame) or made.empty:
            mend = f"the function {self._prepare}, named in 'prepare' of its catalog entry"
            refuse(self._source, "cannot be prepared", "a table with rows", f"{type(made).__name__} without any", mend)
        return made

    def save(self, data: pd.DataFrame) -> NoReturn:  # noqa: ARG002  # Kedro's signature
        """Refuse: nobody but its source writes a raw table."""
        raise DatasetError(f"'{self._source}' is a raw table, which is only read; name another dataset as the output.")

    def _content(self) -> bytes:
        try:
            return self._filepath.read_bytes()
        except OSError as error:
            mend = "put the file there, or change 'filepath' in the catalog"
            refuse(self._source, "cannot be read", "a readable file", str(error.strerror), mend)

    def _parquet(self, content: bytes) -> pd.DataFrame:
        try:
            table = pyarrow.parquet.read_table(pa.BufferReader(content))
        except (pa.ArrowException, OSError):
            refuse(self._source, "cannot be read", "a Parquet file", "other or damaged content", "write the file again")
        require_names(self._source, table.column_names)
        frame: pd.DataFrame = table.to_pandas()
        # pandas keeps an index such as `id` apart from the columns; one without a name holds no more than positions.
        return frame.reset_index(drop=list(frame.index.names) == [None])

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {
            "filepath": self._source,
            "separator": self._text.separator,
            "encoding": self._text.encoding,
            "decimal": self._decimal,
            "prepare": self._prepare,
        }


def _require_local(filepath: str) -> None:
    if "://" in filepath:
        raise ConfigurationError(
            "The raw table is not on this machine.",
            expected="'filepath' is a local path",
            got="a URL",
            mend="copy the file, then conf/<environment>/catalog/data_split.yml",
        )


def _require_format(separator: str, encoding: str, decimal: str) -> None:
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    except LookupError:
        _refuse_format("an encoding that Python knows", f"encoding {encoding!r}")
    if not (len(separator) == 1 and separator.isascii()) or separator.isalnum() or separator in '"\r\n':
        _refuse_format("one ASCII character between fields, no letter, digit or quote", f"separator {separator!r}")
    if decimal not in (".", ",") or decimal == separator:
        _refuse_format("decimal '.' or ',', and another separator", f"decimal {decimal!r}, separator {separator!r}")


def _refuse_format(expected: str, got: str) -> NoReturn:
    raise ConfigurationError(
        "The raw table cannot be in this format.",
        expected=expected,
        got=got,
        mend="conf/<environment>/catalog/data_split.yml",
    ) from None
