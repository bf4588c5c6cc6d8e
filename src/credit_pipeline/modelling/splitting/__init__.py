"""Train, test and folds, and the proof that nothing leaks between them."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.modelling.splitting.parts import Split, split
    from credit_pipeline.modelling.splitting.row_hashes import frame_hash, row_keys
    from credit_pipeline.modelling.splitting.schemes import Fold, Keys, folds, halves, keys_of, outcome
    from credit_pipeline.modelling.splitting.split_id import require_one_split, require_parts_of
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "parts": ["Split", "split"],
            "row_hashes": ["frame_hash", "row_keys"],
            "schemes": ["Fold", "Keys", "folds", "halves", "keys_of", "outcome"],
            "split_id": ["require_one_split", "require_parts_of"],
        },
    )

__all__ = [
    "Fold",
    "Keys",
    "Split",
    "folds",
    "frame_hash",
    "halves",
    "keys_of",
    "outcome",
    "require_one_split",
    "require_parts_of",
    "row_keys",
    "split",
]
