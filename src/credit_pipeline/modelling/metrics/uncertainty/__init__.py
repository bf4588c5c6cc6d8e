"""How sure a figure is, and whether two figures differ: intervals in closed form, by ranks and by resampling."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.modelling.metrics.uncertainty.delong import Z, auc_interval, delong_difference, share_below
    from credit_pipeline.modelling.metrics.uncertainty.influence import interval, standard_error
    from credit_pipeline.modelling.metrics.uncertainty.intervals import bootstrap_bounds, estimate, wilson_interval
    from credit_pipeline.modelling.metrics.uncertainty.paired_differences import bootstrap_difference, value_difference
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "delong": ["Z", "auc_interval", "delong_difference", "share_below"],
            "influence": ["interval", "standard_error"],
            "intervals": ["bootstrap_bounds", "estimate", "wilson_interval"],
            "paired_differences": ["bootstrap_difference", "value_difference"],
        },
    )

__all__ = [
    "Z",
    "auc_interval",
    "bootstrap_bounds",
    "bootstrap_difference",
    "delong_difference",
    "estimate",
    "interval",
    "share_below",
    "standard_error",
    "value_difference",
    "wilson_interval",
]
