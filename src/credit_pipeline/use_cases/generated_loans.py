"""A loan book that is generated when it is loaded: it needs no file and always has the same rows."""

from typing import Any, NoReturn

import pandas as pd
from kedro.io import AbstractDataset, DatasetError

from credit_pipeline import configuration
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.splitting import frame_hash
from credit_pipeline.spec import GeneratorSpec
from credit_pipeline.use_cases.loan_book import LoanBook


class GeneratedLoans(AbstractDataset[pd.DataFrame, pd.DataFrame]):
    """The synthetic loan book that the parameter ``generator`` describes; see ``use_cases.loan_book``.

    Parameters
    ----------
    latest
        Number of rows to load: the latest by date, without their outcome. By default all rows with their outcome.
    metadata
        For other tools, such as Kedro-Viz.
    """

    def __init__(self, *, latest: int | None = None, metadata: dict[str, Any] | None = None) -> None:
        self._latest, self.metadata = latest, metadata

    def load(self) -> pd.DataFrame:
        """Generate the table.

        Raises
        ------
        ConfigurationError
            The environment has no parameter ``generator``.
        """
        spec = _spec()
        book = LoanBook(**spec.model_dump(exclude={"rows"})).table(spec.rows)
        if self._latest is not None:
            book = book.sort_values("application_date", kind="stable").tail(self._latest).drop(columns="defaulted")
        whole: pd.DataFrame = book.reset_index(drop=True)
        whole.attrs = {"source": f"generated://loan_book/{spec.seed}", "content_sha256": frame_hash(whole)}
        return whole

    def save(self, data: pd.DataFrame) -> NoReturn:  # noqa: ARG002  # Kedro's signature
        """Raise an error: it is generated."""
        raise DatasetError("The loan book is generated and cannot be written; name another dataset as the output.")

    def _describe(self) -> dict[str, Any]:
        return {"latest": self._latest}


def _spec() -> GeneratorSpec:
    found = configuration.current().spec.generator
    if found is None:
        raise ConfigurationError(
            "The parameters of the loan book are missing.",
            expected="the parameter 'generator'",
            got="none",
            fix="conf/<environment>/parameters/generator.yml, as in conf/synthetic",
        )
    return found
