"""The contract at the catalog's door: Kedro calls these when a table is loaded or saved."""

import pandas as pd

from credit_pipeline import configuration
from credit_pipeline.modelling.contract import table
from credit_pipeline.spec import DataSpec


class RawApplications:
    """Faults of the whole raw table: columns, types, classes. Faults of single rows are set aside by a node."""

    def validate(self, data: pd.DataFrame) -> pd.DataFrame:
        """Give the table back, or raise a DataError with everything that is wrong."""
        table.check_table(data, _spec(), decimal=data.attrs.get("decimal", "."))
        return data


class RawApplicants:
    """Faults of a whole table of applicants, whose outcome nobody knows yet."""

    def validate(self, data: pd.DataFrame) -> pd.DataFrame:
        """Give the table back, or raise a DataError with everything that is wrong."""
        table.check_table(data, _spec(), target=False, decimal=data.attrs.get("decimal", "."))
        return data


class AcceptedApplications:
    """Every value of a typed table against the contract."""

    def validate(self, data: pd.DataFrame) -> pd.DataFrame:
        """Give the table back, or raise a DataError that names columns and rows, never values."""
        return table.validate_accepted(data, _spec())


def _spec() -> DataSpec:
    return configuration.current().spec.data
