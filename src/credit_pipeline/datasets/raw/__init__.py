"""Raw tables, read completely and without guessing, from a disk, an address or a database."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.datasets.raw.raw_table import RawTableDataset
    from credit_pipeline.datasets.raw.sql_table import SqlTableDataset
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__, submod_attrs={"raw_table": ["RawTableDataset"], "sql_table": ["SqlTableDataset"]}
    )

__all__ = ["RawTableDataset", "SqlTableDataset"]
