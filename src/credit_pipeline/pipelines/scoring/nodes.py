"""Adapters between the catalog and the champion, in batch."""

import pandas as pd

from credit_pipeline.modelling.contract import set_aside as rules
from credit_pipeline.spec import DataSpec
from credit_pipeline.tracking import RegisteredModel

Document = dict[str, object]
_KEPT = ("identifier", "group")


def score_applicants(
    applicants: pd.DataFrame, champion: RegisteredModel, data: Document
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Score the applicants that keep the contract, through the very features of training; set the others aside.

    The scores are given twice: for programs, and for people's spreadsheets.
    """
    spec = DataSpec.model_validate(data)
    found = rules.quarantine(applicants, spec, target=False, decimal=applicants.attrs.get("decimal", "."))
    kept = [name for name, column in spec.columns.items() if column.role in _KEPT or column.type == "date"]
    scores = found.accepted[kept].join(champion.model.predict(found.accepted))
    labelled = scores.assign(model_name=champion.name, model_version=champion.version)
    labelled.attrs = {}
    return labelled, labelled, found.quarantined
