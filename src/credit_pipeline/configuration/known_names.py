"""Names that a YAML uses and the code must know: recipes, features, estimators and their arguments, metrics."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from inspect import Parameter, signature
from typing import TypeVar, cast

from pydantic import ValidationError
from sklearn.utils.validation import has_fit_parameter

from credit_pipeline.core import dotted_path, find_closest_name
from credit_pipeline.errors import ConfigurationError, CreditPipelineError
from credit_pipeline.modelling.estimators.building import accepted_arguments, estimator_class, require_task
from credit_pipeline.modelling.features import recipes
from credit_pipeline.modelling.metrics import METRICS
from credit_pipeline.modelling.metrics.metric import custom_metric
from credit_pipeline.modelling.scoring import cut_off
from credit_pipeline.modelling.scoring.score_stability import SCORE_PSI
from credit_pipeline.modelling.scoring.scorecard import is_scorecard
from credit_pipeline.spec import DataSpec, DeploymentSpec, FeaturesSpec, ModelSpec, RecipeSpec, Spec, Task

_READABLE = 8
Fault = tuple[str, CreditPipelineError | str]
AnySpec = TypeVar("AnySpec", bound=Spec)


def faults(parameters: Mapping[str, object]) -> list[Fault]:
    """List every name that nothing bears, as (key, fault).

    Parameters
    ----------
    parameters
        Everything under ``conf/<environment>/parameters``. What is no specification is left out: told elsewhere.
    """
    task = _task(parameters.get("data"))
    known = _metrics_of(task) | frozenset(name for name in _listed(parameters.get("training")) if "." in name)
    return [
        *(fault for data in _sound(DataSpec, parameters, "data") for fault in _target(data)),
        *(fault for features in _sound(FeaturesSpec, parameters, "features") for fault in _features(features)),
        *(
            fault
            for name, recipe in _entries(RecipeSpec, parameters, "recipes")
            for fault in _recipe(name, recipe, task)
        ),
        *(fault for name, model in _entries(ModelSpec, parameters, "models") for fault in _model(name, model, task)),
        *_recipes_of_models(parameters),
        *_metrics(parameters.get("training"), task),
        *_cut_off(parameters.get("training"), task),
        *(
            fault
            for spec in _sound(DeploymentSpec, parameters, "deployment")
            for fault in _gates(spec, known, _tracked_beside(parameters.get("training"), task))
        ),
    ]


def _task(data: object) -> Task:
    """Give the task that is told; where that is wrong, it is told elsewhere."""
    return "regression" if isinstance(data, Mapping) and data.get("task") == "regression" else "classification"


def _target(spec: DataSpec) -> Iterator[Fault]:
    if (path := spec.target_function) is not None:
        yield from _attempt(f"data.columns.{spec.target}.function", lambda: dotted_path.load(path))


def _sound(kind: type[AnySpec], parameters: Mapping[str, object], key: str) -> Iterator[AnySpec]:
    with suppress(ValidationError):
        yield kind.model_validate(parameters.get(key))


def _entries(kind: type[AnySpec], parameters: Mapping[str, object], key: str) -> Iterator[tuple[str, AnySpec]]:
    found = parameters.get(key)
    for name in found if isinstance(found, Mapping) else ():
        yield from ((name, spec) for spec in _sound(kind, cast("Mapping[str, object]", found), name))


def _features(spec: FeaturesSpec) -> Iterator[Fault]:
    if (path := spec.function) is not None:
        yield from _attempt("features.function", lambda: dotted_path.load(path))


def _recipe(name: str, recipe: RecipeSpec, task: Task) -> Iterator[Fault]:
    key = f"recipes.{name}"
    unknown = list(_attempt(f"{key}.function", lambda: recipes.resolve(recipe.function)))
    yield from unknown
    if not unknown:
        function = recipes.resolve(recipe.function)
        yield from _unknown_arguments(f"{key}.settings", recipe.settings, _settings(function))
        if task == "regression" and function is recipes.weight_of_evidence:
            yield f"{key}.function", "a weight of evidence is of defaults: a regression has none"


def _model(name: str, model: ModelSpec, task: Task) -> Iterator[Fault]:
    key = f"models.{name}"
    unknown = list(_attempt(f"{key}.estimator", lambda: accepted_arguments(model.estimator)))
    yield from unknown
    if not unknown:
        accepted = accepted_arguments(model.estimator)
        yield from _unknown_arguments(f"{key}.fixed", model.fixed, accepted)
        yield from _unknown_arguments(f"{key}.search.space", model.search.space, accepted)
        yield from _attempt(f"{key}.estimator", lambda: require_task(model.estimator, task))
        yield from _weight_and_calibration(key, model, task)


def _weight_and_calibration(key: str, model: ModelSpec, task: Task) -> Iterator[Fault]:
    weighted = model.event_weight is not None
    if task == "regression":
        told = "is of probabilities of default: a regression has none"
        asked = {"event_weight": weighted, "calibration": model.calibration != "none"}
        yield from ((f"{key}.{name}", told) for name, is_asked in asked.items() if is_asked)
    elif weighted and not has_fit_parameter(estimator_class(model.estimator), "sample_weight"):
        yield f"{key}.event_weight", f"the fit of {model.estimator} takes no sample_weight, which a weight needs"


def _recipes_of_models(parameters: Mapping[str, object]) -> Iterator[Fault]:
    """Find models with a recipe that is none, and searches over settings that their recipe does not have."""
    if not isinstance(found := parameters.get("recipes"), Mapping):
        return
    named, sound = frozenset(map(str, found)), dict(_entries(RecipeSpec, parameters, "recipes"))
    for name, model in _entries(ModelSpec, parameters, "models"):
        for _, told in _unknown_arguments("", [model.recipe], named):
            yield f"models.{name}.recipe", told.replace("unknown name", f"there is no recipe '{model.recipe}'")
        if model.recipe in sound:
            yield from _settings_searched(f"models.{name}.search.recipe_space", model, sound[model.recipe])
            if model.calibration != "none" and is_scorecard(sound[model.recipe].function, model.estimator):
                told = "the points of a scorecard add up to uncalibrated log odds: leave calibration at 'none'"
                yield f"models.{name}.calibration", told


def _settings_searched(key: str, model: ModelSpec, recipe: RecipeSpec) -> Iterator[Fault]:
    with suppress(CreditPipelineError):  # a recipe that does not exist is told where it stands
        yield from _unknown_arguments(key, model.search.recipe_space, _settings(recipes.resolve(recipe.function)))


def _metrics(training: object, task: Task) -> Iterator[Fault]:
    """Look the metrics up even where something else is wrong: a misspelt one makes the rule name an unlisted one."""
    names = _listed(training)
    yield from _unknown_arguments("training.metrics", [name for name in names if "." not in name], _metrics_of(task))
    for path in (name for name in names if "." in name):
        yield from _attempt(f"training.metrics.{path}", partial(_own_metric, path, task))


def _listed(training: object) -> list[str]:
    listed = training.get("metrics") if isinstance(training, Mapping) else None
    return [name for name in listed if isinstance(name, str)] if isinstance(listed, list | tuple) else []


def _own_metric(path: str, task: Task) -> None:
    if (found := custom_metric(path)).task != task:
        raise ConfigurationError(
            f"'{path}' is no metric of a {task}.",
            expected=f"a function with the attribute task = '{task}'",
            got=found.task,
            fix="training.metrics in conf/<environment>/parameters/training.yml, or the function",
        )


def _metrics_of(task: Task) -> frozenset[str]:
    return frozenset(name for name, metric in METRICS.items() if metric.task == task)


def _cut_off(training: object, task: Task) -> Iterator[Fault]:
    if task == "regression" and isinstance(training, Mapping) and training.get("cut_off") is not None:
        yield "training.cut_off", "a regression has no probability at which to refuse"


def _tracked_beside(training: object, task: Task) -> frozenset[str]:
    """Name what is tracked of the test part beside the metrics."""
    told = training.get("cut_off") if isinstance(training, Mapping) else None
    of_cut_off = cut_off.ESTIMATES if isinstance(told, Mapping) else ()
    names = [*of_cut_off, *([SCORE_PSI] if task == "classification" else [])]
    return frozenset(f"test_{name}{suffix}" for name in names for suffix in ("", "_lower", "_upper"))


def _gates(spec: DeploymentSpec, known: frozenset[str], beside: frozenset[str]) -> Iterator[Fault]:
    yield from _unknown_arguments("deployment.gates.champion.metric", [spec.gates.champion.metric], known)
    tracked = beside | {f"{prefix}{metric}{suffix}" for metric in known for prefix, suffix in _TRACKED}
    for bound in ("minimum", "maximum"):
        yield from _unknown_arguments(f"deployment.gates.{bound}", getattr(spec.gates, bound), tracked)


_TRACKED = (("cv_", "_mean"), ("cv_", "_std"), ("test_", ""), ("test_", "_lower"), ("test_", "_upper"))


def _attempt(key: str, action: Callable[[], object]) -> Iterator[Fault]:
    try:
        action()
    except CreditPipelineError as fault:
        yield key, fault


def _settings(function: Callable[..., object]) -> frozenset[str] | None:
    parameters = list(signature(function).parameters.values())[1:]
    takes_any = any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters)
    return None if takes_any else frozenset(parameter.name for parameter in parameters)


def _unknown_arguments(key: str, names: Iterable[str], known: frozenset[str] | None) -> Iterator[tuple[str, str]]:
    if known is None:
        return
    for name in sorted(set(names) - known):
        close = find_closest_name(name, known)
        yield f"{key}.{name}", f"unknown name; {_known(close, known)}"


def _known(close: str | None, known: frozenset[str]) -> str:
    """Tell the nearest name, and all of them unless they are too many to read."""
    listed = f"known: {', '.join(sorted(known)) or 'none'}"
    if not close:
        return listed
    return f"did you mean '{close}'?" + ("" if len(known) > _READABLE else f" {listed}")
