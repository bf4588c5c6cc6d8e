"""The gates: the conditions that a version must meet to become champion."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from credit_pipeline.modelling.metrics import Sample, metric_named, score
from credit_pipeline.modelling.metrics.sample import require_same_rows
from credit_pipeline.modelling.metrics.uncertainty import delong_difference
from credit_pipeline.spec import ChampionGateSpec, GatesSpec

_FEWEST = 2


@dataclass(frozen=True)
class Gate:
    """One gate: its name, whether it passed, and the reason in a sentence."""

    name: str
    passed: bool
    reason: str


def metric_gates(metrics: Mapping[str, float], spec: GatesSpec) -> list[Gate]:
    """Compare metrics with their bounds; a metric that is missing or not finite does not pass.

    >>> [gate.reason for gate in metric_gates({"test_ks": 0.41}, GatesSpec(minimum={"test_ks": 0.35}))]
    ['test_ks is 0.4100, at least 0.35 is required']
    """
    bounds = [(name, limit, "least") for name, limit in spec.minimum.items()]
    bounds += [(name, limit, "most") for name, limit in spec.maximum.items()]
    return [_bounded(name, metrics.get(name, float("nan")), limit, side) for name, limit, side in bounds]


def _bounded(name: str, value: float, limit: float, side: str) -> Gate:
    passed = bool(np.isfinite(value)) and (value >= limit if side == "least" else value <= limit)
    return Gate(name, passed, f"{name} is {value:.4f}, at {side} {limit:g} is required")


def champion_gate(challenger: Sample, champion: Sample, spec: ChampionGateSpec) -> Gate:
    """Compare challenger and champion on rows that neither was fitted on.

    Parameters
    ----------
    challenger, champion
        The same rows, answered by each. Clusters widen the interval in the gate's reason.
    spec
        Metric, margin, and the required numbers of rows and events.

    Returns
    -------
    Gate
        Passed if the challenger is not worse by more than the margin. With too few rows nothing is compared.

    Raises
    ------
    ValueError
        The rows are not the same.
    """
    require_same_rows(challenger, champion)
    unseen = f"{_size(challenger, spec)} that neither was fitted on"
    if not _is_large_enough(challenger, spec):
        return not_compared(f"{unseen}, {_required_size(spec)} are required", spec)
    values = [score(spec.metric, side.outcome, side.answer) for side in (challenger, champion)]
    goodness = metric_named(spec.metric).goodness(values)
    lead = float(goodness[0] - goodness[1])
    compared = f"{spec.metric} {values[0]:.4f} against the champion's {values[1]:.4f} on {unseen}"
    difference = _difference(challenger, champion, spec.metric)
    return Gate("champion", lead >= -spec.margin, f"{compared}{difference}; margin {spec.margin:g}")


def _size(rows: Sample, spec: ChampionGateSpec) -> str:
    defaults = "" if _is_regression(spec) else f" with {int(rows.outcome.sum()):,} defaults"
    return f"{len(rows):,} rows{defaults}"


def _required_size(spec: ChampionGateSpec) -> str:
    defaults = "" if _is_regression(spec) else f" and {spec.minimum_events:,} defaults"
    return f"{spec.minimum_rows:,} rows{defaults}"


def _is_large_enough(rows: Sample, spec: ChampionGateSpec) -> bool:
    if len(rows) < spec.minimum_rows:
        return False
    if _is_regression(spec):
        return len(rows) >= _FEWEST
    events = int(rows.outcome.sum())
    # A class of one row has no variance to compare by.
    return min(events, len(rows) - events) >= _FEWEST and events >= spec.minimum_events


def _is_regression(spec: ChampionGateSpec) -> bool:
    return metric_named(spec.metric).task == "regression"


def not_compared(reason: str, spec: ChampionGateSpec) -> Gate:
    """Give the gate of a challenger and a champion that cannot be compared; ``when_not_compared`` decides it."""
    return Gate("champion", spec.when_not_compared == "pass", f"not compared: {reason}")


def _difference(challenger: Sample, champion: Sample, metric: str) -> str:
    if metric != "roc_auc":
        return ""
    gap = delong_difference(challenger, champion)
    return f" (difference {gap.value:+.4f}, 95 % {gap.lower:+.4f} to {gap.upper:+.4f})"


def unseen_by(row_keys: NDArray[np.uint64], fitted_on: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Mark the rows that a model was not fitted on, shape (rows,).

    >>> unseen_by(np.array([1, 2], dtype=np.uint64), np.array([2, 3], dtype=np.uint64)).tolist()
    [True, False]
    """
    return ~np.isin(row_keys, fitted_on)


def outcome(*, version: object, passed: bool, champion: object) -> str:
    """Name the outcome for a version: ``none`` (no version), ``held``, ``kept`` (already champion), ``promoted``.

    Parameters
    ----------
    version
        The version, ``None`` if there is none.
    passed
        Whether all gates passed.
    champion
        The current champion, ``None`` if there is none.

    Examples
    --------
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


def promotion_sentence(report: Mapping[str, object]) -> str:
    """Summarise a promotion report in a sentence."""
    version = f"{report['name']} version {report['version']} ({report['model']})"
    current = report["standing_champion"]
    champion = f"version {current} stays champion" if current else "there is no champion yet"
    return {
        "none": f"no version was registered: {report['reason']}; {champion}",
        "held": f"{version} is challenger; {champion}: {report['reason']}",
        "kept": f"{version} is champion as before",
        "promoted": f"{version} is champion now" + (f", after version {current}" if current else ""),
    }[str(report["outcome"])]
