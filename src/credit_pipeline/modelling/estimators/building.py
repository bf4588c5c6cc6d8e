"""Estimators by dotted path, and the model that is served: derived columns, recipe and estimator in one pipeline."""

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
from credit_pipeline.modelling.estimators.wrapped_classifier import unwrap
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
        The package is not allowed, or the path does not name a class with ``fit`` and ``predict``.

    Examples
    --------
    >>> estimator_class("sklearn.linear_model.LogisticRegression").__name__
    'LogisticRegression'
    """
    found = dotted_path.load(path)
    if isinstance(found, type) and all(hasattr(found, method) for method in ("fit", "predict", "get_params")):
        return found
    raise ConfigurationError(
        f"'{path}' is not an estimator.",
        expected="a class with scikit-learn's fit, predict and get_params",
        got=type(found).__name__,
        fix="models.<name>.estimator in conf/<environment>/parameters/models.yml",
    )


def require_task(path: str, task: Task) -> None:
    """Refuse an estimator for another task, or a classifier without probabilities.

    Raises
    ------
    ConfigurationError
        The estimator cannot be used for the task.
    """
    estimator = estimator_class(path)
    has_probabilities = hasattr(estimator, "predict_proba")
    if (
        (has_probabilities and not issubclass(estimator, RegressorMixin))
        if task == "classification"
        else not has_probabilities
    ):
        return
    raise ConfigurationError(
        f"'{path}' cannot be used for a {task}.",
        expected="a classifier with predict_proba" if task == "classification" else "a regressor",
        got="a classifier" if has_probabilities else "no predict_proba",
        fix="models.<name>.estimator in models.yml, or data.task in data.yml",
    )


def accepted_arguments(path: str) -> frozenset[str] | None:
    """Give the names of the arguments that an estimator takes; ``None`` if it takes any."""
    estimator = estimator_class(path)
    parameters = inspect.signature(estimator.__init__).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        # XGBoost passes **kwargs to its booster unchecked, and get_params lists the documented ones; others, such as
        # LightGBM, take more names than they list.
        return frozenset(estimator().get_params()) if estimator.__module__.startswith("xgboost.") else None
    return frozenset(parameter.name for parameter in parameters) - {"self"}


def build(path: str, arguments: Mapping[str, object], *, seed: int) -> BaseEstimator:
    """Make an unfitted estimator with a seed and one thread.

    Parameters
    ----------
    path
        Dotted path of the class.
    arguments
        Its arguments. ``random_state`` is set if the class has it and the arguments do not. The same holds for
        ``n_jobs`` outside scikit-learn, whose estimators use one job by default.
    seed
        Seed of everything random in the estimator.
    """
    arguments = _of_catboost(arguments, seed) if path.startswith("catboost.") else arguments
    estimator = estimator_class(path)(**arguments)
    defaults = {"random_state": seed} if _is_sklearn(estimator) else {"random_state": seed, "n_jobs": 1}
    known = estimator.get_params()
    return estimator.set_params(**{k: v for k, v in defaults.items() if k in known and k not in arguments})


def _of_catboost(arguments: Mapping[str, object], seed: int) -> dict[str, object]:
    """Set seed, one thread, no files and no output unless the arguments set them: CatBoost does not list defaults."""
    usual: tuple[tuple[str, object, tuple[str, ...]], ...] = (
        ("random_seed", seed, ("random_state",)),
        ("thread_count", 1, ()),
        ("allow_writing_files", False, ()),
        ("verbose", False, ("silent", "logging_level", "verbose_eval")),
    )
    return {**{name: value for name, value, others in usual if not {*others} & {*arguments}}, **arguments}


def constrain(estimator: BaseEstimator, names: Sequence[str], direction: Mapping[str, int]) -> BaseEstimator:
    """Make the risk monotonic in features: it only rises, or only falls, with each given feature.

    Parameters
    ----------
    estimator
        Unfitted.
    names
        The features in their order.
    direction
        By feature: 1 = the risk rises with it, -1 = it falls. Other features are free.

    Returns
    -------
    sklearn.base.BaseEstimator
        The same estimator. It is unchanged if it does not support such constraints, or if its arguments already set
        them.
    """
    signs = tuple(int(direction.get(name, 0)) for name in names)
    argument = next(
        (arg for root, arg in _CONSTRAINT_ARGUMENTS.items() if type(estimator).__module__.startswith(root)), None
    )
    if argument is None or not any(signs) or estimator.get_params().get(argument) is not None:
        return estimator
    return estimator.set_params(**{argument: list(signs) if argument == "monotonic_cst" else signs})


# Other trees of scikit-learn support constraints too, but then do not accept missing values.
_CONSTRAINT_ARGUMENTS = {
    "xgboost.": "monotone_constraints",
    "lightgbm.": "monotone_constraints",
    "interpret.": "monotone_constraints",
    "sklearn.ensemble._hist_gradient_boosting": "monotonic_cst",
}


def fit(estimator: BaseEstimator, features: pd.DataFrame, outcome: Outcome, *, threads: int) -> BaseEstimator:
    """Fit a clone of an estimator, on several threads if it can use them; the clone is stored with one thread.

    Parameters
    ----------
    estimator
        Unfitted.
    features, outcome
        Shapes (rows, columns) and (rows,).
    threads
        Threads of an estimator that can use several; the result does not depend on their number.
    """
    fitted = clone(estimator)
    inner = unwrap(fitted)
    if safe_names.refuses_names(inner, list(features.columns)):
        features = safe_names.PlainNames().fit_transform(features)
    if _is_sklearn(inner) or "n_jobs" not in inner.get_params():
        # One BLAS thread: with several, sums differ in their last bits.
        with threadpool_limits(1), parallel_config(n_jobs=threads):
            return fitted.fit(features, outcome)
    inner.set_params(n_jobs=threads)
    fitted.fit(features, outcome)
    for part in (inner, unwrap(fitted)):
        part.set_params(n_jobs=1)
    return fitted


def _is_sklearn(estimator: BaseEstimator) -> bool:
    return type(estimator).__module__.startswith("sklearn.")


def assemble(features: RowFeatures, recipe: BaseEstimator, estimator: BaseEstimator) -> Pipeline:
    """Join fitted parts into the model that takes raw columns; nothing is fitted again.

    Parameters
    ----------
    features, recipe, estimator
        The fitted parts. If the estimator refuses the names of its features, a step before it changes them; see
        ``safe_names``.
    """
    made = recipe.get_feature_names_out()
    refused = safe_names.refuses_names(unwrap(estimator), list(made))
    renamed = [("names", safe_names.PlainNames().fit(pd.DataFrame(columns=made)))] if refused else []
    return Pipeline([("features", features), ("recipe", recipe), *renamed, ("estimator", estimator)])
