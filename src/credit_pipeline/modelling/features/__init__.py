"""From columns to the numbers that a model sees: row-wise features, recipes, bins, weights of evidence."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.modelling.features.columns import Columns, columns_of
    from credit_pipeline.modelling.features.recipes import RECIPES, build, resolve
    from credit_pipeline.modelling.features.row_features import RowFeatures
    from credit_pipeline.modelling.features.weight_of_evidence import WeightOfEvidence
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "columns": ["Columns", "columns_of"],
            "recipes": ["RECIPES", "build", "resolve"],
            "row_features": ["RowFeatures"],
            "weight_of_evidence": ["WeightOfEvidence"],
        },
    )

__all__ = ["RECIPES", "Columns", "RowFeatures", "WeightOfEvidence", "build", "columns_of", "resolve"]
