"""What is the same for all candidates of a search."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from credit_pipeline.modelling.splitting import Fold
from credit_pipeline.modelling.training.fold_fits import HoldOut

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SearchPlan:
    """The folds and metrics that all candidates share, and how the search runs.

    Attributes
    ----------
    folds
        Row positions (fitted on, validated on).
    metrics, metric
        Names of the metrics to record, and of the one that ranks.
    scale
        Mean absolute error of the naive forecast, see ``metrics.score``.
    jobs
        Number of worker processes, -1 for one per core.
    hold_out
        Divides the rows that a fold is fitted on, for boosting that stops early. ``None``: nothing stops early.
    tolerance
        What a race may lose against an exhaustive search, in the unit of the metric; see ``racing.candidates_to_drop``.
        ``None``: every candidate is fitted on every fold.
    progress
        Called with (fits done, fits in total).
    """

    folds: Sequence[Fold] = field(repr=False)
    metrics: Sequence[str]
    metric: str
    scale: float = 1.0
    jobs: int = -1
    hold_out: HoldOut | None = field(default=None, repr=False)
    tolerance: float | None = None
    progress: Progress | None = field(default=None, repr=False)
