"""How good an answer is, how sure that is, and whether two answers differ."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.modelling.metrics.intervals import estimate
    from credit_pipeline.modelling.metrics.metric import Metric
    from credit_pipeline.modelling.metrics.metrics import METRICS, metric_named, score, score_all
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "intervals": ["estimate"],
            "metric": ["Metric"],
            "metrics": ["METRICS", "metric_named", "score", "score_all"],
        },
    )

__all__ = ["METRICS", "Metric", "estimate", "metric_named", "score", "score_all"]
