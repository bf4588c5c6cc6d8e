"""The datasets that the catalog names: files that the project writes, raw tables that it reads, and their contract."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.datasets.files import FittedObject, JsonDocument, OwnedFile, ParquetTable, PngFigure, TextFile
    from credit_pipeline.datasets.provenance import Provenance
    from credit_pipeline.datasets.raw.raw_table import RawTableDataset
    from credit_pipeline.datasets.raw.sql_table import SqlTableDataset
    from credit_pipeline.datasets.spreadsheet import SpreadsheetTable
    from credit_pipeline.datasets.trusted_types import TRUSTED_TYPES, dump_trusted, load_trusted
    from credit_pipeline.datasets.validators import AcceptedApplications, RawApplicants, RawApplications
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "files": ["FittedObject", "JsonDocument", "OwnedFile", "ParquetTable", "PngFigure", "TextFile"],
            "provenance": ["Provenance"],
            "raw.raw_table": ["RawTableDataset"],
            "raw.sql_table": ["SqlTableDataset"],
            "spreadsheet": ["SpreadsheetTable"],
            "trusted_types": ["TRUSTED_TYPES", "dump_trusted", "load_trusted"],
            "validators": ["AcceptedApplications", "RawApplicants", "RawApplications"],
        },
    )

__all__ = [
    "TRUSTED_TYPES",
    "AcceptedApplications",
    "FittedObject",
    "JsonDocument",
    "OwnedFile",
    "ParquetTable",
    "PngFigure",
    "Provenance",
    "RawApplicants",
    "RawApplications",
    "RawTableDataset",
    "SpreadsheetTable",
    "SqlTableDataset",
    "TextFile",
    "dump_trusted",
    "load_trusted",
]
