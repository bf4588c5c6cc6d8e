"""The annotation and the tags of a registry version: a text for people, and the hashes of its sources."""

from collections.abc import Mapping
from dataclasses import dataclass

from credit_pipeline.core import document_hash
from credit_pipeline.core.metric_names import cross_validated, on_test
from credit_pipeline.modelling.metrics import METRICS, metric_named
from credit_pipeline.modelling.scoring.cut_off import CUT_OFF
from credit_pipeline.modelling.scoring.score_stability import SCORE_PSI
from credit_pipeline.modelling.training import Evaluation


@dataclass(frozen=True)
class Evidence:
    """The sources of a version: hashes of raw table, train and test, of source code and lock, and the code revision."""

    raw_sha256: str
    train_sha256: str
    test_sha256: str
    source_sha256: str
    lock_sha256: str
    code_revision: str
    train_rows: int
    train_default_rate: float | None


def evidence(manifest: Mapping[str, object], provenance: Mapping[str, str]) -> Evidence:
    """Read the hashes from a split manifest and the provenance of the code."""
    raw, parts = manifest["raw"], manifest["parts"]
    if not isinstance(raw, Mapping) or not isinstance(parts, Mapping):
        raise TypeError("a split manifest holds the mappings raw and parts")
    return Evidence(
        raw_sha256=raw["content_sha256"],
        train_sha256=parts["train"]["content_sha256"],
        test_sha256=parts["test"]["content_sha256"],
        source_sha256=provenance["source_sha256"],
        lock_sha256=provenance["lock_sha256"],
        code_revision=provenance["code_revision"],
        train_rows=parts["train"]["rows"],
        train_default_rate=parts["train"].get("default_rate"),
    )


def tags(evaluation: Evaluation, sources: Evidence) -> dict[str, str]:
    """Tags of a version; ``fingerprint`` is one hash of everything that can change the model.

    The code revision is a tag, but not part of the fingerprint: a commit that changes no code changes no model.
    """
    hashes = {
        "raw_sha256": sources.raw_sha256,
        "train_sha256": sources.train_sha256,
        "test_sha256": sources.test_sha256,
        "specification_sha256": evaluation.specification_sha256,
        "source_sha256": sources.source_sha256,
        "lock_sha256": sources.lock_sha256,
    }
    named = {"model": evaluation.model, "split_id": evaluation.split_id, "code_revision": sources.code_revision}
    return {**named, **hashes, "fingerprint": document_hash({"model": evaluation.model, **hashes})}


def write(evaluation: Evaluation, sources: Evidence, reason: str, annotation: str) -> str:
    """Write the annotation of a version in Markdown; people can add to it in the registry.

    Parameters
    ----------
    evaluation
        The model and its metrics.
    sources
        The data that it was fitted and tested on.
    reason
        Why it is the challenger.
    annotation
        Text from the configuration that is added at the end.
    """
    arguments = ", ".join(f"{name} = {value}" for name, value in evaluation.arguments.items())
    changed, rate = _weight_and_calibration(evaluation), sources.train_default_rate
    fitted_on = (
        f"{sources.train_rows:,} rows"
        if rate is None
        else (f"{sources.train_rows:,} applications, default rate {rate:.2%}")
    )
    events = "" if evaluation.test_events is None else f" with {evaluation.test_events:,} defaults"
    facts = [
        f"**{evaluation.model}**: `{evaluation.estimator}` on the recipe `{evaluation.recipe}` ({arguments}){changed}.",
        f"Challenger because: {reason}.",
        f"Fitted on {fitted_on}; tested on {evaluation.test_rows:,}{events}.",
        f"Split `{evaluation.split_id}`.",
        _metrics_table(evaluation),
        *([_stability(evaluation)] if on_test(SCORE_PSI).value in evaluation.metrics else []),
        *([_cut_off(evaluation)] if CUT_OFF in evaluation.metrics else []),
    ]
    return "\n\n".join([*facts, annotation] if annotation else facts)


def _weight_and_calibration(evaluation: Evaluation) -> str:
    weight = evaluation.event_weight
    weighted = "" if weight is None else f", a default weighted {weight if weight == 'balanced' else f'{weight:g}'}"
    return weighted + ("" if evaluation.calibration == "none" else f", {evaluation.calibration} calibration")


def _stability(evaluation: Evaluation) -> str:
    index = _tested(evaluation, SCORE_PSI)
    return f"Population stability index of the score on test against train (95 % interval): {index}."


def _cut_off(evaluation: Evaluation) -> str:
    """State the cut-off and its results on test in one sentence."""
    parts = [
        f"{label} {value:{form}} ({lower:{form}} to {upper:{form}})"
        for name, label, form in _CUT_OFF
        if on_test(name).value in evaluation.metrics
        for value, lower, upper in [_with_bounds(evaluation, name)]
    ]
    rule = f"Cut-off {evaluation.metrics[CUT_OFF]:.4f}: applicants with this probability of default or more are refused"
    return f"{rule}; on test (95 % interval) {', '.join(parts)}."


_CUT_OFF = (
    ("approval_rate", "approval rate", ".2%"),
    ("approved_default_rate", "default rate among the approved", ".2%"),
    ("profit_per_applicant", "profit per applicant", ",.2f"),
)


def _with_bounds(evaluation: Evaluation, name: str) -> tuple[float, float, float]:
    value, lower, upper = (evaluation.metrics[tracked] for tracked in on_test(name))
    return value, lower, upper


def _metrics_table(evaluation: Evaluation) -> str:
    known = [*METRICS, *(name for name in evaluation.estimates if name not in METRICS)]
    shown = [(name, metric_named(name).label) for name in known if on_test(name).value in evaluation.metrics]
    rows = [
        f"| {label} | {_cross_validated(evaluation, name)} | {_tested(evaluation, name)} |" for name, label in shown
    ]
    return "\n".join(["| metric | cross-validated | test (95 % interval) |", "|---|---|---|", *rows])


def _cross_validated(evaluation: Evaluation, name: str) -> str:
    mean, deviation = (evaluation.metrics[tracked] for tracked in cross_validated(name))
    return f"{mean:.4f} (standard deviation {deviation:.4f})"


def _tested(evaluation: Evaluation, name: str) -> str:
    value, lower, upper = _with_bounds(evaluation, name)
    return f"{value:.4f} ({lower:.4f} to {upper:.4f})"
