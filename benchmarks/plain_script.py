"""The fits of `kedro run` and nothing else: no catalog, no files, no tracking, no figures, no registry.

``python benchmarks/plain_script.py PROJECT`` prints the seconds that it took, imports included.
"""

import sys
import time

START = time.perf_counter()

from pathlib import Path  # noqa: E402  # imports are measured, as they are in `kedro run`

import pandas as pd  # noqa: E402
import yaml  # noqa: E402

from credit_pipeline.modelling import feature_columns, splitting, training  # noqa: E402
from credit_pipeline.modelling.features import RowFeatures  # noqa: E402
from credit_pipeline.modelling.intervals import estimate  # noqa: E402
from credit_pipeline.modelling.scoring_model import default_probability  # noqa: E402
from credit_pipeline.spec import (  # noqa: E402
    DataSpec,
    FeaturesSpec,
    ModelSpec,
    RecipeSpec,
    SplitSpec,
    TrainingSpec,
)


def read(project: Path, name: str) -> dict[str, dict[str, object]]:
    """Read one file of parameters."""
    text = (project / "conf/base/parameters" / f"{name}.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def fit_all(project: Path) -> dict[str, float]:
    """Split, derive, search, fit and evaluate every model of the base environment; give the AUC on test."""
    data = DataSpec.model_validate(read(project, "data")["data"])
    spec = TrainingSpec.model_validate(read(project, "training")["training"])
    derived = FeaturesSpec.model_validate(read(project, "feature_engineering")["features"])
    recipes, models = read(project, "recipes")["recipes"], read(project, "models")["models"]
    table = pd.read_csv(project / "data/01_raw/credit_card_clients.csv")
    parts = splitting.split(
        table, data.target, data.event, SplitSpec.model_validate(read(project, "data_split")["split"])
    )
    features = (
        RowFeatures(derived.function, data.inputs)
        .fit_transform(parts.train)
        .assign(**{data.target: parts.train[data.target]})
    )
    outcome, tested = splitting.outcome(parts.train, data), splitting.outcome(parts.test, data)
    inputs, roles = feature_columns.inputs(features, data), feature_columns.roles(features, data)
    fitted = {}
    for name, recipe in recipes.items():
        made = feature_columns.build(str(recipe["function"]), roles, dict(recipe.get("settings", {})))
        fitted[name] = (
            made,
            made.fit_transform(features[inputs], outcome).assign(**{data.target: parts.train[data.target]}),
        )
    found = {}
    for name, model in models.items():
        assigned = training.Assignment(
            ModelSpec.model_validate(model),
            RecipeSpec.model_validate(recipes[str(model["recipe"])]),
            data,
            derived,
            spec,
        )
        trained = training.train(assigned, features, *fitted[str(model["recipe"])])
        probability = default_probability(trained.pipeline, parts.test)
        estimates = estimate(spec.metrics, tested, probability, resamples=spec.bootstrap, seed=spec.seed)
        found[name] = estimates["roc_auc"].value
    return found


if __name__ == "__main__":
    print(fit_all(Path(sys.argv[1])), file=sys.stderr)
    print(time.perf_counter() - START)
