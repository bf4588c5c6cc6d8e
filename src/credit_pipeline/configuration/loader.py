"""Kedro's configuration loader, in which a parameter given to a run keeps the other keys of its group."""

from typing import Any

import yaml
from kedro.config import OmegaConfigLoader
from omegaconf import OmegaConf

from credit_pipeline.core import public_name
from credit_pipeline.errors import ConfigurationError


class ProjectConfigLoader(OmegaConfigLoader):
    """Merge the parameters of a run into the merged base and environment; replace former names by public ones.

    Kedro merges them into each of the two separately. The environment's key then replaces the whole key of base, so
    that ``--params split.seed=7`` would lose every other key of ``split``.
    """

    _given: dict[str, Any] | None = None

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Load one kind of configuration.

        Raises
        ------
        ConfigurationError
            A file is not valid YAML.
        """
        try:
            return {name: _named_publicly(value) for name, value in self._loaded(key).items()}
        except yaml.MarkedYAMLError as error:
            raise _invalid_yaml(error) from error

    def _loaded(self, key: str) -> dict[str, Any]:
        if key != "parameters" or not self.runtime_params:
            found: dict[str, Any] = super().__getitem__(key)
            return found
        self._given, self.runtime_params = self.runtime_params, {}
        try:
            plain = super().__getitem__(key)
        finally:
            self.runtime_params, self._given = self._given, None
        merged = OmegaConf.to_container(OmegaConf.merge(plain, self.runtime_params))
        return {str(name): value for name, value in merged.items()} if isinstance(merged, dict) else {}

    def _get_runtime_value(self, variable: str, *default: Any) -> Any:  # noqa: ANN401  # whatever the YAML holds
        """Let ``${runtime_params:...}`` see them although they are hidden from Kedro's own merge."""
        hidden, self.runtime_params = self.runtime_params, self._given or self.runtime_params
        try:
            return super()._get_runtime_value(variable, *default)
        finally:
            self.runtime_params = hidden


def _named_publicly(value: Any) -> Any:  # noqa: ANN401  # whatever the YAML holds
    if isinstance(value, dict):
        return {key: _named_publicly(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_named_publicly(inner) for inner in value]
    return public_name(value) if isinstance(value, str) else value


def _invalid_yaml(error: yaml.MarkedYAMLError) -> ConfigurationError:
    mark = error.problem_mark
    where = f"{mark.name}, line {mark.line + 1}, column {mark.column + 1}" if mark else "a file of conf"
    return ConfigurationError(
        "A configuration file is not valid YAML.", expected="YAML", got=f"{error.problem or error.context}", fix=where
    )
