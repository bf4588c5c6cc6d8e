"""How good a model is in each segment of its applicants."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from credit_pipeline.core import Estimate, Outcome

Values = Outcome
Estimates = Callable[..., Mapping[str, Estimate]]

MISSING = "missing"


def errors_by_segment(
    segment: pd.Series,
    outcome: Values,
    answers: NDArray[np.float64],
    estimates: Estimates,
    *,
    is_event: bool,
    minimum_rows: int = 50,
    minimum_events: int = 5,
    cluster: NDArray[np.intp] | None = None,
) -> pd.DataFrame:
    """Estimate metrics in each segment apart, where there are rows enough.

    Parameters
    ----------
    segment
        Label of each row, shape (rows,); the missing are a segment of their own.
    outcome
        Shape (rows,): 1 = default, or the value observed.
    answers
        Shape (rows,): probability of default, or the value predicted.
    estimates
        Takes outcome and answers of a segment and gives metrics with their intervals by name, such as
        ``partial(intervals.estimate, ["roc_auc"])``.
    is_event
        Whether the outcome is default or payment.
    minimum_rows, minimum_events
        A segment with fewer rows, or with fewer defaults or payers, is not estimated.
    cluster
        Shape (rows,): which rows err together, as in ``intervals.estimate``; handed to ``estimates`` where it is known.

    Returns
    -------
    pandas.DataFrame
        One row a segment, largest first: ``segment``, ``rows``, ``events`` (where ``is_event``), ``observed`` and
        ``predicted`` (means), by metric ``<name>``, ``<name>_lower``, ``<name>_upper`` (missing where not estimated),
        and ``remark``, why it was not, else empty.

    Raises
    ------
    ValueError
        Labels, outcome and answers differ in number, or there is no row.

    Examples
    --------
    >>> homes = pd.Series(["own"] * 3 + ["rent"])
    >>> mean = lambda outcome, answers: {"bias": Estimate(float((outcome - answers).mean()), -9, 9, len(outcome))}
    >>> values = np.array([1.0, 2.0, 3.0, 4.0])
    >>> found = errors_by_segment(homes, values, values - 1, mean, is_event=False, minimum_rows=2)
    >>> found[["segment", "rows", "bias", "remark"]].values.tolist()
    [['own', 3, 1.0, ''], ['rent', 1, nan, 'fewer than 2 rows']]
    """
    if not len(segment) == len(outcome) == len(answers) or not len(segment):
        raise ValueError(f"each row has one of each, got {len(segment)} labels, {len(outcome)} and {len(answers)}")
    labels = segment.astype("object").where(segment.notna(), MISSING).astype(str).to_numpy()
    found = []
    for label in sorted(set(labels)):
        here = labels == label
        true, told = outcome[here], answers[here]
        remark = _too_few(true, is_event=is_event, minimum_rows=minimum_rows, minimum_events=minimum_events)
        together = {} if cluster is None else {"cluster": cluster[here]}
        metrics = {} if remark else _flat(estimates(true, told, **together))
        found.append({**_counted(label, true, told, is_event=is_event), **metrics, "remark": remark})
    table = pd.DataFrame(found).sort_values("rows", ascending=False, kind="stable", ignore_index=True)
    return table[[*(name for name in table if name != "remark"), "remark"]]


def _counted(label: str, true: Values, told: NDArray[np.float64], *, is_event: bool) -> dict[str, object]:
    events = {"events": int(true.sum())} if is_event else {}
    means = {"observed": float(true.mean()), "predicted": float(told.mean())}
    return {"segment": label, "rows": len(true), **events, **means}


def _too_few(true: Values, *, is_event: bool, minimum_rows: int, minimum_events: int) -> str:
    if len(true) < minimum_rows:
        return f"fewer than {minimum_rows} rows"
    if not is_event:
        return ""
    few = {"defaults": int(true.sum()), "payers": int(len(true) - true.sum())}
    name = min(few, key=lambda outcome: few[outcome])
    if few[name] >= minimum_events:
        return ""
    return f"fewer than {minimum_events} {name}" if few[name] else f"no {name}"


def _flat(estimates: Mapping[str, Estimate]) -> dict[str, float]:
    return {
        f"{name}{suffix}": float(value)
        for name, found in estimates.items()
        for suffix, value in (("", found.value), ("_lower", found.lower), ("_upper", found.upper))
    }
