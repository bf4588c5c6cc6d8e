"""Bins of one characteristic: where OptBinning cuts, which bin a value falls into, what a bin is called."""

import logging
import warnings
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from credit_pipeline.spec import Code

Values = NDArray[np.float64]
MISSING = "missing"


def positions(values: pd.Series, splits: Values, codes: Sequence[Code]) -> NDArray[np.intp]:
    """Bin of each value: intervals first, then codes, then missing."""
    text = not pd.api.types.is_numeric_dtype(values)
    numbers = np.zeros(len(values)) if text else values.to_numpy(np.float64)
    position = np.searchsorted(splits, numbers, side="right")
    for offset, code in enumerate(codes):
        holds_code = values.eq(code).to_numpy(dtype=bool, na_value=False)
        position = np.where(holds_code, len(splits) + 1 + offset, position)
    return np.where(values.isna().to_numpy(), len(splits) + 1 + len(codes), position)


def labels(splits: Values, codes: Sequence[Code]) -> list[str]:
    """Name the bins in the order of ``positions``: intervals, codes, missing."""
    intervals = [f"[{lower}, {upper})" for lower, upper in pairwise(["-inf", *_told(splits), "inf"])]
    return [*intervals, *(f"'{code}'" if code == MISSING else str(code) for code in codes), MISSING]


def _told(splits: Values) -> list[str]:
    """Write cut points with as few digits, six at least, as tell them apart."""
    written = ([f"{split:.{digits}g}" for split in splits] for digits in range(6, 18))
    return next(told for told in written if len(set(told)) == len(splits))


def optimal_splits(numbers: Values, outcomes: NDArray[np.int64], **bounds: object) -> Values:
    """Ask OptBinning for the cut points."""
    optimal_binning = _optimal_binning()
    binning = optimal_binning(
        dtype="numerical",
        solver="cp",
        prebinning_method="cart",
        max_n_prebins=20,
        min_prebin_size=0.02,
        random_state=0,
        **bounds,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # OptBinning warns of scikit-learn's future names
        binning.fit(numbers, outcomes)
    return np.asarray(binning.splits, dtype=np.float64)


def _optimal_binning() -> type:
    """Import OptBinning late: it takes a second, and serving does not need it."""
    # CVXPY, which OptBinning imports, reports a solver of its own that it cannot load beside OR-tools; nothing uses it.
    logging.getLogger("__cvxpy__").addFilter(_not_about_highs)
    from optbinning import OptimalBinning  # noqa: PLC0415

    return OptimalBinning  # type: ignore[no-any-return]


def _not_about_highs(record: logging.LogRecord) -> bool:
    return "HIGHS" not in record.getMessage()
