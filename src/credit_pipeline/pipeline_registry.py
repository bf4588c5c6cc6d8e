"""The pipelines, built for the models and recipes that the environment's YAML asks for."""

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
    parameters = configuration.current().parameters
    models = {name: model["recipe"] for name, model in parameters["models"].items()}
    scorecards = {name for name, model in parameters["models"].items() if _is_scorecard(model, parameters["recipes"])}
    functions = {name: recipe["function"] for name, recipe in parameters["recipes"].items()}
    asked = parameters["training"]
    shown = training.Shown(
        task=parameters["data"].get("task", "classification"),
        cut_off=asked.get("cut_off") is not None,
        segments=len(asked.get("segments", ())),
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


def _is_scorecard(model: dict[str, str], recipes: dict[str, dict[str, str]]) -> bool:
    return is_scorecard(recipes[model["recipe"]]["function"], model["estimator"])
