"""XGBoost's bins of a fold: built once per process, for all candidates that it fits on the same matrix."""

import mmap
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from credit_pipeline.core import Outcome

_BUILD = "_create_dmatrix"
"""XGBoost's private method by which its estimators bin the features."""
_BINNED = ("booster", "device", "enable_categorical", "max_bin", "missing", "n_jobs", "tree_method")
"""All arguments of an estimator that the bins depend on."""


@dataclass(frozen=True)
class _Bins:
    """Bins, and what they were built from: the features by their address, so that they are not kept in memory."""

    place: object
    outcome: Outcome
    settings: str
    matrix: object

    def are_of(self, features: NDArray[np.float64], outcome: Outcome) -> bool:
        """Check whether they were built from this very matrix."""
        same = self.place() is features if isinstance(self.place, weakref.ref) else self.place == _place(features)
        return same and np.array_equal(self.outcome, outcome)


class _Cache:
    """The bins of one matrix: a search fits all candidates of a fold before those of the next."""

    def __init__(self) -> None:
        self._bins: _Bins | None = None

    def find(self, features: NDArray[np.float64], outcome: Outcome, settings: str) -> object | None:
        """Return the bins of this very matrix, if they are kept."""
        bins = self._bins
        return bins.matrix if bins and bins.settings == settings and bins.are_of(features, outcome) else None

    def keep(self, bins: _Bins) -> None:
        """Keep these bins, and no others."""
        self._bins = bins

    def clear(self) -> None:
        """Keep nothing."""
        self._bins = None


_CACHE: Final = _Cache()
"""One in each process. It has to belong to a module: nothing else outlives a task in a worker process of joblib. It
changes how long a fit takes and never its result, so it is not part of a run."""


def fit(estimator: BaseEstimator, features: NDArray[np.float64], outcome: Outcome) -> None:
    """Fit an estimator in place; an XGBoost estimator reuses the bins of the last fit on the same matrix, if it can.

    The fitted estimator is identical, to the last bit, to the one that its own ``fit`` makes, because the bins are
    equal. Bins are not shared for weighted rows, since weights move the cuts, nor if XGBoost does not bin before it
    starts, as with ``tree_method: approx``.

    Parameters
    ----------
    estimator
        Unfitted.
    features, outcome
        Shapes (rows, features) and (rows,). The same matrix is the same array, or the same mapped file in a worker
        process.
    """
    if not hasattr(estimator, _BUILD):
        estimator.fit(features, outcome)
        return
    arguments = estimator.get_params()
    settings = repr([arguments.get(name) for name in _BINNED])
    vars(estimator)[_BUILD] = partial(_found_or_built, getattr(estimator, _BUILD), settings)
    try:
        estimator.fit(features, outcome)
    finally:
        del vars(estimator)[_BUILD]


def _found_or_built(build: Callable[..., object], settings: str, ref: object, **given: object) -> object:
    data, label = given.get("data"), given.get("label")
    if not (isinstance(data, np.ndarray) and isinstance(label, np.ndarray) and _is_plain(given)):
        return build(ref, **given)
    if (kept := _CACHE.find(data, label, settings)) is not None:
        return kept
    _CACHE.clear()  # before others are built: a process keeps the bins of one fold only
    matrix = build(ref, **given)
    if type(matrix).__name__ == "QuantileDMatrix":
        _CACHE.keep(_Bins(_place(data), label.copy(), settings, matrix))
    return matrix


def _is_plain(given: Mapping[str, object]) -> bool:
    """Check whether the bins depend only on rows, outcome and the estimator's arguments."""
    usual = {"data", "label", "missing", "enable_categorical"}
    return all(value is None for name, value in given.items() if name not in usual)


def _place(data: NDArray[np.float64]) -> object:
    """Give the address of an array: in a file that is mapped whole, else in this process."""
    if isinstance(data, np.memmap) and isinstance(data.base, mmap.mmap):
        return str(data.filename), data.offset, data.shape, data.strides
    return weakref.ref(data, lambda _: _CACHE.clear())
