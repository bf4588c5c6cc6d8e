"""How good an answer is, how sure that is, and whether two answers differ."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.modelling.metrics.metric import Metric
    from credit_pipeline.modelling.metrics.metrics import METRICS, metric_named, score, score_all
    from credit_pipeline.modelling.metrics.sample import Sample
    from credit_pipeline.modelling.metrics.uncertainty import estimate
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "metric": ["Metric"],
            "metrics": ["METRICS", "metric_named", "score", "score_all"],
            "sample": ["Sample"],
            "uncertainty": ["estimate"],
        },
    )

__all__ = ["METRICS", "Metric", "Sample", "estimate", "metric_named", "score", "score_all"]
