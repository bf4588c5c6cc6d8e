"""Which rows go into train, test and each fold of cross-validation, by one scheme."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from credit_pipeline.core import Outcome, document_hash
from credit_pipeline.errors import DataError
from credit_pipeline.spec import DataSpec, FoldsSpec, SplitSpec

Positions = NDArray[np.intp]
Fold = tuple[Positions, Positions]
_DAY = np.timedelta64(86_400_000_000, "us")


@dataclass(frozen=True)
class Keys:
    """The arrays by which a scheme divides rows, each of shape (rows,).

    ``outcome`` is 1 for default, or a regression's target. Both sides hold each ``stratum`` in equal shares; ``None``
    for a regression. ``date`` and ``group`` are columns of the table, if it has them; groups are whole numbers from 0.
    """

    outcome: Outcome
    stratum: NDArray[np.int_] | None
    date: NDArray[np.datetime64] | None
    group: NDArray[np.intp] | None


def outcome(part: pd.DataFrame, spec: DataSpec) -> Outcome:
    """Give the outcome of each row, shape (rows,): 1 = default, 0 = paid; for a regression the target itself."""
    if spec.task == "regression":
        return part[spec.target].to_numpy(np.float64)
    return np.asarray(part[spec.target] == spec.event, dtype=np.int64)


def keys_of(frame: pd.DataFrame, data: DataSpec) -> Keys:
    """Read the keys from a table that keeps the contract."""
    found = outcome(frame, data)
    return Keys(
        outcome=found,
        stratum=found.astype(np.int64) if data.task == "classification" else None,
        date=None if data.date is None else frame[data.date].to_numpy("datetime64[us]"),
        group=None if data.group is None else pd.factorize(frame[data.group])[0].astype(np.intp),
    )


def halves(keys: Keys, spec: SplitSpec) -> Fold:
    """Divide rows into train and test; see ``SplitSpec``.

    Returns
    -------
    tuple
        Row positions of train and of test. No row is in both; rows in the gap before the test part are in neither.

    Raises
    ------
    DataError
        One side would be empty.
    """
    if spec.scheme == "out_of_time":
        return _by_time(_dates(keys), spec)
    if spec.scheme == "grouped":
        groups = _groups(keys)
        _, test = _drawn(int(groups.max()) + 1, _ever(keys, groups), spec)
        return _sides(np.isin(groups, test))
    return _drawn(len(keys.outcome), keys.stratum if spec.scheme == "random_stratified" else None, spec)


def _drawn(count: int, stratum: NDArray[np.int_] | None, spec: SplitSpec) -> Fold:
    train, test = train_test_split(
        np.arange(count), test_size=spec.test_share, random_state=spec.seed, stratify=stratum
    )
    return train, test


def _ever(keys: Keys, groups: NDArray[np.intp]) -> NDArray[np.int_] | None:
    """Return for each group whether it ever defaulted; groups are stratified by this."""
    return None if keys.stratum is None else (np.bincount(groups, weights=keys.stratum) > 0).astype(np.int64)


def _by_time(dates: NDArray[np.datetime64], spec: SplitSpec) -> Fold:
    start = np.datetime64(spec.test_from, "us") if spec.test_from else _latest(dates, spec.test_share)
    train = np.flatnonzero(dates < _before(start, spec.gap_days))
    test = np.flatnonzero(dates >= start)
    if not len(train) or not len(test):
        raise DataError(
            "The split by time leaves one side empty.",
            expected="rows before and after the first day of the test part, beyond the gap",
            got=f"{len(train):,} rows before and {len(test):,} from {start} on",
            fix="change split.test_from, test_share or gap_days in conf/<environment>/parameters/data_split.yml",
        )
    return train, test


def _latest(dates: NDArray[np.datetime64], share: float) -> np.datetime64:
    """Give the first moment of the latest rows: at most this share of all, but at least those of the last moment."""
    moments, counts = np.unique(dates, return_counts=True)
    few_enough = counts[::-1].cumsum()[::-1] <= share * len(dates)
    return np.datetime64(moments[few_enough.argmax()] if few_enough.any() else moments[-1])


def _before(start: np.datetime64, gap_days: float) -> np.datetime64:
    return np.datetime64(start - np.timedelta64(round(gap_days * 86_400_000_000), "us"))


def _sides(in_test: NDArray[np.bool_]) -> Fold:
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def folds(keys: Keys, spec: FoldsSpec, split: SplitSpec) -> list[Fold]:
    """Divide the rows of train into folds, by the same scheme as train and test.

    Parameters
    ----------
    keys
        Of the training part.
    spec
        Number of folds and seed.
    split
        The scheme. Folds by time expand: each is fitted on all rows before its block, without the gap.

    Returns
    -------
    list
        Row positions, each as (fitted on, validated on). Every row is validated once; with folds by time,
        the first block is never validated.

    Raises
    ------
    DataError
        There are too few rows, groups or moments for this number of folds.
    """
    if split.scheme == "out_of_time":
        return _expanding(_dates(keys), spec, split.gap_days)
    if split.scheme == "grouped":
        groups = _groups(keys)
        shuffled = _shuffled(int(groups.max()) + 1, _ever(keys, groups), spec)
        return [_sides(np.isin(groups, scored)) for _, scored in shuffled]
    return _shuffled(len(keys.outcome), keys.stratum if split.scheme == "random_stratified" else None, spec)


def _shuffled(count: int, stratum: NDArray[np.int_] | None, spec: FoldsSpec) -> list[Fold]:
    fewest = count if stratum is None else int(np.bincount(stratum, minlength=2).min())
    if fewest < spec.count:
        raise _too_few(spec, f"{fewest} of the rarer outcome" if stratum is not None else str(fewest))
    splitter = KFold if stratum is None else StratifiedKFold
    made = splitter(n_splits=spec.count, shuffle=True, random_state=spec.seed)
    return list(made.split(np.zeros((count, 1)), stratum))


def _expanding(dates: NDArray[np.datetime64], spec: FoldsSpec, gap_days: float) -> list[Fold]:
    ordered = np.sort(dates)
    edges = np.unique(ordered[np.arange(1, spec.count + 1) * len(ordered) // (spec.count + 1)])
    ends = [*edges[1:], ordered[-1] + _DAY]
    made = [
        (np.flatnonzero(dates < _before(start, gap_days)), np.flatnonzero((dates >= start) & (dates < end)))
        for start, end in zip(edges, ends, strict=True)
    ]
    if len(made) < spec.count or not all(len(fitted) and len(scored) for fitted, scored in made):
        raise _too_few(spec, f"{len(np.unique(dates)):,} moments, a gap of {gap_days:g} days")
    return made


def _too_few(spec: FoldsSpec, got: str) -> DataError:
    return DataError(
        f"The training part cannot be divided into {spec.count} folds.",
        expected=f"at least {spec.count} rows, groups or moments of each outcome",
        got=got,
        fix="lower training.folds.count in conf/<environment>/parameters/training.yml",
    )


def _dates(keys: Keys) -> NDArray[np.datetime64]:
    if keys.date is None:
        raise _lacking("date")
    return keys.date


def _groups(keys: Keys) -> NDArray[np.intp]:
    if keys.group is None:
        raise _lacking("group")
    return keys.group


def _lacking(role: str) -> DataError:
    return DataError(
        f"The table has no column of the role '{role}'.",
        expected=f"one column with 'role: {role}'",
        got="none",
        fix="data.columns in conf/<environment>/parameters/data.yml, or split.scheme in data_split.yml",
    )


def shared_groups(keys: Keys, train: Positions, test: Positions) -> int | None:
    """Count the groups with rows on both sides.

    Parameters
    ----------
    keys
        Of the whole table.
    train, test
        Row positions.

    Returns
    -------
    int or None
        ``None`` if the table has no groups.
    """
    return None if keys.group is None else len(np.intersect1d(keys.group[train], keys.group[test]))


def folds_id(split_id: str, spec: FoldsSpec, split: SplitSpec) -> str:
    """Give the id of the folds of one split: sixteen hexadecimal digits.

    Parameters
    ----------
    split_id
        Id of the split.
    spec
        Number of folds and seed.
    split
        The scheme.
    """
    scheme = {"scheme": split.scheme, "gap_days": split.gap_days}
    return document_hash({"split_id": split_id, **scheme, **spec.model_dump()})[:16]


def scheme_of(manifest: Mapping[str, object]) -> dict[str, object]:
    """Take from a split manifest the document of the ``SplitSpec`` that divided train and test."""
    return {name: manifest[name] for name in SplitSpec.model_fields if name in manifest}


def held_out_ratio(spec: FoldsSpec, split: SplitSpec) -> float:
    """Give the ratio of validated to fitted rows of a fold, on average over folds of equal size.

    With folds by time, fold j is fitted on j blocks and validated on one; the gap before it is not counted.

    >>> held_out_ratio(FoldsSpec(count=5), SplitSpec())
    0.25
    """
    if split.scheme == "out_of_time":
        return float(np.mean([1 / blocks for blocks in range(1, spec.count + 1)]))
    return 1 / (spec.count - 1)
