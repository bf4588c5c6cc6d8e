"""The gates: what a version must show before it becomes champion."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from credit_pipeline.core import Outcome
from credit_pipeline.modelling.metrics import metric_named, score
from credit_pipeline.modelling.metrics.delong import delong_difference
from credit_pipeline.spec import ChampionGateSpec, GatesSpec

_FEWEST = 2


@dataclass(frozen=True)
class Gate:
    """One gate: its name, whether it passed, and the sentence that says why."""

    name: str
    passed: bool
    reason: str


@dataclass(frozen=True)
class Scored:
    """The same rows answered by the challenger and by the standing champion, all of them unseen by both.

    Shapes (rows,): ``outcome`` 1 = default and probabilities of default in [0, 1], or a regression's target and values.
    ``cluster`` tells which rows err together, as in ``delong_difference``; it widens the interval that is told.
    """

    outcome: Outcome
    challenger: NDArray[np.float64]
    champion: NDArray[np.float64]
    cluster: NDArray[np.intp] | None = None


def metric_gates(metrics: Mapping[str, float], spec: GatesSpec) -> list[Gate]:
    """Hold the metrics against their bounds; a metric that is missing or not finite does not pass.

    >>> [gate.reason for gate in metric_gates({"test_ks": 0.41}, GatesSpec(minimum={"test_ks": 0.35}))]
    ['test_ks is 0.4100, at least 0.35 is asked for']
    """
    bounds = [(name, limit, "least") for name, limit in spec.minimum.items()]
    bounds += [(name, limit, "most") for name, limit in spec.maximum.items()]
    return [_bounded(name, metrics.get(name, float("nan")), limit, side) for name, limit, side in bounds]


def _bounded(name: str, value: float, limit: float, side: str) -> Gate:
    passed = bool(np.isfinite(value)) and (value >= limit if side == "least" else value <= limit)
    return Gate(name, passed, f"{name} is {value:.4f}, at {side} {limit:g} is asked for")


def champion_gate(rows: Scored, spec: ChampionGateSpec) -> Gate:
    """Compare challenger and champion on rows that neither was fitted on.

    Parameters
    ----------
    rows
        The rows and both answers.
    spec
        Metric, margin, and how few rows and events are too few.

    Returns
    -------
    Gate
        Passed if the challenger is not worse by more than the margin. Too few rows are no comparison.
    """
    if metric_named(spec.metric).task == "regression":
        unseen, enough = f"{len(rows.outcome):,} rows", len(rows.outcome) >= _FEWEST
        asked = f"{spec.minimum_rows:,} rows"
    else:
        events = int(rows.outcome.sum())
        unseen, asked = (
            f"{len(rows.outcome):,} rows with {events:,} defaults",
            (f"{spec.minimum_rows:,} rows and {spec.minimum_events:,} defaults"),
        )
        # A class of one row has no variance to compare by.
        enough = min(events, len(rows.outcome) - events) >= _FEWEST and events >= spec.minimum_events
    unseen += " that neither was fitted on"
    if len(rows.outcome) < spec.minimum_rows or not enough:
        return not_compared(f"{unseen}, {asked} are asked for", spec)
    challenger, champion = (score(spec.metric, rows.outcome, side) for side in (rows.challenger, rows.champion))
    goodness = metric_named(spec.metric).goodness([challenger, champion])
    lead = float(goodness[0] - goodness[1])
    told = f"{spec.metric} {challenger:.4f} against the champion's {champion:.4f} on {unseen}"
    return Gate("champion", lead >= -spec.margin, f"{told}{_paired(rows, spec.metric)}; margin {spec.margin:g}")


def not_compared(reason: str, spec: ChampionGateSpec) -> Gate:
    """Say why challenger and champion cannot be compared; ``when_not_compared`` decides what follows."""
    return Gate("champion", spec.when_not_compared == "pass", f"not compared: {reason}")


def _paired(rows: Scored, metric: str) -> str:
    if metric != "roc_auc":
        return ""
    gap = delong_difference(rows.outcome, rows.challenger, rows.champion, rows.cluster)
    return f" (difference {gap.difference:+.4f}, 95 % {gap.lower:+.4f} to {gap.upper:+.4f})"


def unseen_by(row_keys: NDArray[np.uint64], fitted_on: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Mark the rows that a model was not fitted on, shape (rows,).

    >>> unseen_by(np.array([1, 2], dtype=np.uint64), np.array([2, 3], dtype=np.uint64)).tolist()
    [True, False]
    """
    return ~np.isin(row_keys, fitted_on)


def outcome(*, version: object, passed: bool, champion: object) -> str:
    """Name what happens to a version: ``none`` (there is none), ``held``, ``kept`` (champion already), ``promoted``.

    >>> outcome(version="3", passed=True, champion="2")
    'promoted'
    >>> outcome(version="3", passed=False, champion="2")
    'held'
    """
    if version is None:
        return "none"
    if version == champion:
        return "kept"
    return "promoted" if passed else "held"


def told(report: Mapping[str, object]) -> str:
    """Tell a promotion report in a sentence."""
    version = f"{report['name']} version {report['version']} ({report['model']})"
    standing = report["standing_champion"]
    champion = f"version {standing} stays champion" if standing else "there is no champion yet"
    return {
        "none": f"no version was registered: {report['reason']}; {champion}",
        "held": f"{version} is challenger; {champion}: {report['reason']}",
        "kept": f"{version} is champion as before",
        "promoted": f"{version} is champion now" + (f", after version {standing}" if standing else ""),
    }[str(report["outcome"])]
