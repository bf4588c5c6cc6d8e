"""Small fitted models of every kind on an invented loan book, for the tests of explanations."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.pipeline import Pipeline
from xgboost import XGBClassifier, XGBRegressor

from credit_pipeline.modelling.estimators.scorecard_regression import ScorecardRegression
from credit_pipeline.modelling.explanation import Explanation, explain
from credit_pipeline.modelling.features.columns import Columns
from credit_pipeline.modelling.features.recipes import build
from credit_pipeline.modelling.features.row_features import RowFeatures
from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.scoring.scoring_model import answers
from credit_pipeline.spec import DataSpec, TrainingSpec

COLUMNS = Columns(
    numeric=("utilisation", "income", "delay", "noise"),
    categorical=("housing",),
    special_codes={"delay": (-1, -2)},
)
CLASSIFIERS: dict[str, tuple[str, BaseEstimator]] = {
    "logistic": ("one_hot", LogisticRegression()),
    "scorecard": ("weight_of_evidence", ScorecardRegression()),
    "xgboost": ("ordinal", XGBClassifier(n_estimators=40, max_depth=3, n_jobs=1)),
    "forest": ("ordinal", RandomForestClassifier(20, min_samples_leaf=10, random_state=0)),
    "histogram_boosting": ("ordinal", HistGradientBoostingClassifier(max_iter=20, max_depth=3)),
}
REGRESSORS: dict[str, tuple[str, BaseEstimator]] = {
    "ridge": ("one_hot", Ridge()),
    "poisson": ("one_hot", PoissonRegressor()),
    "xgboost_value": ("ordinal", XGBRegressor(n_estimators=40, max_depth=3, n_jobs=1)),
    "xgboost_count": ("ordinal", XGBRegressor(n_estimators=40, max_depth=3, objective="count:poisson", n_jobs=1)),
    "forest_value": ("ordinal", RandomForestRegressor(20, min_samples_leaf=10, random_state=0)),
}

if find_spec("lightgbm"):  # A person may add it; the project does not ask for it.
    _lightgbm, _few = import_module("lightgbm"), {"n_estimators": 40, "num_leaves": 7, "n_jobs": 1, "verbose": -1}
    CLASSIFIERS["lightgbm"] = ("ordinal", _lightgbm.LGBMClassifier(**_few))
    REGRESSORS["lightgbm_value"] = ("ordinal", _lightgbm.LGBMRegressor(**_few))


@cache
def book(rows: int = 1_200, seed: int = 4) -> pd.DataFrame:
    """Accounts: who uses much of the limit, is late or rents defaults more often; noise is noise."""
    generator = np.random.default_rng(seed)
    income = generator.lognormal(10, 0.5, rows)
    return pd.DataFrame(
        {
            "utilisation": generator.random(rows),
            "income": np.where(generator.random(rows) < 0.1, np.nan, income),
            "delay": generator.choice([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0], rows, p=[0.1, 0.1, 0.5, 0.15, 0.1, 0.05]),
            "noise": generator.normal(size=rows),
            "housing": generator.choice(["own", "rent", "free"], rows),
        }
    )


def _log_odds(table: pd.DataFrame) -> NDArray[np.float64]:
    late = table["delay"].clip(lower=0) + 1.0 * (table["delay"] == -2)
    found = -2.5 + 2.5 * table["utilisation"] + 0.8 * late + 0.8 * (table["housing"] == "rent")
    return found.to_numpy(np.float64)


@cache
def defaults(rows: int = 1_200, seed: int = 4) -> NDArray[np.int_]:
    """1 = default, by row of ``book``."""
    risk = 1 / (1 + np.exp(-_log_odds(book(rows, seed))))
    return (np.random.default_rng(seed + 1).random(rows) < risk).astype(np.int_)


@cache
def losses(rows: int = 1_200, seed: int = 4) -> NDArray[np.float64]:
    """Whole numbers of missed instalments, 0 and more, by row of ``book``."""
    return np.random.default_rng(seed + 1).poisson(np.exp(0.5 * _log_odds(book(rows, seed)))).astype(np.float64)


@cache
def fitted(name: str) -> Pipeline:
    """The three steps of a model."""
    function, estimator = {**CLASSIFIERS, **REGRESSORS}[name]
    outcome = defaults() if name in CLASSIFIERS else losses()
    recipe = build(function, COLUMNS, {})
    model = Pipeline([("features", RowFeatures()), ("recipe", recipe), ("estimator", estimator)])
    return model.fit(book(), outcome)


CONTRACT_COLUMNS = {
    "utilisation": {"role": "numeric"},
    "income": {"role": "numeric", "missing": True},
    "delay": {"role": "numeric", "special_codes": {-1: "paid", -2: "no use"}},
    "noise": {"role": "numeric"},
    "housing": {"role": "categorical", "type": "text", "categories": {"own": "", "rent": "", "free": ""}},
}
RULE = {"metrics": ["roc_auc", "brier"], "challenger": {"minimum": 0.5}, "bootstrap": 50, "segments": ["housing"]}


def specified(name: str) -> tuple[DataSpec, TrainingSpec]:
    """Contract and training settings for a model of that name."""
    classification = name in CLASSIFIERS
    target = {"role": "target", "type": "integer"} if classification else {"role": "target"}
    columns = {**CONTRACT_COLUMNS, "outcome": target}
    data = {"task": "classification" if classification else "regression", "columns": columns}
    rule = RULE if classification else {**RULE, "metrics": ["mae"], "challenger": {"metric": "mae", "minimum": 9}}
    return DataSpec.model_validate(data), TrainingSpec.model_validate(rule)


def explained(name: str, model: Pipeline | None = None) -> Explanation:
    """The explanation of a model on the book."""
    found = model or fitted(name)
    sample = Sample(defaults() if name in CLASSIFIERS else losses(), answers(found, book()))
    return explain(found, book(), sample, *specified(name))


def hourly(role: str) -> tuple[Explanation, DataSpec, TrainingSpec]:
    """A regressor explained by segments of twelve hours, a column of that role; with what was specified."""
    model = fitted("ridge")
    rows = book().assign(hour=np.arange(len(book())) % 12)
    codes = {"type": "integer", "categories": dict.fromkeys(range(12), "")} if role == "categorical" else {}
    columns = {**CONTRACT_COLUMNS, "hour": {"role": role, **codes}, "outcome": {"role": "target"}}
    rule = {**RULE, "segments": ["hour"], "metrics": ["mae", "mase"], "challenger": {"metric": "mase", "minimum": 9}}
    data = DataSpec.model_validate({"task": "regression", "columns": columns})
    training = TrainingSpec.model_validate(rule)
    sample = Sample(losses(), answers(model, rows), scale=2.0)
    return explain(model, rows, sample, data, training), data, training
