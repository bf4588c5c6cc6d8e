"""Validators that the catalog names: Kedro checks a table with them when it is loaded or saved."""

import pandas as pd

from credit_pipeline import configuration
from credit_pipeline.modelling.contract import table
from credit_pipeline.spec import DataSpec


class RawApplications:
    """Check a raw table as a whole: columns, types, classes. Rows with faults are set aside later, by a node."""

    def validate(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return the table, or raise a DataError with all faults."""
        table.check_table(data, _spec(), decimal=data.attrs.get("decimal", "."))
        return data


class RawApplicants:
    """Check a table of applicants as a whole; it needs no target."""

    def validate(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return the table, or raise a DataError with all faults."""
        table.check_table(data, _spec(), target=False, decimal=data.attrs.get("decimal", "."))
        return data


class AcceptedApplications:
    """Check every value of a typed table."""

    def validate(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return the table, or raise a DataError that names columns and rows, but never values."""
        return table.validate_accepted(data, _spec())


def _spec() -> DataSpec:
    return configuration.current().spec.data
