"""Estimators by dotted path, and the model that is served: derived columns, recipe and estimator as one."""

import inspect
from collections.abc import Mapping, Sequence

import pandas as pd
from joblib import parallel_config
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from credit_pipeline.core import Outcome, dotted_path
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.estimators import safe_names
from credit_pipeline.modelling.estimators.wrapped_classifier import unwrapped
from credit_pipeline.modelling.features import RowFeatures
from credit_pipeline.spec import Task


def estimator_class(path: str) -> type[BaseEstimator]:
    """Import a scikit-learn-compatible class.

    Parameters
    ----------
    path
        Dotted path, such as ``sklearn.linear_model.LogisticRegression``.

    Raises
    ------
    ConfigurationError
        The package is not allowed, or the path names no class that is fitted and predicts.

    Examples
    --------
    >>> estimator_class("sklearn.linear_model.LogisticRegression").__name__
    'LogisticRegression'
    """
    found = dotted_path.load(path)
    if isinstance(found, type) and all(hasattr(found, method) for method in ("fit", "predict", "get_params")):
        return found
    raise ConfigurationError(
        f"'{path}' is no estimator.",
        expected="a class with scikit-learn's fit, predict and get_params",
        got=type(found).__name__,
        fix="models.<name>.estimator in conf/<environment>/parameters/models.yml",
    )


def require_task(path: str, task: Task) -> None:
    """Refuse an estimator that is fitted for another task, or a classifier that tells no probabilities.

    Raises
    ------
    ConfigurationError
        It is.
    """
    estimator = estimator_class(path)
    tells = hasattr(estimator, "predict_proba")
    if (tells and not issubclass(estimator, RegressorMixin)) if task == "classification" else not tells:
        return
    raise ConfigurationError(
        f"'{path}' does not do for a {task}.",
        expected="a classifier with predict_proba" if task == "classification" else "a regressor",
        got="a classifier" if tells else "no predict_proba",
        fix="models.<name>.estimator in models.yml, or data.task in data.yml",
    )


def accepted_arguments(path: str) -> frozenset[str] | None:
    """Names of the arguments that an estimator takes; ``None`` if it takes any."""
    estimator = estimator_class(path)
    parameters = inspect.signature(estimator.__init__).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        # XGBoost hands **kwargs on to its booster without looking, and get_params lists what it documents; others, such
        # as LightGBM, take names beyond those that they list.
        return frozenset(estimator().get_params()) if estimator.__module__.startswith("xgboost.") else None
    return frozenset(parameter.name for parameter in parameters) - {"self"}


def build(path: str, arguments: Mapping[str, object], *, seed: int) -> BaseEstimator:
    """Make an unfitted estimator, seeded and on one thread.

    Parameters
    ----------
    path
        Dotted path of the class.
    arguments
        Its arguments. ``random_state`` is set where the class has it and the arguments do not; so is ``n_jobs`` outside
        scikit-learn, whose estimators take one job unless told otherwise.
    seed
        Seed of everything random in it.
    """
    arguments = _of_catboost(arguments, seed) if path.startswith("catboost.") else arguments
    estimator = estimator_class(path)(**arguments)
    defaults = {"random_state": seed} if _is_sklearn(estimator) else {"random_state": seed, "n_jobs": 1}
    known = estimator.get_params()
    return estimator.set_params(**{k: v for k, v in defaults.items() if k in known and k not in arguments})


def _of_catboost(arguments: Mapping[str, object], seed: int) -> dict[str, object]:
    """Seed, one thread, no files and no output, unless the arguments say so themselves: CatBoost lists no defaults."""
    usual: tuple[tuple[str, object, tuple[str, ...]], ...] = (
        ("random_seed", seed, ("random_state",)),
        ("thread_count", 1, ()),
        ("allow_writing_files", False, ()),
        ("verbose", False, ("silent", "logging_level", "verbose_eval")),
    )
    return {**{name: value for name, value, others in usual if not {*others} & {*arguments}}, **arguments}


def constrained(estimator: BaseEstimator, names: Sequence[str], direction: Mapping[str, int]) -> BaseEstimator:
    """Bind an estimator that can be bound: the risk rises or falls with a feature as it is told.

    Parameters
    ----------
    estimator
        Unfitted.
    names
        The features in their order.
    direction
        1 or -1 by feature; others are free.

    Returns
    -------
    sklearn.base.BaseEstimator
        The same estimator. One that cannot be bound is left as it is, as is one whose YAML binds it already.
    """
    signs = tuple(int(direction.get(name, 0)) for name in names)
    argument = next((arg for root, arg in _BOUND_BY.items() if type(estimator).__module__.startswith(root)), None)
    if argument is None or not any(signs) or estimator.get_params().get(argument) is not None:
        return estimator
    return estimator.set_params(**{argument: list(signs) if argument == "monotonic_cst" else signs})


# Other trees of scikit-learn can be bound too, but then take no missing values.
_BOUND_BY = {
    "xgboost.": "monotone_constraints",
    "lightgbm.": "monotone_constraints",
    "interpret.": "monotone_constraints",
    "sklearn.ensemble._hist_gradient_boosting": "monotonic_cst",
}


def fit(estimator: BaseEstimator, features: pd.DataFrame, outcome: Outcome, *, threads: int) -> BaseEstimator:
    """Fit a clone of an estimator, with its own threads where it has any; the clone is stored as one-threaded.

    Parameters
    ----------
    estimator
        Unfitted.
    features, outcome
        Shapes (rows, columns) and (rows,).
    threads
        Threads of an estimator that can use several: its result does not depend on them.
    """
    fitted = clone(estimator)
    inner = unwrapped(fitted)
    if safe_names.are_refused(inner, list(features.columns)):
        features = safe_names.PlainNames().fit_transform(features)
    if _is_sklearn(inner) or "n_jobs" not in inner.get_params():
        # One BLAS thread: sums of several differ in their last bits.
        with threadpool_limits(1), parallel_config(n_jobs=threads):
            return fitted.fit(features, outcome)
    inner.set_params(n_jobs=threads)
    fitted.fit(features, outcome)
    for part in (inner, unwrapped(fitted)):
        part.set_params(n_jobs=1)
    return fitted


def _is_sklearn(estimator: BaseEstimator) -> bool:
    return type(estimator).__module__.startswith("sklearn.")


def assemble(features: RowFeatures, recipe: BaseEstimator, estimator: BaseEstimator) -> Pipeline:
    """Join fitted parts into the model that takes raw columns: nothing is fitted again.

    An estimator that refuses the names of its features, see ``feature_names``, gets a step before it that changes them.
    """
    made = recipe.get_feature_names_out()
    refused = safe_names.are_refused(unwrapped(estimator), list(made))
    renamed = [("names", safe_names.PlainNames().fit(pd.DataFrame(columns=made)))] if refused else []
    return Pipeline([("features", features), ("recipe", recipe), *renamed, ("estimator", estimator)])
