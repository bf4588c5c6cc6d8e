"""The names in YAML files that must exist in the code: recipes, features, estimators and their arguments, metrics."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from inspect import Parameter, signature
from typing import TypeVar, cast

from pydantic import ValidationError
from sklearn.utils.validation import has_fit_parameter

from credit_pipeline.core import dotted_path, find_closest_name
from credit_pipeline.core.metric_names import cross_validated, on_test
from credit_pipeline.errors import ConfigurationError, CreditPipelineError
from credit_pipeline.modelling.estimators.building import accepted_arguments, estimator_class, require_task
from credit_pipeline.modelling.features import recipes
from credit_pipeline.modelling.metrics import METRICS
from credit_pipeline.modelling.metrics.metric import custom_metric
from credit_pipeline.modelling.scoring import cut_off
from credit_pipeline.modelling.scoring.score_stability import SCORE_PSI
from credit_pipeline.modelling.scoring.scorecard import is_scorecard
from credit_pipeline.spec import DataSpec, DeploymentSpec, FeaturesSpec, ModelSpec, ProjectSpec, RecipeSpec, Spec, Task

_READABLE = 8
Fault = tuple[str, CreditPipelineError | str]
AnySpec = TypeVar("AnySpec", bound=Spec)


def faults(parameters: Mapping[str, object], spec: ProjectSpec | None = None) -> list[Fault]:
    """List every name that does not exist, as (key, fault).

    Parameters
    ----------
    parameters
        Everything under ``conf/<environment>/parameters``.
    spec
        The parameters as checked specifications. Without them, each specification is validated by itself, and those
        that are not valid are left out: they are reported elsewhere.
    """
    specs: Mapping[str, object] = parameters if spec is None else dict(spec)
    task = _task(parameters.get("data"))
    known = _metrics_of(task) | frozenset(name for name in _listed(parameters.get("training")) if "." in name)
    return [
        *(fault for data in _sound(DataSpec, specs, "data") for fault in _target(data)),
        *(fault for features in _sound(FeaturesSpec, specs, "features") for fault in _features(features)),
        *(fault for name, recipe in _entries(RecipeSpec, specs, "recipes") for fault in _recipe(name, recipe, task)),
        *(fault for name, model in _entries(ModelSpec, specs, "models") for fault in _model(name, model, task)),
        *_recipes_of_models(specs),
        *_metrics(parameters.get("training"), task),
        *_cut_off(parameters.get("training"), task),
        *(
            fault
            for spec in _sound(DeploymentSpec, specs, "deployment")
            for fault in _gates(spec, known, _tracked_beside(parameters.get("training"), task))
        ),
    ]


def _task(data: object) -> Task:
    """Return the task of the data; an invalid one is reported elsewhere."""
    return "regression" if isinstance(data, Mapping) and data.get("task") == "regression" else "classification"


def _target(spec: DataSpec) -> Iterator[Fault]:
    if (path := spec.target_function) is not None:
        yield from _attempt(f"data.columns.{spec.target}.function", lambda: dotted_path.load(path))


def _sound(kind: type[AnySpec], specs: Mapping[str, object], key: str) -> Iterator[AnySpec]:
    """Yield a specification that was checked before, or one that is valid by itself."""
    found = specs.get(key)
    with suppress(ValidationError):
        yield found if isinstance(found, kind) else kind.model_validate(found)


def _entries(kind: type[AnySpec], specs: Mapping[str, object], key: str) -> Iterator[tuple[str, AnySpec]]:
    found = specs.get(key)
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
            yield f"{key}.function", "weight of evidence needs a binary target; it is not available for a regression"


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
        fault = "applies to probabilities of default; it is not available for a regression"
        used = {"event_weight": weighted, "calibration": model.calibration != "none"}
        yield from ((f"{key}.{name}", fault) for name, is_used in used.items() if is_used)
    elif weighted and not has_fit_parameter(estimator_class(model.estimator), "sample_weight"):
        yield f"{key}.event_weight", f"needs a fit with sample_weight, which {model.estimator} does not take"


def _recipes_of_models(specs: Mapping[str, object]) -> Iterator[Fault]:
    """Find models whose recipe does not exist, and searches over settings that their recipe does not have."""
    if not isinstance(found := specs.get("recipes"), Mapping):
        return
    named, sound = frozenset(map(str, found)), dict(_entries(RecipeSpec, specs, "recipes"))
    for name, model in _entries(ModelSpec, specs, "models"):
        for _, fault in _unknown_arguments("", [model.recipe], named):
            yield f"models.{name}.recipe", fault.replace("unknown name", f"there is no recipe '{model.recipe}'")
        if model.recipe in sound:
            yield from _settings_searched(f"models.{name}.search.recipe_space", model, sound[model.recipe])
            if model.calibration != "none" and is_scorecard(sound[model.recipe].function, model.estimator):
                fault = "the points of a scorecard add up to uncalibrated log odds: leave calibration at 'none'"
                yield f"models.{name}.calibration", fault


def _settings_searched(key: str, model: ModelSpec, recipe: RecipeSpec) -> Iterator[Fault]:
    with suppress(CreditPipelineError):  # a recipe that does not exist is reported under its own key
        yield from _unknown_arguments(key, model.search.recipe_space, _settings(recipes.resolve(recipe.function)))


def _metrics(training: object, task: Task) -> Iterator[Fault]:
    """Look the metrics up even if the rest is invalid: if one is misspelt, the rule may name a metric not listed."""
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
            f"'{path}' is not a metric of a {task}.",
            expected=f"a function with the attribute task = '{task}'",
            got=found.task,
            fix="training.metrics in conf/<environment>/parameters/training.yml, or the function",
        )


def _metrics_of(task: Task) -> frozenset[str]:
    return frozenset(name for name, metric in METRICS.items() if metric.task == task)


def _cut_off(training: object, task: Task) -> Iterator[Fault]:
    if task == "regression" and isinstance(training, Mapping) and training.get("cut_off") is not None:
        yield "training.cut_off", "a cut-off needs a probability of default; it is not available for a regression"


def _tracked_beside(training: object, task: Task) -> frozenset[str]:
    """List what is tracked on the test part in addition to the metrics."""
    rule = training.get("cut_off") if isinstance(training, Mapping) else None
    of_cut_off = cut_off.ESTIMATES if isinstance(rule, Mapping) else ()
    names = [*of_cut_off, *([SCORE_PSI] if task == "classification" else [])]
    return frozenset(tracked for name in names for tracked in on_test(name))


def _gates(spec: DeploymentSpec, known: frozenset[str], beside: frozenset[str]) -> Iterator[Fault]:
    yield from _unknown_arguments("deployment.gates.champion.metric", [spec.gates.champion.metric], known)
    tracked = beside | {name for metric in known for name in (*cross_validated(metric), *on_test(metric))}
    for bound in ("minimum", "maximum"):
        yield from _unknown_arguments(f"deployment.gates.{bound}", getattr(spec.gates, bound), tracked)


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
    """Show the nearest name, and all known names unless they are too many to read."""
    listed = f"known: {', '.join(sorted(known)) or 'none'}"
    if not close:
        return listed
    return f"did you mean '{close}'?" + ("" if len(known) > _READABLE else f" {listed}")
