"""How good a model is in each segment of its applicants."""

from collections.abc import Callable, Mapping

import pandas as pd

from credit_pipeline.core import Estimate
from credit_pipeline.modelling.metrics import Sample

Estimates = Callable[[Sample], Mapping[str, Estimate]]

MISSING = "missing"


def errors_by_segment(
    segment: pd.Series,
    sample: Sample,
    estimates: Estimates,
    *,
    is_event: bool,
    minimum_rows: int = 50,
    minimum_events: int = 5,
) -> pd.DataFrame:
    """Estimate metrics in each segment separately, where it has enough rows.

    Parameters
    ----------
    segment
        Label of each row, shape (rows,); missing labels form a separate segment.
    sample
        Outcomes and answers of these rows.
    estimates
        Takes the sample of a segment and gives metrics with their intervals by name, such as
        ``partial(metrics.estimate, ["roc_auc"])``.
    is_event
        Whether the outcome is default or payment.
    minimum_rows, minimum_events
        A segment with fewer rows, or with fewer defaults or payers, is not estimated.

    Returns
    -------
    pandas.DataFrame
        One row per segment, largest first: ``segment``, ``rows``, ``events`` (if ``is_event``), ``observed`` and
        ``predicted`` (means), for each metric ``<name>``, ``<name>_lower``, ``<name>_upper`` (missing if not
        estimated), and ``remark``: the reason why it was not estimated, else empty.

    Raises
    ------
    ValueError
        Labels, outcomes and answers differ in number, or there is no row.

    Examples
    --------
    >>> import numpy as np
    >>> homes = pd.Series(["own"] * 3 + ["rent"])
    >>> mean = lambda part: {"bias": Estimate(float((part.outcome - part.answer).mean()), -9, 9, len(part))}
    >>> values = np.array([1.0, 2.0, 3.0, 4.0])
    >>> found = errors_by_segment(homes, Sample(values, values - 1), mean, is_event=False, minimum_rows=2)
    >>> found[["segment", "rows", "bias", "remark"]].values.tolist()
    [['own', 3, 1.0, ''], ['rent', 1, nan, 'fewer than 2 rows']]
    """
    if not len(segment) == len(sample.outcome) == len(sample.answer) or not len(segment):
        lengths = f"{len(segment)} labels, {len(sample.outcome)} outcomes and {len(sample.answer)} answers"
        raise ValueError(f"every row needs a label, an outcome and an answer, got {lengths}")
    labels = segment.astype("object").where(segment.notna(), MISSING).astype(str).to_numpy()
    found = []
    for label in sorted(set(labels)):
        part = sample.rows(labels == label)
        remark = _too_few(part, is_event=is_event, minimum_rows=minimum_rows, minimum_events=minimum_events)
        metrics = {} if remark else _flat(estimates(part))
        found.append({**_counted(label, part, is_event=is_event), **metrics, "remark": remark})
    table = pd.DataFrame(found).sort_values("rows", ascending=False, kind="stable", ignore_index=True)
    return table[[*(name for name in table if name != "remark"), "remark"]]


def _counted(label: str, part: Sample, *, is_event: bool) -> dict[str, object]:
    events = {"events": int(part.outcome.sum())} if is_event else {}
    means = {"observed": float(part.outcome.mean()), "predicted": float(part.answer.mean())}
    return {"segment": label, "rows": len(part), **events, **means}


def _too_few(part: Sample, *, is_event: bool, minimum_rows: int, minimum_events: int) -> str:
    if len(part) < minimum_rows:
        return f"fewer than {minimum_rows} rows"
    if not is_event:
        return ""
    defaults = int(part.outcome.sum())
    few = {"defaults": defaults, "payers": len(part) - defaults}
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
