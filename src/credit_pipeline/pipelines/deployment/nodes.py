"""Adapters between the catalog, registration, smoke test, gates and promotion."""

import json
import logging
from dataclasses import asdict

import numpy as np
import pandas as pd

from credit_pipeline.configuration import as_specification, takes_specifications
from credit_pipeline.errors import RegistryError
from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.scoring import answers
from credit_pipeline.modelling.scoring.scoring_model import OUTCOME, answers_in
from credit_pipeline.modelling.selection import gates, model_card
from credit_pipeline.modelling.splitting import require_one_split, row_keys, schemes
from credit_pipeline.modelling.training import Evaluation
from credit_pipeline.spec import ChampionGateSpec, DataSpec, DeploymentSpec
from credit_pipeline.tracking import RegisteredModel, UnusableModel, fresh_process

Document = dict[str, object]
PARITY = 1e-9
_log = logging.getLogger(__name__)


@takes_specifications
def request_version(
    challenger: Document,
    manifest: Document,
    provenance: dict[str, str],
    deployment: DeploymentSpec,
    **stored: Document,
) -> Document:
    """Ask for a registry version of the challenger: its logged model, an annotation, the hashes of what made it.

    Parameters
    ----------
    challenger
        Model, reason, split.
    manifest, provenance
        The split; the hashes of the code and of the lock file.
    deployment
        Holds the annotation.
    **stored
        ``<model>_run`` and ``<model>_metrics`` by these names.
    """
    model = challenger["model"]
    if model is None:
        return {"model_uri": None, "reason": challenger["reason"]}
    run, evaluation = stored[f"{model}_run"], as_specification(Evaluation, stored[f"{model}_metrics"])
    if run["model_uri"] is None:
        reason = f"the run of {model} is not in MLflow yet; after `kedro track` it can be registered"
        return {"model_uri": None, "reason": reason}
    of_one_split = {"split_manifest": manifest, "challenger": challenger, f"{model}_run": run}
    require_one_split({name: str(document["split_id"]) for name, document in of_one_split.items()})
    evidence = model_card.evidence(manifest, provenance)
    return {
        "model_uri": run["model_uri"],
        "run_id": run["run_id"],
        "tags": model_card.tags(evaluation, evidence),
        "description": model_card.write(evaluation, evidence, str(challenger["reason"]), deployment.annotation),
    }


@takes_specifications
def smoke_test(version: Document, test: pd.DataFrame, data: DataSpec, **predictions: pd.DataFrame) -> Document:
    """Load the version in a fresh process and compare its answers on test with those of training.

    Parameters
    ----------
    version
        Name and version in the registry; the version is ``None`` where none was registered.
    test, data
        The test part, and the contract.
    **predictions
        ``<model>_test_predictions`` by that name.
    """
    if version["version"] is None:
        return {"passed": False, "reason": "there is no version to load"}
    try:
        answered = fresh_process.predict(str(version["name"]), str(version["version"]), test[list(data.inputs)])
    except RegistryError as error:
        return {"passed": False, "reason": f"{error.what} {error.got}"}
    expected = answers_in(predictions[f"{version['model']}_test_predictions"])
    difference = float(np.abs(answered - expected).max())
    reason = f"largest difference {difference:.1e} on {len(test):,} rows in a fresh process, {PARITY:g} is allowed"
    return {"passed": difference <= PARITY * max(1.0, float(np.abs(expected).max())), "reason": reason}


@takes_specifications
def compare_with_champion(
    version: Document,
    current: RegisteredModel | UnusableModel | None,
    test: pd.DataFrame,
    data: DataSpec,
    deployment: DeploymentSpec,
    **predictions: pd.DataFrame,
) -> Document:
    """Compare the version with the current champion, on the rows of test that neither was fitted on.

    Parameters
    ----------
    version
        Name and version in the registry.
    current
        The current champion, if there is one, and why it cannot be used, if so.
    test, data
        The test part, and the contract.
    deployment
        Holds the gate.
    **predictions
        ``<model>_test_predictions`` by that name.
    """
    spec = deployment.gates.champion
    if version["version"] is None or current is None:
        gate = gates.Gate("champion", passed=True, reason="there is no champion to compare with")
    elif current.version == version["version"]:
        gate = gates.Gate("champion", passed=True, reason=f"version {current.version} is the champion already")
    elif isinstance(current, UnusableModel):
        gate = gates.not_compared(current.reason, spec)
    else:
        gate = _better(current, test, predictions[f"{version['model']}_test_predictions"], data, spec)
    return {**asdict(gate), "standing": current.version if current else None}


