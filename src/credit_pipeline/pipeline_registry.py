"""The pipelines, built for the models and recipes that the environment's YAML lists."""

from kedro.pipeline import Pipeline

from credit_pipeline import configuration
from credit_pipeline.modelling.scoring.scorecard import is_scorecard
from credit_pipeline.pipelines import canary, data_split, deployment, feature_engineering, scoring, training


def register_pipelines() -> dict[str, Pipeline]:
    """Build every pipeline.

    Returns
    -------
    dict
        The pipelines by name. ``__default__`` is the lifecycle up to the registered champion.
    """
    spec = configuration.current().spec
    models = {name: model.recipe for name, model in spec.models.items()}
    functions = {name: recipe.function for name, recipe in spec.recipes.items()}
    scorecards = {name for name, model in spec.models.items() if is_scorecard(functions[model.recipe], model.estimator)}
    shown = training.Shown(
        task=spec.data.task, cut_off=spec.training.cut_off is not None, segments=len(spec.training.segments)
    )
    lifecycle = {
        "data_split": data_split.create_pipeline(),
        "feature_engineering": feature_engineering.create_pipeline(recipes=functions),
        "training": training.create_pipeline(models=models, scorecards=scorecards, shown=shown),
        "deployment": deployment.create_pipeline(models=list(models)),
    }
    return {
        **lifecycle,
        "scoring": scoring.create_pipeline(),
        "canary": canary.create_pipeline(),
        "__default__": sum(lifecycle.values(), start=Pipeline([])),
    }
