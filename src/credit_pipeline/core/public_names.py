"""Public names of all objects that YAML, a catalog or a stored model may name, and their former names.

A public name is a name in a package, never in a module within it: modules move, and stored models and files written by
hand must still find the object. Stored models are written with public names only.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

_PACKAGE: Final = "credit_pipeline"

# By package: each name with the module that defines it, and then the modules that defined it before.
_NAMES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "datasets": {
            "AcceptedApplications": ("datasets.validators",),
            "FittedObject": ("datasets.files",),
            "JsonDocument": ("datasets.files",),
            "ParquetTable": ("datasets.files",),
            "PngFigure": ("datasets.files",),
            "Provenance": ("datasets.provenance",),
            "RawApplicants": ("datasets.validators",),
            "RawApplications": ("datasets.validators",),
            "RawTableDataset": ("datasets.raw.raw_table", "datasets.raw_table"),
            "SpreadsheetTable": ("datasets.spreadsheet",),
            "SqlTableDataset": ("datasets.raw.sql_table", "datasets.sql_table"),
            "TextFile": ("datasets.files",),
        },
        "modelling.estimators": {
            "BetaMap": ("modelling.estimators.calibration_map", "modelling.calibration_map"),
            "Calibrated": ("modelling.estimators.calibration", "modelling.calibration"),
            "EventWeighted": ("modelling.estimators.event_weighting", "modelling.event_weighting"),
            "IsotonicMap": ("modelling.estimators.calibration_map", "modelling.calibration_map"),
            "NeuralNetworkClassifier": ("modelling.estimators.neural_network", "modelling.neural_network"),
            "PlainNames": ("modelling.estimators.safe_names", "modelling.feature_names"),
            "ProphetRegressor": ("modelling.estimators.prophet", "modelling.prophet_regressor"),
            "ScorecardRegression": ("modelling.estimators.scorecard_regression", "modelling.scorecard_regression"),
            "SeasonalNaive": ("modelling.estimators.seasonal_naive", "modelling.seasonal_naive"),
        },
        "modelling.features": {
            "RowFeatures": ("modelling.features.row_features", "modelling.features"),
            "WeightOfEvidence": ("modelling.features.weight_of_evidence", "modelling.weight_of_evidence"),
        },
        "modelling.scoring": {
            "ProbabilityModel": ("modelling.scoring.scoring_model", "modelling.scoring_model"),
            "ValueModel": ("modelling.scoring.scoring_model", "modelling.scoring_model"),
        },
        "tracking": {
            "ModelRun": ("tracking.model_run", "datasets.model_run"),
            "RegistryAlias": ("tracking.registry", "datasets.registry"),
            "RegistryVersion": ("tracking.registry", "datasets.registry"),
        },
        # The module of a use case is deleted with its folder of conf, so the module itself is the public place.
        "use_cases.credit_cards": {"credit_card_features": ("modelling.features",)},
        "use_cases.generated_loans": {"GeneratedLoans": ("datasets.generated_loans",)},
        "use_cases.temperature": {
            "forecast_rows": ("modelling.weather_rows",),
            "next_rows": ("modelling.weather_rows",),
        },
    }
)


def _pairs() -> Iterator[tuple[str, str]]:
    for package, names in _NAMES.items():
        for name, modules in names.items():
            for module in modules:
                yield f"{_PACKAGE}.{module}.{name}", f"{_PACKAGE}.{package}.{name}"


PUBLIC: Final[Mapping[str, str]] = MappingProxyType(dict(_pairs()))
"""Public name by dotted path: that of the definition today, and those of former versions."""

_STORED = re.compile(r'"__class__": "(\w+)",(\s*)"__module__": "(credit_pipeline[\w.]*)"')


def public_name(path: str) -> str:
    """Return the public name of the object that a dotted path names; other paths are returned unchanged.

    Examples
    --------
    >>> public_name("credit_pipeline.modelling.calibration.Calibrated")
    'credit_pipeline.modelling.estimators.Calibrated'
    >>> public_name("sklearn.linear_model.Ridge")
    'sklearn.linear_model.Ridge'
    """
    return PUBLIC.get(path, path)


def with_public_names(schema: str) -> str:
    """Return the schema of a skops file with the public name of every class of this project.

    Parameters
    ----------
    schema
        The text of ``schema.json``. skops writes class and module of each object side by side.
    """

    def renamed(found: re.Match[str]) -> str:
        module, _, name = public_name(f"{found[3]}.{found[1]}").rpartition(".")
        return f'"__class__": "{name}",{found[2]}"__module__": "{module}"'

    return _STORED.sub(renamed, schema)
