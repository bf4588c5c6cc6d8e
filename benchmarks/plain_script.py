"""Make the fits of `kedro run` and nothing else: no catalog, no files, no tracking, no figures, no registry.

``python benchmarks/plain_script.py PROJECT`` prints the seconds that it needed, including imports.
"""

import sys
import time

from credit_pipeline.modelling.features.recipes import build
from credit_pipeline.modelling.metrics import Sample

START = time.perf_counter()

from collections.abc import Sequence  # noqa: E402  # imports are measured, as they are in `kedro run`
from pathlib import Path  # noqa: E402

import pandas as pd  # noqa: E402
import yaml  # noqa: E402

from credit_pipeline.modelling.features import columns  # noqa: E402
from credit_pipeline.modelling.features.row_features import RowFeatures  # noqa: E402
from credit_pipeline.modelling.metrics.uncertainty import estimate  # noqa: E402
from credit_pipeline.modelling.scoring.scoring_model import answers  # noqa: E402
from credit_pipeline.modelling.splitting import parts as splitting  # noqa: E402
from credit_pipeline.modelling.splitting import schemes  # noqa: E402
from credit_pipeline.modelling.training import training  # noqa: E402
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


def fit_all(project: Path, only: Sequence[str] = (), **split: object) -> dict[str, tuple[float, float]]:
    """Split, derive, search, fit and evaluate models of the base environment; return the AUC over folds and on test.

    ``only`` names the models, by default all; ``split`` replaces settings of the split.
    """
    data = DataSpec.model_validate(read(project, "data")["data"])
    spec = TrainingSpec.model_validate(read(project, "training")["training"])
    derived = FeaturesSpec.model_validate(read(project, "feature_engineering")["features"])
    recipes, models = read(project, "recipes")["recipes"], read(project, "models")["models"]
    models = {name: model for name, model in models.items() if not only or name in only}
    recipes = {name: recipe for name, recipe in recipes.items() if name in {m["recipe"] for m in models.values()}}
    table = pd.read_csv(project / "data/01_raw/credit_card_clients.csv")
    parts = splitting.split(table, data, SplitSpec.model_validate({**read(project, "data_split")["split"], **split}))
    made = RowFeatures(derived.function, data.inputs).fit_transform(parts.train)
    features = pd.concat([parts.train[list(data.beside)], made], axis="columns")
    outcome, tested = schemes.outcome(parts.train, data), schemes.outcome(parts.test, data)
    inputs = columns.inputs(features, data)
    roles = columns.roles(features, data, derived.direction)
    fitted = {}
    for name, recipe in recipes.items():
        unfitted = build(str(recipe["function"]), roles, dict(recipe.get("settings", {})))
        table = unfitted.fit_transform(features[inputs], outcome).assign(**{data.target: parts.train[data.target]})
        fitted[name] = unfitted, table
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
        probability = answers(trained.pipeline, parts.test)
        estimates = estimate(spec.metrics, Sample(tested, probability), resamples=spec.bootstrap, seed=spec.seed)
        found[name] = (float(trained.fold_scores["roc_auc"].mean()), estimates["roc_auc"].value)
    return found


if __name__ == "__main__":
    print(fit_all(Path(sys.argv[1])), file=sys.stderr)
    print(time.perf_counter() - START)
