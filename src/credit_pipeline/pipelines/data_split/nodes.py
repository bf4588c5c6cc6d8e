"""Adapters between the catalog, the contract and the split."""

import logging
from pathlib import PurePath

import pandas as pd

from credit_pipeline.configuration import takes_specifications
from credit_pipeline.modelling.contract import set_aside as rules
from credit_pipeline.modelling.contract import target
from credit_pipeline.modelling.splitting import frame_hash, leakage, schemes
from credit_pipeline.modelling.splitting import parts as splitting
from credit_pipeline.spec import DataSpec, SplitSpec

Document = dict[str, object]
_log = logging.getLogger(__name__)


@takes_specifications
def set_aside(applications: pd.DataFrame, data: DataSpec) -> tuple[pd.DataFrame, pd.DataFrame, Document]:
    """Type the rows that keep the contract; set the others aside with the rules that they break."""
    found = rules.quarantine(applications, data, decimal=applications.attrs.get("decimal", "."))
    accepted = target.with_target(found.accepted, data)
    accepted.attrs = dict(_origin(applications).items())
    report: Document = {
        "rows": len(applications),
        "accepted": len(accepted),
        "quarantined": len(found.quarantined),
        "counts": dict(found.counts),
    }
    return accepted, found.quarantined, report


@takes_specifications
def split_applications(
    clean: pd.DataFrame, quarantined: pd.DataFrame, report: Document, data: DataSpec, split: SplitSpec
) -> tuple[pd.DataFrame, pd.DataFrame, Document]:
    """Divide the accepted rows, unless too many were set aside.

    Parameters
    ----------
    clean, quarantined, report
        As from ``set_aside``.
    data, split
        The contract, and how rows become train and test.
    """
    rules.require_few_quarantined(rules.Quarantine(clean, quarantined, report["counts"]), data)  # type: ignore[arg-type]
    parts = splitting.split(clean, data, split)
    raw = {**_origin(clean), "rows": report["rows"], "quarantined": report["quarantined"]}
    manifest = {**parts.manifest(split, raw), "suspected_leakage": _suspects(clean, data)}
    return parts.train, parts.test, manifest


def _suspects(clean: pd.DataFrame, spec: DataSpec) -> dict[str, str]:
    """Name the columns that may know the outcome; a person decides, so the run goes on."""
    if spec.task != "classification":
        return {}
    suspects = leakage.suspicious_columns(
        clean,
        schemes.outcome(clean, spec),
        numeric=spec.named("numeric"),
        categorical=spec.named("categorical"),
    )
    for name, why in suspects.items():
        _log.warning("suspected leakage: '%s' %s. Is it known at the time of the decision?", name, why)
    return suspects


def _origin(frame: pd.DataFrame) -> Document:
    """Say where a raw table came from, and its hash; of a local path the name alone, so that a copy says the same."""
    source = str(frame.attrs.get("source", "memory"))
    content = frame.attrs.get("content_sha256") or frame_hash(frame)
    return {"source": source if "://" in source else PurePath(source).name, "content_sha256": content}
