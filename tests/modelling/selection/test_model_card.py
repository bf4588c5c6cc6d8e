from dataclasses import replace
from typing import Any

import pytest

from credit_pipeline.modelling.selection import model_card
from credit_pipeline.modelling.selection.model_card import Evidence
from credit_pipeline.modelling.training.evaluation import Evaluation

EVALUATION = Evaluation(
    model="tree",
    recipe="plain",
    estimator="sklearn.tree.DecisionTreeClassifier",
    arguments={"max_depth": 3, "splitter": "best"},
    recipe_settings={},
    split_id="0123abcd",
    folds_id="folds",
    specification_sha256="5" * 64,
    candidates=2,
    search_seconds=4.0,
    fit_seconds=1.5,
    metrics={
        "cv_roc_auc_mean": 0.78461,
        "cv_roc_auc_std": 0.00649,
        "test_roc_auc": 0.7755,
        "test_roc_auc_lower": 0.76,
        "test_roc_auc_upper": 0.79004,
        "cv_brier_mean": 0.135,
        "cv_brier_std": 0.002,
        "test_brier": 0.136,
        "test_brier_lower": 0.131,
        "test_brier_upper": 0.141,
        "cv_log_loss_mean": 0.43,
        "cv_log_loss_std": 0.01,
        "test_log_loss": 0.44,
        "test_log_loss_lower": 0.42,
        "test_log_loss_upper": 0.46,
    },
    fold_scores=[],
    test_rows=6_000,
    test_events=1_327,
)
EVIDENCE = Evidence(
    raw_sha256="1" * 64,
    train_sha256="2" * 64,
    test_sha256="3" * 64,
    source_sha256="4" * 64,
    lock_sha256="6" * 64,
    code_revision="abc123",
    train_rows=24_000,
    train_default_rate=0.2212,
)
MANIFEST: dict[str, Any] = {
    "raw": {"content_sha256": "1" * 64},
    "parts": {
        "train": {"content_sha256": "2" * 64, "rows": 24_000, "default_rate": 0.2212},
        "test": {"content_sha256": "3" * 64, "rows": 6_000, "default_rate": 0.2211},
    },
}
PROVENANCE = {"code_revision": "abc123", "source_sha256": "4" * 64, "lock_sha256": "6" * 64}
CARD = """\
**tree**: `sklearn.tree.DecisionTreeClassifier` on the recipe `plain` (max_depth = 3, splitter = best).

Challenger because: best cross-validated roc_auc 0.7846.

Fitted on 24,000 applications, default rate 22.12%; tested on 6,000 with 1,327 defaults.

Split `0123abcd`.

| metric | cross-validated | test (95 % interval) |
|---|---|---|
| AUC | 0.7846 (standard deviation 0.0065) | 0.7755 (0.7600 to 0.7900) |
| Brier score | 0.1350 (standard deviation 0.0020) | 0.1360 (0.1310 to 0.1410) |
| log loss | 0.4300 (standard deviation 0.0100) | 0.4400 (0.4200 to 0.4600) |

For the spring campaign."""


def test_a_person_reads_model_reason_data_and_metrics() -> None:
    reason = "best cross-validated roc_auc 0.7846"
    assert model_card.write(EVALUATION, EVIDENCE, reason, "For the spring campaign.") == CARD


def test_an_annotation_that_nobody_gave_leaves_no_trace() -> None:
    written = model_card.write(EVALUATION, EVIDENCE, "best cross-validated roc_auc 0.7846", "")
    assert written == CARD.removesuffix("\n\nFor the spring campaign.")


def test_gini_and_ks_are_shown_where_they_were_computed_in_one_order() -> None:
    more = {
        f"{place}{metric}{suffix}": 0.5
        for metric in ("ks", "gini")
        for place, suffix in (
            ("cv_", "_mean"),
            ("cv_", "_std"),
            ("test_", ""),
            ("test_", "_lower"),
            ("test_", "_upper"),
        )
    }
    evaluation = EVALUATION.model_copy(update={"metrics": {**more, **EVALUATION.metrics}})
    table = [line for line in model_card.write(evaluation, EVIDENCE, "r", "").splitlines() if line.startswith("| ")]
    shown = ["metric", "AUC", "Gini", "KS", "Brier score", "log loss"]
    assert [line.split(" | ")[0] for line in table] == [f"| {label}" for label in shown]


def test_the_evidence_is_read_out_of_manifest_and_provenance() -> None:
    assert model_card.evidence(MANIFEST, PROVENANCE) == EVIDENCE


