"""Adapters between the catalog, the features and the recipes."""

import pandas as pd
from matplotlib.figure import Figure
from sklearn.base import BaseEstimator

from credit_pipeline.configuration import takes_specifications
from credit_pipeline.modelling.features import WeightOfEvidence, recipe_tables
from credit_pipeline.modelling.figures import bins_figure
from credit_pipeline.modelling.splitting import require_parts_of
from credit_pipeline.modelling.training import lifecycle
from credit_pipeline.spec import DataSpec, FeaturesSpec, RecipeSpec

Document = dict[str, object]


@takes_specifications
def derive_features(
    train: pd.DataFrame, test: pd.DataFrame, manifest: Document, data: DataSpec, features: FeaturesSpec
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add the row-wise features to both parts of one split; identifier, date, group and target stay beside them.

    Parameters
    ----------
    train, test
        The parts, each of shape (rows, columns).
    manifest
        The split that both must belong to.
    data, features
        The contract, and the function that derives the features.
    """
    require_parts_of(manifest, {"train": train, "test": test})
    return lifecycle.derive(train, data, features), lifecycle.derive(test, data, features)


@takes_specifications
def fit_recipe(
    train_features: pd.DataFrame,
    test_features: pd.DataFrame,
    recipe: RecipeSpec,
    data: DataSpec,
    features: FeaturesSpec,
) -> tuple[BaseEstimator, str, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Fit one recipe on the whole training part; return it, its source, its tables and both parts as it makes them.

    Parameters
    ----------
    train_features, test_features
        As from ``derive_features``.
    recipe, data, features
        The recipe, the contract, and the directions that the recipe must keep.
    """
    fitted, train_table = lifecycle.fit_recipe(train_features, recipe, data, features)
    test_table = lifecycle.apply_recipe(fitted, test_features, data)
    source = recipe_tables.source(recipe.function)
    return fitted, source, recipe_tables.tables(fitted), train_table, test_table


def draw_bins(name: str, recipe: WeightOfEvidence) -> tuple[pd.DataFrame, Figure]:
    """List which characteristics a recipe keeps, and draw their bins."""
    selection = recipe.selection()
    return selection, bins_figure(name, recipe.table(), selection)
