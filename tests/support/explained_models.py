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
from credit_pipeline.modelling.features.columns import Columns
from credit_pipeline.modelling.features.recipes import build
from credit_pipeline.modelling.features.row_features import RowFeatures

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
    """Accounts: who uses much of the limit, is late or rents defaults more often; noise tells nothing."""
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
