"""Adapters between the catalog and registration, smoke test, gates and promotion."""

import json
import logging
from dataclasses import asdict

import numpy as np
import pandas as pd

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


def request_version(
    challenger: Document,
    manifest: Document,
    provenance: dict[str, str],
    deployment: Document,
    **stored: Document,
) -> Document:
    """Ask for a registry version of the challenger: its logged model, an annotation, the hashes that it stands on."""
    model = challenger["model"]
    if model is None:
        return {"model_uri": None, "reason": challenger["reason"]}
    run, evaluation = stored[f"{model}_run"], Evaluation.model_validate(stored[f"{model}_metrics"])
    if run["model_uri"] is None:
        return {
            "model_uri": None,
            "reason": f"the run of {model} is not tracked yet: kedro track, then it is registered",
        }
    carried = {"split_manifest": manifest, "challenger": challenger, f"{model}_run": run}
    require_one_split({name: str(document["split_id"]) for name, document in carried.items()})
    stands_on = model_card.evidence(manifest, provenance)
    annotation = DeploymentSpec.model_validate(deployment).annotation
    return {
        "model_uri": run["model_uri"],
        "run_id": run["run_id"],
        "tags": model_card.tags(evaluation, stands_on),
        "description": model_card.write(evaluation, stands_on, str(challenger["reason"]), annotation),
    }


def smoke_test(version: Document, test: pd.DataFrame, data: Document, **predictions: pd.DataFrame) -> Document:
    """Load the version in a fresh process and hold its answers on test against those of training."""
    if version["version"] is None:
        return {"passed": False, "reason": "there is no version to load"}
    inputs = test[list(DataSpec.model_validate(data).inputs)]
    try:
        answered = fresh_process.predict(str(version["name"]), str(version["version"]), inputs)
    except RegistryError as error:
        return {"passed": False, "reason": f"{error.what} {error.got}"}
    expected = answers_in(predictions[f"{version['model']}_test_predictions"])
    difference = float(np.abs(answered - expected).max())
    reason = f"largest difference {difference:.1e} on {len(test):,} rows in a fresh process, {PARITY:g} is allowed"
    return {"passed": difference <= PARITY * max(1.0, float(np.abs(expected).max())), "reason": reason}


def compare_with_champion(
    version: Document,
    standing: RegisteredModel | UnusableModel | None,
    test: pd.DataFrame,
    data: Document,
    deployment: Document,
    **predictions: pd.DataFrame,
) -> Document:
    """Hold the version against the standing champion, on the rows of test that neither was fitted on."""
    spec = DeploymentSpec.model_validate(deployment).gates.champion
    compared_with = {"standing": standing.version if standing else None}
    if version["version"] is None or standing is None:
        gate = gates.Gate("champion", passed=True, reason="there is no champion to compare with")
    elif standing.version == version["version"]:
        gate = gates.Gate("champion", passed=True, reason=f"version {standing.version} is the champion already")
    elif isinstance(standing, UnusableModel):
        gate = gates.not_compared(standing.reason, spec)
    else:
        predicted = predictions[f"{version['model']}_test_predictions"]
        gate = _better(standing, test, predicted, DataSpec.model_validate(data), spec)
    return {**asdict(gate), **compared_with}


def _better(
    standing: RegisteredModel,
    test: pd.DataFrame,
    predicted: pd.DataFrame,
    data: DataSpec,
    spec: ChampionGateSpec,
) -> gates.Gate:
    unseen = gates.unseen_by(row_keys(test, data.identifier), standing.row_keys)
    predicted, rows = predicted[unseen], test[unseen]
    champion = answers(standing.model.pipeline, rows) if unseen.any() else np.empty(0)
    cluster = schemes.keys_of(rows, data).group
    challenger = Sample(predicted[OUTCOME].to_numpy(), answers_in(predicted), cluster=cluster)
    return gates.champion_gate(challenger, challenger.answered(champion), spec)


def check_gates(
    version: Document,
    smoke_report: Document,
    comparison: Document,
    deployment: Document,
    **evaluations: Document | None,
) -> Document:
    """Hold the version against every gate."""
    if version["version"] is None:
        return {"passed": False, "gates": [], "reason": version["reason"]}
    spec = DeploymentSpec.model_validate(deployment).gates
    evaluation = Evaluation.model_validate(evaluations[f"{version['model']}_metrics"])
    smoke = gates.Gate("smoke test", bool(smoke_report["passed"]), str(smoke_report["reason"]))
    checked = [asdict(smoke), *map(asdict, gates.metric_gates(evaluation.metrics, spec)), comparison]
    for gate in checked:
        _log.info("gate %s %s: %s", gate["name"], "passed" if gate["passed"] else "NOT passed", gate["reason"])
    failed = [str(gate["reason"]) for gate in checked if not gate["passed"]]
    reason = "; ".join(failed) or "every gate passed"
    return {"passed": not failed, "gates": checked, "reason": reason, "standing": comparison["standing"]}


def promote(
    version: Document, gate_report: Document, standing: RegisteredModel | UnusableModel | None
) -> tuple[Document, Document, Document]:
    """Say what happens to the version, then which alias moves: ``challenger`` first, ``champion`` last.

    A version that was compared with a champion that another run has replaced since is held as challenger.
    """
    if isinstance(standing, UnusableModel) and standing.loss:
        reason = f"the tracking server was lost during the run, `kedro track` registers it ({standing.reason})"
        version, gate_report = {"version": None}, {"passed": False, "reason": reason}
    elif moved := _moved(version, gate_report, standing):
        gate_report = {**gate_report, "passed": False, "reason": moved}
    outcome = gates.outcome(
        version=version["version"], passed=bool(gate_report["passed"]), champion=standing.version if standing else None
    )
    report = {
        "outcome": outcome,
        "name": version.get("name"),
        "version": version["version"],
        "new_version": version.get("new", False),
        "model": version.get("model"),
        "standing_champion": standing.version if standing else None,
        "reason": gate_report["reason"],
    }
    tags = {"gates": "passed" if gate_report["passed"] else "not passed", "gate_report": json.dumps(gate_report)}
    nothing: Document = {"version": None}
    move: Document = {"version": version["version"], "tags": tags}
    _log.info("%s", gates.promotion_sentence(report))
    if outcome in {"promoted", "kept"}:
        compared = {**move, "standing": standing.version if standing else None}
        return report, {"version": None, "without": version["version"]}, compared
    return report, move if outcome == "held" else nothing, nothing


def _moved(version: Document, gate_report: Document, standing: RegisteredModel | UnusableModel | None) -> str:
    """Say that the champion is another one than that of the comparison, or nothing."""
    now = standing.version if standing else None
    if version["version"] is None or now in {gate_report["standing"], version["version"]}:
        return ""
    compared = f"version {gate_report['standing']}" if gate_report["standing"] else "none"
    return (
        f"another run moved champion to version {now} meanwhile, this one was compared with {compared}: "
        "kedro run --pipelines deployment compares again"
    )
