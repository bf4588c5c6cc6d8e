"""The record of a trained model: before the test part, and after it."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict

from credit_pipeline.core import Estimate, Outcome, metric_names
from credit_pipeline.core.metric_names import on_test
from credit_pipeline.modelling.metrics import METRICS
from credit_pipeline.modelling.scoring.score_stability import ScoreBins
from credit_pipeline.spec import Calibration, Scalar


class SearchSummary(BaseModel):
    """The winner of a model's search: its specification, split and folds, and its cross-validated metrics.

    ``specification_sha256`` identifies everything that the fitted model depends on, except data and code.
    ``naive_error`` is the unit of the metric ``mase``. ``metrics`` contains ``cut_off`` if the configuration has a rule
    for one. ``score_bins`` are the bins by which the stability of a classification's answers is measured; models of
    earlier versions have none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    recipe: str
    estimator: str
    arguments: dict[str, Scalar]
    recipe_settings: dict[str, Scalar | list[Scalar]]
    split_id: str
    folds_id: str
    specification_sha256: str
    candidates: int
    search_seconds: float
    fit_seconds: float
    naive_error: float = 1.0
    event_weight: Literal["balanced"] | float | None = None
    calibration: Calibration = "none"
    metrics: dict[str, float]
    fold_scores: list[dict[str, Scalar]]
    score_bins: ScoreBins | None = None

    def document(self) -> dict[str, object]:
        """Give everything as it is stored."""
        return self.model_dump()

    @property
    def facts(self) -> dict[str, str]:
        """Name the split, the folds and the specification that the model belongs to."""
        return {
            "split_id": self.split_id,
            "folds_id": self.folds_id,
            "specification_sha256": self.specification_sha256,
        }


class Evaluation(SearchSummary):
    """A model after the test part: ``metrics`` also has its values there, with their 95 % intervals."""

    test_rows: int
    test_events: int | None = None
    direction_breaks: dict[str, str] = {}

    @property
    def estimates(self) -> dict[str, Estimate]:
        """Values on the test part with their 95 % intervals, by metric."""
        parsed = filter(None, map(metric_names.parse, self.metrics))
        return {
            found.metric: self._estimate(found.metric)
            for found in parsed
            if found.part == "lower" and found.metric in METRICS
        }

    def _estimate(self, metric: str) -> Estimate:
        value, lower, upper = (self.metrics[name] for name in on_test(metric))
        return Estimate(value, lower, upper, self.test_rows)

    @property
    def tracked_parameters(self) -> dict[str, Scalar | list[Scalar]]:
        """Parameters of the model's run: recipe, estimator, and all fixed and chosen arguments."""
        head: dict[str, Scalar] = {"recipe": self.recipe, "estimator": self.estimator, "candidates": self.candidates}
        settings = {f"recipe.{name}": value for name, value in self.recipe_settings.items()}
        weighted: dict[str, Scalar] = {} if self.event_weight is None else {"event_weight": self.event_weight}
        mapped: dict[str, Scalar] = {} if self.calibration == "none" else {"calibration": self.calibration}
        return {**head, **weighted, **mapped, **self.arguments, **settings}

    @property
    def tracked_metrics(self) -> dict[str, float]:
        """Metrics of the model's run, by tracked name."""
        counted = {name: getattr(self, name) for name in ("test_rows", "test_events", "fit_seconds", "search_seconds")}
        return {**self.metrics, **{name: float(value) for name, value in counted.items() if value is not None}}


def evaluate(
    summary: SearchSummary,
    estimates: Mapping[str, Estimate],
    outcome: Outcome,
    direction_breaks: Mapping[str, str] | None = None,
) -> Evaluation:
    """Add the results on the test part to the record of a model.

    Parameters
    ----------
    summary
        The model before the test part.
    estimates
        Value and 95 % interval by metric.
    outcome
        Shape (rows,), whole numbers with 1 = default, or a regression's target.
    direction_breaks
        Where the risk runs in the wrong direction, by column; see ``monotonicity.wrong_directions``.
    """
    metrics = {**summary.metrics, **track_on_test(estimates)}
    events = int(outcome.sum()) if outcome.dtype.kind == "i" else None
    counts = {"test_rows": len(outcome), "test_events": events}
    breaks = dict(direction_breaks or {})
    return Evaluation(**{**summary.model_dump(), **counts, "metrics": metrics, "direction_breaks": breaks})


def track_cross_validation(fold_scores: pd.DataFrame, metrics: Sequence[str]) -> dict[str, float]:
    """Mean and standard deviation over the folds, by tracked name.

    The standard deviation is the sample's, with one degree of freedom less than folds.

    >>> track_cross_validation(pd.DataFrame({"ks": [0.25, 0.5, 0.75]}), ["ks"])
    {'cv_ks_mean': 0.5, 'cv_ks_std': 0.25}
    """
    names = {metric: metric_names.cross_validated(metric) for metric in metrics}
    means = {name.mean: float(fold_scores[metric].mean()) for metric, name in names.items()}
    return {**means, **{name.std: float(fold_scores[metric].std(ddof=1)) for metric, name in names.items()}}


def track_on_test(estimates: Mapping[str, Estimate]) -> dict[str, float]:
    """Values and 95 % intervals on the test part, by tracked name."""
    return {
        name: float(value)
        for metric, found in estimates.items()
        for name, value in zip(on_test(metric), (found.value, found.lower, found.upper), strict=True)
    }
