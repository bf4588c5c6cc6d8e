"""Adapters between the catalog and the champion, in batch."""

import pandas as pd

from credit_pipeline.configuration import takes_specifications
from credit_pipeline.modelling.contract import set_aside as rules
from credit_pipeline.spec import DataSpec
from credit_pipeline.tracking import RegisteredModel

_KEPT = ("identifier", "group")


@takes_specifications
def score_applicants(
    applicants: pd.DataFrame, champion: RegisteredModel, data: DataSpec
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Score the applicants that keep the contract with the features of training; set the others aside.

    Parameters
    ----------
    applicants
        Raw columns without the target, shape (rows, columns).
    champion
        The registered model and its version.
    data
        The contract.

    Returns
    -------
    tuple
        The scores for programs, the same scores for spreadsheets, and the rows that were set aside.
    """
    found = rules.quarantine(applicants, data, target=False, decimal=applicants.attrs.get("decimal", "."))
    kept = [name for name, column in data.columns.items() if column.role in _KEPT or column.type == "date"]
    scores = found.accepted[kept].join(champion.model.predict(found.accepted))
    labelled = scores.assign(model_name=champion.name, model_version=champion.version)
    labelled.attrs = {}
    return labelled, labelled, found.quarantined
