"""Fitted objects without pickle: skops files that hold only types from a list in our own code."""

from pathlib import Path
from zipfile import BadZipFile

import skops.io
from sklearn.base import BaseEstimator

from credit_pipeline.core import dotted_path
from credit_pipeline.datasets import canonical_skops
from credit_pipeline.errors import RegistryError

# Never built from the file that is to be loaded: a file must not say which code it may run.
TRUSTED_TYPES = (
    "catboost.core.CatBoostClassifier",
    "catboost.core.CatBoostRegressor",
    "collections.OrderedDict",
    "collections.defaultdict",
    "credit_pipeline.modelling.estimators.calibration.Calibrated",
    "credit_pipeline.modelling.estimators.calibration_map.BetaMap",
    "credit_pipeline.modelling.estimators.calibration_map.IsotonicMap",
    "credit_pipeline.modelling.estimators.event_weighting.EventWeighted",
    "credit_pipeline.modelling.estimators.safe_names.PlainNames",
    "credit_pipeline.modelling.features.row_features.RowFeatures",
    "credit_pipeline.modelling.estimators.neural_network.NeuralNetworkClassifier",
    "credit_pipeline.modelling.estimators.prophet.ProphetRegressor",
    "credit_pipeline.modelling.estimators.scorecard_regression.ScorecardRegression",
    "credit_pipeline.modelling.scoring.scoring_model.ProbabilityModel",
    "credit_pipeline.modelling.scoring.scoring_model.ValueModel",
    "credit_pipeline.modelling.estimators.seasonal_naive.SeasonalNaive",
    "credit_pipeline.modelling.features.weight_of_evidence.WeightOfEvidence",
    "interpret.glassbox._ebm._ebm.ExplainableBoostingClassifier",
    "interpret.glassbox._ebm._ebm.ExplainableBoostingRegressor",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRegressor",
    "numpy.dtype",
    "sklearn.compose._column_transformer._RemainderColsList",
    "sklearn._loss.link.HalfLogitLink",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
    "xgboost.sklearn.XGBRegressor",
)
"""Types that a stored object may hold beside scikit-learn's plain estimators, which skops trusts itself."""


def dump_trusted(fitted: BaseEstimator, path: Path) -> None:
    """Write a fitted object as skops.

    Raises
    ------
    RegistryError
        It holds a type that is not trusted, so it could not be loaded again.
    """
    skops.io.dump(fitted, path)
    canonical_skops.rewrite(path)
    trusted_types(path)


def load_trusted(path: Path) -> BaseEstimator:
    """Read a fitted object from skops.

    Raises
    ------
    RegistryError
        The file holds a type that is not trusted; nothing of it is built.
    """
    return skops.io.load(path, trusted=trusted_types(path))


def trusted_types(path: Path) -> list[str]:
    """Give the trusted types that a file holds: those listed here, and those of packages that were allowed.

    Raises
    ------
    RegistryError
        It holds others.
    """
    found = _untrusted(path)
    if untrusted := [name for name in found if name not in TRUSTED_TYPES and not _is_allowed(name)]:
        raise RegistryError(
            f"{path.name} holds types that may not be stored or loaded.",
            expected="types of datasets.trusted_types.TRUSTED_TYPES, or of a package in settings.ALLOWED_PACKAGES",
            got=", ".join(untrusted),
            mend="use an estimator or recipe made of trusted types, or add a type that you have read to TRUSTED_TYPES",
        )
    return found


def _untrusted(path: Path) -> list[str]:
    try:
        return sorted(skops.io.get_untrusted_types(file=path))
    except (BadZipFile, KeyError, ValueError, EOFError) as error:
        raise RegistryError(
            f"{path.name} is damaged.",
            expected="a skops file, as it was written",
            got=type(error).__name__,
            mend="restore the file, or train the model again",
        ) from error


def _is_allowed(type_name: str) -> bool:
    return type_name.split(".", maxsplit=1)[0] in dotted_path.added()
