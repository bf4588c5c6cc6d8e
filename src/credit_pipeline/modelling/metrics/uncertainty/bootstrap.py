"""Samples of a bootstrap: rows drawn with replacement, or whole clusters of rows."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from credit_pipeline.core import Outcome
from credit_pipeline.modelling.metrics.counts import Counts
from credit_pipeline.modelling.metrics.sample import Sample

_NONE: Final = "a bootstrap needs resamples, got {}"
_ROWS_AT_ONCE: Final = 2**16  # Fits the processor cache; a larger table is resampled one sample at a time.


def redraw_rows(counts: Counts, resamples: int, seed: int) -> Iterator[Counts]:
    """Draw as many rows as there are, with replacement, with at least one default and one payer.

    Parameters
    ----------
    counts
        The rows, counts of shape (1, g).
    resamples
        Number of samples, at least 1.
    seed
        Seed of the draws.

    Yields
    ------
    Counts
        Some of the samples, as many as fit the processor cache.

    Raises
    ------
    ValueError
        ``resamples`` is below 1.
    """
    if resamples < 1:
        raise ValueError(_NONE.format(resamples))
    generator = np.random.default_rng(seed)
    events, rows = int(counts.defaults.sum()), int(counts.defaults.sum() + counts.payers.sum())
    size = max(1, _ROWS_AT_ONCE // rows)
    for start in range(0, resamples, size):
        drawn_events = generator.binomial(rows, events / rows, min(size, resamples - start)).clip(1, rows - 1)
        defaults = _redrawn(counts.defaults[0], drawn_events, generator)
        yield Counts(counts.probability, defaults, _redrawn(counts.payers[0], rows - drawn_events, generator))


def _redrawn(counted: NDArray[np.int64], sizes: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    """Draw one sample of each size out of counted rows, shape (samples, groups)."""
    groups = len(counted)
    group_of_row = np.repeat(np.arange(groups), counted)
    drawn = group_of_row[generator.integers(len(group_of_row), size=int(sizes.sum()))]
    drawn += groups * np.repeat(np.arange(len(sizes)), sizes)
    return np.bincount(drawn, minlength=len(sizes) * groups).reshape(len(sizes), groups)


def redraw_clusters(sample: Sample, resamples: int, seed: int) -> Iterator[Counts]:
    """Draw as many clusters as there are, with replacement, and count defaults and payers by probability of default.

    A sample without a default or without a payer is drawn again: no metric has a value there.

    Parameters
    ----------
    sample
        Of a classification, as ``Sample.checked`` gives it; without clusters each row is a cluster.
    resamples
        Number of samples, at least 1.
    seed
        Seed of the draws.

    Yields
    ------
    Counts
        One sample.

    Raises
    ------
    ValueError
        ``resamples`` is below 1.

    References
    ----------
    C. Field, A. Welsh, "Bootstrapping clustered data", *Journal of the Royal Statistical Society B* 69 (2007) 369-390.

    Examples
    --------
    One borrower has two loans, another has one. Each sample has two borrowers.

    >>> loans = Sample(np.array([1, 0, 0]), np.array([0.3, 0.2, 0.1]), cluster=np.array([0, 0, 1]))
    >>> [(int(drawn.defaults.sum()), int(drawn.payers.sum())) for drawn in redraw_clusters(loans, 3, seed=1)]
    [(1, 2), (2, 2), (2, 2)]
    """
    distinct, place = np.unique(sample.answer, return_inverse=True)
    cluster = np.arange(len(sample)) if sample.cluster is None else sample.cluster
    for times in times_drawn(sample.outcome, cluster, resamples, seed):
        defaults, payers = (
            np.bincount(place, times * (sample.outcome == kind), len(distinct)).astype(np.int64)[None, :]
            for kind in (1, 0)
        )
        yield Counts(distinct, defaults, payers)


def times_drawn(outcome: Outcome, cluster: NDArray[np.intp], resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Count how often each row is drawn where whole clusters are drawn, see ``redraw_clusters``.

    Parameters
    ----------
    outcome
        Shape (n,), 1 = default.
    cluster
        Shape (n,): a whole number for each cluster.
    resamples, seed
        As in ``redraw_clusters``.

    Yields
    ------
    numpy.ndarray
        Shape (n,), of one sample.

    Raises
    ------
    ValueError
        ``resamples`` is below 1.

    Examples
    --------
    >>> [times.tolist() for times in times_drawn(np.array([1, 0, 0]), np.array([0, 0, 1]), 3, seed=1)]
    [[1, 1, 1], [2, 2, 0], [2, 2, 0]]
    """
    if resamples < 1:
        raise ValueError(_NONE.format(resamples))
    generator = np.random.default_rng(seed)
    members, of_row = np.unique(cluster, return_inverse=True)
    left = resamples
    while left:
        times = np.bincount(generator.integers(len(members), size=len(members)), minlength=len(members))[of_row]
        if times[outcome == 1].any() and times[outcome != 1].any():
            left -= 1
            yield times
