"""Train and test, and the folds inside train: split first, fit afterwards."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold, train_test_split

from credit_pipeline.errors import SplitMismatchError
from credit_pipeline.modelling.content_hash import document_hash, frame_hash
from credit_pipeline.spec import DataSpec, FoldsSpec, SplitSpec

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]
SPLIT_ID = "split_id"
_FEWEST = 2


@dataclass(frozen=True)
class PartSummary:
    """One part of a split: its rows, its events, its default rate (0 to 1) and the hash of its content."""

    rows: int
    events: int
    default_rate: float
    content_sha256: str


@dataclass(frozen=True)
class Split:
    """A train and a test part that carry the same ``split_id`` in ``attrs``, and what proves it."""

    train: pd.DataFrame
    test: pd.DataFrame
    split_id: str
    summaries: Mapping[str, PartSummary]

    def manifest(self, spec: SplitSpec, raw: Mapping[str, object]) -> dict[str, object]:
        """Scheme, seed, counts, default rates, hashes of both parts and of the raw table."""
        parts = {name: asdict(summary) for name, summary in self.summaries.items()}
        return {SPLIT_ID: self.split_id, **spec.model_dump(), "parts": parts, "raw": dict(raw)}


def split(frame: pd.DataFrame, target: str, event: object, spec: SplitSpec) -> Split:
    """Divide a table at random into train and test with equal default rates.

    Parameters
    ----------
    frame
        Accepted rows, shape (rows, columns).
    target, event
        Name of the target column and its value that means default.
    spec
        Share of the test part and seed.

    Returns
    -------
    Split
        Both parts keep the order of the table and get a fresh index. The split id is a hash of both contents, so equal
        parts of two runs have equal ids.

    Raises
    ------
    ValueError
        A class has fewer than two rows.
    """
    if min(counts := np.bincount(np.asarray(frame[target] == event, dtype=np.int64), minlength=2)) < _FEWEST:
        raise ValueError(f"each class needs {_FEWEST} rows or more, got {counts[1]} events and {counts[0]} others")
    positions = np.arange(len(frame))
    train, test = train_test_split(
        positions, test_size=spec.test_share, random_state=spec.seed, stratify=frame[target] == event
    )
    parts = {"train": _part(frame, train), "test": _part(frame, test)}
    summaries = {name: _summary(part, target, event) for name, part in parts.items()}
    split_id = _joint_id([summary.content_sha256 for summary in summaries.values()])
    for part in parts.values():
        part.attrs = {SPLIT_ID: split_id}
    return Split(parts["train"], parts["test"], split_id, summaries)


def _part(frame: pd.DataFrame, positions: NDArray[np.intp]) -> pd.DataFrame:
    return frame.iloc[np.sort(positions)].reset_index(drop=True)


def _summary(part: pd.DataFrame, target: str, event: object) -> PartSummary:
    events = int((part[target] == event).sum())
    return PartSummary(len(part), events, events / len(part), frame_hash(part))


def _joint_id(hashes: Sequence[str]) -> str:
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:16]


def split_id_of(frame: pd.DataFrame, name: str) -> str:
    """Give the split id that a part carries.

    Raises
    ------
    SplitMismatchError
        The part carries none.
    """
    split_id = frame.attrs.get(SPLIT_ID)
    if not isinstance(split_id, str):
        raise SplitMismatchError(
            f"'{name}' does not say which split it comes from.",
            expected="a table written by the pipeline data_split",
            got="a table without a split id",
            mend="kedro run --pipelines data_split,feature_engineering",
        )
    return split_id


def require_one_split(split_ids: Mapping[str, str]) -> str:
    """Give the split id that all parts share.

    Parameters
    ----------
    split_ids
        The split id by the name of the dataset that carries it.

    Raises
    ------
    SplitMismatchError
        The parts come from different splits.

    Examples
    --------
    >>> require_one_split({"train": "a1", "test": "a1"})
    'a1'
    """
    if len(set(split_ids.values())) > 1:
        raise SplitMismatchError(
            "Train and test come from different splits.",
            expected="one split id",
            got=", ".join(f"{name}: {split_id}" for name, split_id in split_ids.items()),
            mend="load the versions of one run, --load-versions train:<version>,test:<version>,split_manifest:<version>"
            " through feature_engineering, or run data_split again",
        )
    return next(iter(split_ids.values()))


def require_parts_of(manifest: Mapping[str, object], parts: Mapping[str, pd.DataFrame]) -> str:
    """Give the split id that a manifest shares with every part.

    Parameters
    ----------
    manifest
        What ``data_split`` wrote beside the parts.
    parts
        Tables by dataset name; each carries a split id.

    Raises
    ------
    SplitMismatchError
        A part carries none, or another one.
    """
    carried = {name: split_id_of(part, name) for name, part in parts.items()}
    return require_one_split({**carried, "split_manifest": str(manifest.get(SPLIT_ID))})


def outcome(part: pd.DataFrame, spec: DataSpec) -> NDArray[np.int_]:
    """Give the outcome of each row, shape (rows,): 1 = default, 0 = paid."""
    return np.asarray(part[spec.target] == spec.event, dtype=np.int64)


def stratified_folds(outcome: NDArray[np.int_], spec: FoldsSpec) -> list[Fold]:
    """Row positions of the shared cross-validation folds, each as (fitted on, validated on).

    Parameters
    ----------
    outcome
        Shape (rows,), 1 = default.
    spec
        Number of folds and seed.

    Raises
    ------
    ValueError
        An outcome has fewer rows than there are folds.
    """
    if (fewest := int(np.bincount(outcome, minlength=2).min())) < spec.count:
        raise ValueError(f"{spec.count} folds need {spec.count} rows of each outcome or more, got {fewest}")
    splitter = StratifiedKFold(n_splits=spec.count, shuffle=True, random_state=spec.seed)
    return list(splitter.split(np.zeros((len(outcome), 1)), outcome))


def folds_id(split_id: str, spec: FoldsSpec) -> str:
    """Sixteen hexadecimal digits that name the folds of one split: they follow from the split and the specification."""
    return document_hash({SPLIT_ID: split_id, **spec.model_dump()})[:16]
