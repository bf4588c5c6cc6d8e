"""Parameters of ``mlflow run`` as ``kedro run`` takes them.

::

    mlflow run . -e training -P env=insurance -P model=xgboost -P max_depth=4
                     |            |               |                |
    kedro run --pipelines training --env insurance --tags xgboost --params models.xgboost.search.space.max_depth=[4]
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from omegaconf import OmegaConf

from credit_pipeline.errors import ConfigurationError

MAIN, SERVE, ALL_MODELS = "main", "serve", "all"
BESIDE_TRAINING = ("data_split", "feature_engineering", "deployment")
OWN = {MAIN: ("env", "model"), "training": ("env", "model"), SERVE: ("env", "host", "port")}
"""Parameters of each entry point; one that is not listed takes only ``env``. Others change the configuration."""

Texts = Mapping[str, str]
Models = Mapping[str, Mapping[str, Any]]


def kedro_arguments(entry_point: str, given: Texts, models: Models) -> list[str]:
    """Return the arguments of ``kedro run``, apart from parameters.

    Parameters
    ----------
    entry_point
        ``main`` or a pipeline's name.
    given
        The parameters of ``-P`` as they were written, including ``env``.
    models
        The models of the environment.

    Raises
    ------
    ConfigurationError
        There is no such model.

    Examples
    --------
    >>> kedro_arguments("training", {"env": "test", "model": "xgboost"}, {"xgboost": {}})
    ['--env', 'test', '--pipelines', 'training', '--tags', 'xgboost']
    >>> kedro_arguments("main", {"env": "test"}, {})
    ['--env', 'test']
    """
    words = ["--env", given["env"], *(() if entry_point == MAIN else ("--pipelines", entry_point))]
    if (model := _model(entry_point, given, models)) is None:
        return words
    return [*words, "--tags", ",".join([model, *(BESIDE_TRAINING if entry_point == MAIN else ())])]


def parameters(entry_point: str, given: Texts, models: Models) -> dict[str, Any]:
    """Translate what ``-P`` names in addition to the parameters of the entry point.

    A name with a dot is a parameter's path. A name without one is an argument of the model's estimator or a setting of
    its recipe. It takes the given value; for a list, such as ``[3, 5]``, the values of the list are searched.

    Parameters
    ----------
    entry_point, given, models
        As ``kedro_arguments`` takes them.

    Returns
    -------
    dict
        Nested parameters of the run.

    Raises
    ------
    ConfigurationError
        A name has no meaning for this entry point, or a value cannot be recorded.

    Examples
    --------
    >>> given = {"model": "xgboost", "max_depth": "4", "n_estimators": "50"}
    >>> parameters("training", given, {"xgboost": {"search": {"space": {"max_depth": [3, 5]}}}})
    {'models': {'xgboost': {'search': {'space': {'max_depth': [4]}}, 'fixed': {'n_estimators': 50}}}}
    """
    model = _model(entry_point, given, models)
    changed = []
    for name in [name for name in given if name not in _own(entry_point)]:
        if "." in name and entry_point != SERVE:
            changed.append(_recordable(name, given[name]))
        elif model is not None:
            changed.append(_setting(model, models[model], name, given[name]))
        else:
            _refuse(entry_point, name, models)
    return _read(changed)


def _own(entry_point: str) -> tuple[str, ...]:
    return OWN.get(entry_point, ("env",))


def _model(entry_point: str, given: Texts, models: Models) -> str | None:
    """Return the one model that was asked for, ``None`` for all."""
    model = given.get("model", ALL_MODELS) if "model" in _own(entry_point) else ALL_MODELS
    if model not in (ALL_MODELS, *models):
        raise ConfigurationError(
            f"There is no model '{model}' in environment '{given['env']}'.",
            expected=f"one of {', '.join([ALL_MODELS, *models])}",
            got=f"-P model={model}",
            fix=f"the parameter, or conf/{given['env']}/parameters/models.yml",
        )
    return None if model == ALL_MODELS else model


def _setting(model: str, entry: Mapping[str, Any], name: str, text: str) -> str:
    """Set one argument or setting of a model. What the YAML searches is searched over the given values only."""
    listed, search = text.startswith("["), entry.get("search") or {}
    room = next((space for space in ("space", "recipe_space") if name in (search.get(space) or {})), None)
    if room is None and not listed:
        return f"models.{model}.fixed.{name}={text}"
    return f"models.{model}.search.{room or 'space'}.{name}={text if listed else f'[{text}]'}"


def _recordable(path: str, text: str) -> str:
    """Set a parameter by its path. MLflow has already recorded it as it was written, and accepts no second spelling."""
    (value,) = _read([f"value={text}"]).values()
    recorded = value if isinstance(value, str) else json.dumps(value)
    if not isinstance(value, dict) and shlex.quote(text) != recorded:
        raise ConfigurationError(
            f"The value of '{path}' is written differently from the value that MLflow records.",
            expected=f"one value without spaces, written as it is recorded: {recorded}",
            got=f"-P {path}={text}",
            fix=f"write the value as shown above; to give a list, change the file in conf that holds '{path}'",
        )
    return f"{path}={text}"


def _read(changed: Sequence[str]) -> dict[str, Any]:
    """Read ``path=value`` as ``kedro run --params`` does."""
    return dict(OmegaConf.to_container(OmegaConf.from_dotlist(list(changed))))  # type: ignore[arg-type]  # a mapping


def _refuse(entry_point: str, name: str, models: Models) -> NoReturn:
    own = _own(entry_point)
    paths = "" if entry_point == SERVE else ", or a parameter's path such as split.seed"
    named = f"add -P model=... (one of {', '.join(models)})"
    setting = f"if it is an argument of a model, {named}; otherwise " if "model" in own else ""
    raise ConfigurationError(
        f"The entry point '{entry_point}' has no parameter '{name}'.",
        expected=", ".join(own) + paths,
        got=f"-P {name}=...",
        fix=f"{setting}correct the name",
    )
