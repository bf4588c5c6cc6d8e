"""The split into train and test, before anything is fitted."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from credit_pipeline.core import Outcome
from credit_pipeline.errors import DataError
from credit_pipeline.modelling.splitting import schemes
from credit_pipeline.modelling.splitting.row_hashes import frame_hash
from credit_pipeline.modelling.splitting.split_id import SPLIT_ID
from credit_pipeline.spec import DataSpec, SplitSpec


@dataclass(frozen=True)
class Split:
    """A train and a test part that carry the same ``split_id`` in ``attrs``, and the proof of the split.

    ``summaries`` holds for each part: the number of rows; the hash of its content; events and default rate (0 to 1) of
    a classification, or mean and standard deviation of a regression's target; first and last date and number of groups
    if the table has them. ``left_out`` counts the rows in the gap before the test part, ``shared_groups`` the groups
    with rows in both parts.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    split_id: str
    summaries: Mapping[str, Mapping[str, object]]
    left_out: int
    shared_groups: int | None

    def manifest(self, spec: SplitSpec, raw: Mapping[str, object]) -> dict[str, object]:
        """Give scheme, seed, counts, rates, hashes of both parts and of the raw table, and the proof of the scheme."""
        parts = {name: dict(summary) for name, summary in self.summaries.items()}
        proof = {"left_out": self.left_out, "shared_groups": self.shared_groups}
        return {SPLIT_ID: self.split_id, **spec.model_dump(mode="json"), **proof, "parts": parts, "raw": dict(raw)}


def split(frame: pd.DataFrame, data: DataSpec, spec: SplitSpec) -> Split:
    """Divide a table into train and test.

    Parameters
    ----------
    frame
        Accepted rows, shape (rows, columns).
    data
        The contract: names of target, date and group.
    spec
        Scheme, share of the test part, seed.

    Returns
    -------
    Split
        Both parts keep the order of the table and get a new index. The split id is a hash of the content of both parts:
        equal parts of two runs have equal ids.

    Raises
    ------
    DataError
        The table has fewer than two rows of a class, or a part has none.
    """
    keys = schemes.keys_of(frame, data)
    _require_classes("the table", keys.outcome, data, fewest=2)
    train, test = schemes.halves(keys, spec)
    _require_classes("train", keys.outcome[train], data, fewest=1)
    _require_classes("test", keys.outcome[test], data, fewest=1)
    parts = {"train": _part(frame, train), "test": _part(frame, test)}
    summaries = {name: _summary(part, data) for name, part in parts.items()}
    split_id = _joint_id([str(summary["content_sha256"]) for summary in summaries.values()])
    for part in parts.values():
        part.attrs = {SPLIT_ID: split_id}
    left_out, shared = len(frame) - len(train) - len(test), schemes.shared_groups(keys, train, test)
    return Split(parts["train"], parts["test"], split_id, summaries, left_out, shared)


def _require_classes(name: str, found: Outcome, data: DataSpec, *, fewest: int) -> None:
    """Refuse a table with too few rows, or, for a classification, too few rows of a class."""
    classification = data.task == "classification"
    counts = (
        {"events": int(found.sum()), "others": int(len(found) - found.sum())}
        if classification
        else {"rows": len(found)}
    )
    if min(counts.values()) < fewest:
        raise DataError(
            f"There are too few rows in {name} to fit or to test a model.",
            expected=f"{fewest} or more rows" + (" of each class" if classification else ""),
            got=" and ".join(f"{count} {kind}" for kind, count in counts.items()),
            fix="more rows, or test_share, test_from, gap_days in conf/<environment>/parameters/data_split.yml",
        )


def _part(frame: pd.DataFrame, positions: NDArray[np.intp]) -> pd.DataFrame:
    return frame.iloc[np.sort(positions)].reset_index(drop=True)


def _summary(part: pd.DataFrame, data: DataSpec) -> dict[str, object]:
    found = schemes.outcome(part, data)
    summary: dict[str, object] = {"rows": len(part), "content_sha256": frame_hash(part)}
    if data.task == "classification":
        summary |= {"events": int(found.sum()), "default_rate": float(found.mean())}
    else:
        summary |= {"target_mean": float(found.mean()), "target_deviation": float(found.std())}
    if data.date is not None:
        dates = part[data.date]
        summary |= {"first": dates.min().isoformat(), "last": dates.max().isoformat()}
    return summary if data.group is None else {**summary, "groups": int(part[data.group].nunique())}


def _joint_id(hashes: Sequence[str]) -> str:
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:16]
