"""Identify rows and tables by their content: one key per row, one hash per table."""

import hashlib

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray


def frame_hash(frame: pd.DataFrame) -> str:
    """SHA-256 of the names, types and values of a frame; index, attributes and memory layout do not matter.

    Parameters
    ----------
    frame
        Any table that Arrow can hold.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> frame_hash(pd.DataFrame({"age": [30, 40]})) == frame_hash(pd.DataFrame({"age": [30, 40]}, index=[7, 9]))
    True
    >>> frame_hash(pd.DataFrame({"age": [30, 40]})) == frame_hash(pd.DataFrame({"age": [40, 30]}))
    False
    """
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    content = pa.Table.from_arrays([_settled(column) for column in table.columns], schema=table.schema)
    digest = _HashingSink()
    with pa.ipc.new_stream(pa.PythonFile(digest, mode="w"), content.schema) as stream:
        stream.write_table(content)
    return digest.hexdigest()


def _settled(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """Give a column as one array; numbers that are already one array without missing values are not copied."""
    if column.null_count:
        # The memory under a missing value is not content; taking the rows writes zeros there.
        return column.take(pa.array(np.arange(len(column)))).combine_chunks()
    whole = pa.types.is_primitive(column.type) and column.num_chunks == 1 and column.chunk(0).offset == 0
    return column.chunk(0) if whole else column.combine_chunks()


class _HashingSink:
    """A file that keeps only the SHA-256 of what is written to it."""

    closed = False

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()

    def write(self, content: bytes) -> int:
        self._sha256.update(content)
        return len(content)

    def flush(self) -> None:
        """Do nothing: nothing is buffered."""

    def hexdigest(self) -> str:
        return self._sha256.hexdigest()


def row_keys(frame: pd.DataFrame, identifier: str | None) -> NDArray[np.uint64]:
    """Give one 64-bit key per row: of the identifier if the table has one, otherwise of the whole row.

    Parameters
    ----------
    frame
        Shape (rows, columns).
    identifier
        Name of the identifier column; ``None`` if there is none.

    Returns
    -------
    numpy.ndarray
        Shape (rows,), unsigned 64-bit. Equal rows have equal keys, in any process.

    Examples
    --------
    >>> one, other = pd.DataFrame({"id": ["a", "b"]}), pd.DataFrame({"id": ["b", "c"]})
    >>> np.isin(row_keys(one, "id"), row_keys(other, "id")).tolist()
    [False, True]
    """
    keyed = frame if identifier is None else frame[[identifier]]
    return np.asarray(pd.util.hash_pandas_object(keyed, index=False), dtype=np.uint64)
