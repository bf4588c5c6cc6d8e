"""Names that a YAML uses and the code must know: recipes, features, estimators and their arguments, metrics."""

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from inspect import Parameter, signature

from credit_pipeline.errors import CreditPipelineError
from credit_pipeline.modelling import dotted_path, recipes
from credit_pipeline.modelling.estimators import ESTIMATOR_PACKAGES, accepted_arguments
from credit_pipeline.modelling.metrics import METRICS
from credit_pipeline.spec import ModelSpec, ProjectSpec, RecipeSpec

Fault = tuple[str, CreditPipelineError | str]


def faults(spec: ProjectSpec) -> list[Fault]:
    """List every name that nothing bears, as (key, fault)."""
    return [
        *_features(spec),
        *(fault for name, recipe in spec.recipes.items() for fault in _recipe(name, recipe)),
        *(fault for name, model in spec.models.items() for fault in _model(name, model)),
        *_metrics(spec),
    ]


def _features(spec: ProjectSpec) -> Iterator[Fault]:
    if (path := spec.features.function) is not None:
        yield from _attempt("features.function", lambda: dotted_path.load(path, allowed=ESTIMATOR_PACKAGES))


def _recipe(name: str, recipe: RecipeSpec) -> Iterator[Fault]:
    key = f"recipes.{name}"
    unknown = list(_attempt(f"{key}.function", lambda: recipes.resolve(recipe.function, allowed=ESTIMATOR_PACKAGES)))
    yield from unknown
    if not unknown:
        function = recipes.resolve(recipe.function, allowed=ESTIMATOR_PACKAGES)
        yield from _unknown_arguments(f"{key}.settings", recipe.settings, _settings(function))


def _model(name: str, model: ModelSpec) -> Iterator[Fault]:
    key = f"models.{name}"
    unknown = list(_attempt(f"{key}.estimator", lambda: accepted_arguments(model.estimator)))
    yield from unknown
    if not unknown:
        accepted = accepted_arguments(model.estimator)
        yield from _unknown_arguments(f"{key}.fixed", model.fixed, accepted)
        yield from _unknown_arguments(f"{key}.search.space", model.search.space, accepted)


def _metrics(spec: ProjectSpec) -> Iterator[Fault]:
    known = frozenset(METRICS)
    yield from _unknown_arguments("training.metrics", dict.fromkeys(spec.training.metrics), known)
    yield from _unknown_arguments("deployment.gates.champion.metric", [spec.deployment.gates.champion.metric], known)
    tracked = frozenset(f"{prefix}{metric}{suffix}" for metric in METRICS for prefix, suffix in _TRACKED)
    for bound in ("minimum", "maximum"):
        yield from _unknown_arguments(f"deployment.gates.{bound}", getattr(spec.deployment.gates, bound), tracked)


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


def _unknown_arguments(key: str, names: Iterable[str], known: frozenset[str] | None) -> Iterator[Fault]:
    if known is None:
        return
    for name in sorted(set(names) - known):
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"known: {', '.join(sorted(known))}"
        yield f"{key}.{name}", f"unknown name; {hint}"
