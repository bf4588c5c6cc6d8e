"""Adapters between the catalog and the features and recipes."""

import pandas as pd
from matplotlib.figure import Figure
from sklearn.base import BaseEstimator

from credit_pipeline.modelling.features import RowFeatures, WeightOfEvidence, build, columns, recipe_tables
from credit_pipeline.modelling.figures import bins_figure
from credit_pipeline.modelling.splitting import require_parts_of, schemes
from credit_pipeline.spec import DataSpec, FeaturesSpec, RecipeSpec

Document = dict[str, object]


def derive_features(
    train: pd.DataFrame, test: pd.DataFrame, manifest: Document, data: Document, features: Document
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add the row-wise features to both parts of one split; identifier, date, group and target stay beside them."""
    require_parts_of(manifest, {"train": train, "test": test})
    spec = DataSpec.model_validate(data)
    derive = RowFeatures(FeaturesSpec.model_validate(features).function, spec.inputs)
    return _with_features(train, derive, spec), _with_features(test, derive, spec)


def _with_features(part: pd.DataFrame, derive: RowFeatures, spec: DataSpec) -> pd.DataFrame:
    kept = part[list(spec.beside)]
    joined: pd.DataFrame = pd.concat([kept, derive.fit_transform(part)], axis="columns")
    joined.attrs = dict(part.attrs)
    return joined


def fit_recipe(
    train_features: pd.DataFrame, test_features: pd.DataFrame, recipe: Document, data: Document, features: Document
) -> tuple[BaseEstimator, str, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Fit one recipe on the whole training part; give it, its source, its tables and both parts as it makes them."""
    spec, recipe_spec = DataSpec.model_validate(data), RecipeSpec.model_validate(recipe)
    inputs = columns.inputs(train_features, spec)
    direction = FeaturesSpec.model_validate(features).direction
    roles = columns.roles(train_features, spec, direction)
    fitted = build(recipe_spec.function, roles, recipe_spec.settings, recipe_spec.leave_out)
    made = fitted.fit_transform(train_features[inputs], schemes.outcome(train_features, spec))
    tables = {"train": (train_features, made), "test": (test_features, fitted.transform(test_features[inputs]))}
    stored = {name: _labelled(part, features, spec) for name, (part, features) in tables.items()}
    source = recipe_tables.source(recipe_spec.function)
    return fitted, source, recipe_tables.tables(fitted), stored["train"], stored["test"]


def _labelled(part: pd.DataFrame, features: pd.DataFrame, spec: DataSpec) -> pd.DataFrame:
    """Preprocessed features with the target beside them."""
    labelled = pd.concat([part[[spec.target]], pd.DataFrame(features)], axis="columns")
    labelled.attrs = dict(part.attrs)
    return labelled


def draw_bins(name: str, recipe: WeightOfEvidence) -> tuple[pd.DataFrame, Figure]:
    """Tell of a recipe's characteristics which are kept, and draw their bins."""
    selection = recipe.selection()
    return selection, bins_figure(name, recipe.table(), selection)