def _better(
    current: RegisteredModel,
    test: pd.DataFrame,
    predicted: pd.DataFrame,
    data: DataSpec,
    spec: ChampionGateSpec,
) -> gates.Gate:
    unseen = gates.unseen_by(row_keys(test, data.identifier), current.row_keys)
    predicted, rows = predicted[unseen], test[unseen]
    champion = answers(current.model.pipeline, rows) if unseen.any() else np.empty(0)
    cluster = schemes.keys_of(rows, data).group
    challenger = Sample(predicted[OUTCOME].to_numpy(), answers_in(predicted), cluster=cluster)
    return gates.champion_gate(challenger, challenger.answered(champion), spec)


@takes_specifications
def check_gates(
    version: Document,
    smoke_report: Document,
    comparison: Document,
    deployment: DeploymentSpec,
    **evaluations: Document | None,
) -> Document:
    """Check every gate for the version.

    Parameters
    ----------
    version
        Name and version in the registry.
    smoke_report, comparison
        As from ``smoke_test`` and ``compare_with_champion``.
    deployment
        Holds the bounds of the metrics.
    **evaluations
        ``<model>_metrics`` by that name.
    """
    if version["version"] is None:
        return {"passed": False, "gates": [], "reason": version["reason"]}
    evaluation = as_specification(Evaluation, evaluations[f"{version['model']}_metrics"])
    smoke = gates.Gate("smoke test", bool(smoke_report["passed"]), str(smoke_report["reason"]))
    checked = [asdict(smoke), *map(asdict, gates.metric_gates(evaluation.metrics, deployment.gates)), comparison]
    for gate in checked:
        _log.info("gate %s %s: %s", gate["name"], "passed" if gate["passed"] else "NOT passed", gate["reason"])
    failed = [str(gate["reason"]) for gate in checked if not gate["passed"]]
    reason = "; ".join(failed) or "every gate passed"
    return {"passed": not failed, "gates": checked, "reason": reason, "standing": comparison["standing"]}


def promote(
    version: Document, gate_report: Document, current: RegisteredModel | UnusableModel | None
) -> tuple[Document, Document, Document]:
    """Decide what happens to the version and which alias moves: ``challenger`` first, ``champion`` last.

    A version is held as challenger if another run has replaced the champion since the comparison.

    Parameters
    ----------
    version
        Name and version in the registry.
    gate_report
        As from ``check_gates``.
    current
        The current champion, if there is one.
    """
    if isinstance(current, UnusableModel) and current.loss:
        reason = (
            "the tracking server became unreachable during the run; "
            f"`kedro track` registers the version ({current.reason})"
        )
        version, gate_report = {"version": None}, {"passed": False, "reason": reason}
    elif moved := _moved(version, gate_report, current):
        gate_report = {**gate_report, "passed": False, "reason": moved}
    champion = current.version if current else None
    report = _promotion_report(version, gate_report, champion)
    _log.info("%s", gates.promotion_sentence(report))
    return report, *_moves(str(report["outcome"]), version, gate_report, champion)


def _promotion_report(version: Document, gate_report: Document, champion: str | None) -> Document:
    outcome = gates.outcome(version=version["version"], passed=bool(gate_report["passed"]), champion=champion)
    return {
        "outcome": outcome,
        "name": version.get("name"),
        "version": version["version"],
        "new_version": version.get("new", False),
        "model": version.get("model"),
        "standing_champion": champion,
        "reason": gate_report["reason"],
    }


def _moves(outcome: str, version: Document, gate_report: Document, champion: str | None) -> tuple[Document, Document]:
    """Say to which version the aliases ``challenger`` and ``champion`` move; ``None`` leaves an alias where it is."""
    tags = {"gates": "passed" if gate_report["passed"] else "not passed", "gate_report": json.dumps(gate_report)}
    move: Document = {"version": version["version"], "tags": tags}
    if outcome in {"promoted", "kept"}:
        return {"version": None, "without": version["version"]}, {**move, "standing": champion}
    return move if outcome == "held" else {"version": None}, {"version": None}


def _moved(version: Document, gate_report: Document, current: RegisteredModel | UnusableModel | None) -> str:
    """Say that the champion is not the one of the comparison; otherwise the text is empty."""
    now = current.version if current else None
    if version["version"] is None or now in {gate_report["standing"], version["version"]}:
        return ""
    compared = f"version {gate_report['standing']}" if gate_report["standing"] else "none"
    return (
        f"another run moved champion to version {now} in the meantime; this version was compared with {compared}: "
        "`kedro run --pipelines deployment` compares again"
    )