@pytest.mark.parametrize("key", ["raw", "parts"])
def test_a_manifest_of_another_shape_is_refused(key: str) -> None:
    with pytest.raises(TypeError, match="raw and parts"):
        model_card.evidence({**MANIFEST, key: "2 parts"}, PROVENANCE)


def test_a_version_is_tagged_with_all_that_it_stands_on() -> None:
    tags = model_card.tags(EVALUATION, EVIDENCE)
    fingerprint = tags.pop("fingerprint")
    assert tags == {
        "model": "tree",
        "split_id": "0123abcd",
        "code_revision": "abc123",
        "raw_sha256": "1" * 64,
        "train_sha256": "2" * 64,
        "test_sha256": "3" * 64,
        "source_sha256": "4" * 64,
        "specification_sha256": "5" * 64,
        "lock_sha256": "6" * 64,
    }
    assert len(fingerprint) == 64
    assert set(fingerprint) <= set("0123456789abcdef")


def test_the_fingerprint_is_the_same_for_the_same_model() -> None:
    # A commit without a changed line, metrics and seconds of another machine: the model is the same.
    later = EVALUATION.model_copy(update={"fit_seconds": 99.0, "metrics": {}})
    tags, other = model_card.tags(EVALUATION, EVIDENCE), model_card.tags(later, replace(EVIDENCE, code_revision="def"))
    assert tags["fingerprint"] == other["fingerprint"]
    assert tags["code_revision"] != other["code_revision"]


@pytest.mark.parametrize("name", ["raw_sha256", "train_sha256", "test_sha256", "source_sha256", "lock_sha256"])
def test_the_fingerprint_changes_with_data_source_and_lock(name: str) -> None:
    changed = replace(EVIDENCE, **{name: "f" * 64})  # type: ignore[arg-type]  # all of them are hashes
    tags, other = model_card.tags(EVALUATION, EVIDENCE), model_card.tags(EVALUATION, changed)
    assert tags["fingerprint"] != other["fingerprint"]


@pytest.mark.parametrize("change", [{"specification_sha256": "f" * 64}, {"model": "forest"}], ids=str)
def test_the_fingerprint_changes_with_the_model_and_its_settings(change: dict[str, str]) -> None:
    tags, other = (model_card.tags(each, EVIDENCE) for each in (EVALUATION, EVALUATION.model_copy(update=change)))
    assert tags["fingerprint"] != other["fingerprint"]


def test_exchanged_hashes_make_another_fingerprint() -> None:
    swapped = replace(EVIDENCE, train_sha256=EVIDENCE.test_sha256, test_sha256=EVIDENCE.train_sha256)
    assert model_card.tags(EVALUATION, EVIDENCE)["fingerprint"] != model_card.tags(EVALUATION, swapped)["fingerprint"]


def test_weight_and_calibration_are_named_with_the_estimator() -> None:
    changed = EVALUATION.model_copy(update={"event_weight": 4.0, "calibration": "beta"})
    written = model_card.write(changed, EVIDENCE, "", "")
    assert "splitter = best), a default weighted 4, beta calibration.\n" in written


CUT_OFF = {
    "cut_off": 0.15731,
    "test_approval_rate": 0.5395,
    "test_approval_rate_lower": 0.5269,
    "test_approval_rate_upper": 0.5521,
}


def test_a_cut_off_is_one_sentence() -> None:
    decided = EVALUATION.model_copy(update={"metrics": {**EVALUATION.metrics, **CUT_OFF}})
    rule = "Cut-off 0.1573: applicants with this probability of default or more are refused; on test (95 % interval) "
    assert f"{rule}approval rate 53.95% (52.69% to 55.21%)." in model_card.write(decided, EVIDENCE, "", "")
    profit = {"test_profit_per_applicant": 21.75, **dict.fromkeys(("test_profit_per_applicant_lower",), 18.4)}
    more = {**decided.metrics, **profit, "test_profit_per_applicant_upper": 1025.13}
    with_profit = model_card.write(decided.model_copy(update={"metrics": more}), EVIDENCE, "", "")
    assert "(52.69% to 55.21%), profit per applicant 21.75 (18.40 to 1,025.13)." in with_profit


def test_the_stability_of_the_score_is_stated_if_it_is_known() -> None:
    known = {"test_score_psi": 0.0123, "test_score_psi_lower": 0.0, "test_score_psi_upper": 0.02}
    evaluation = EVALUATION.model_copy(update={"metrics": {**EVALUATION.metrics, **known}})
    stability = (
        "Population stability index of the score on test against train (95 % interval): 0.0123 (0.0000 to 0.0200)."
    )
    assert stability in model_card.write(evaluation, EVIDENCE, "r", "").split("\n\n")
    assert "Population stability" not in model_card.write(EVALUATION, EVIDENCE, "r", "")
