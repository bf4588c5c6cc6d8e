"""Tables that explain a fitted model: important columns, contributions to single answers, errors by segment."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.modelling.explanation.dependence import partial_dependence
    from credit_pipeline.modelling.explanation.permutation import permutation_importance
    from credit_pipeline.modelling.explanation.segments import errors_by_segment
    from credit_pipeline.modelling.explanation.shap_values import contributions
    from credit_pipeline.modelling.explanation.whole_model import Explanation, explain
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "dependence": ["partial_dependence"],
            "permutation": ["permutation_importance"],
            "segments": ["errors_by_segment"],
            "shap_values": ["contributions"],
            "whole_model": ["Explanation", "explain"],
        },
    )

__all__ = [
    "Explanation",
    "contributions",
    "errors_by_segment",
    "explain",
    "partial_dependence",
    "permutation_importance",
]
