"""What every other package may use: array types, hashes of content, objects by dotted path, closest names."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.core.arrays import Outcome, Probability, Values
    from credit_pipeline.core.closest_name import and_more, find_closest_name, list_names
    from credit_pipeline.core.content_hash import document_hash
    from credit_pipeline.core.estimate import BoundedValue, Difference, Estimate, Interval
    from credit_pipeline.core.public_names import public_name
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "arrays": ["Outcome", "Probability", "Values"],
            "closest_name": ["and_more", "find_closest_name", "list_names"],
            "content_hash": ["document_hash"],
            "estimate": ["BoundedValue", "Difference", "Estimate", "Interval"],
            "public_names": ["public_name"],
        },
    )

__all__ = [
    "BoundedValue",
    "Difference",
    "Estimate",
    "Interval",
    "Outcome",
    "Probability",
    "Values",
    "and_more",
    "document_hash",
    "find_closest_name",
    "list_names",
    "public_name",
]
