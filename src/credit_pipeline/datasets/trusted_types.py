"""Fitted objects without pickle: skops files that hold only types from a list in our own code."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile

import skops.io
from sklearn.base import BaseEstimator

from credit_pipeline.core import dotted_path
from credit_pipeline.core.public_names import with_public_names
from credit_pipeline.datasets import canonical_skops
from credit_pipeline.errors import RegistryError

# Never built from the file that is to be loaded: a file must not say which code it may run.
TRUSTED_TYPES = (
    "catboost.core.CatBoostClassifier",
    "catboost.core.CatBoostRegressor",
    "collections.OrderedDict",
    "collections.defaultdict",
    "credit_pipeline.modelling.estimators.BetaMap",
    "credit_pipeline.modelling.estimators.Calibrated",
    "credit_pipeline.modelling.estimators.EventWeighted",
    "credit_pipeline.modelling.estimators.IsotonicMap",
    "credit_pipeline.modelling.estimators.NeuralNetworkClassifier",
    "credit_pipeline.modelling.estimators.PlainNames",
    "credit_pipeline.modelling.estimators.ProphetRegressor",
    "credit_pipeline.modelling.estimators.ScorecardRegression",
    "credit_pipeline.modelling.estimators.SeasonalNaive",
    "credit_pipeline.modelling.features.RowFeatures",
    "credit_pipeline.modelling.features.WeightOfEvidence",
    "credit_pipeline.modelling.scoring.ProbabilityModel",
    "credit_pipeline.modelling.scoring.ValueModel",
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
    """Read a fitted object from skops; one written by a former version may name classes as they were called then.

    Raises
    ------
    RegistryError
        The file holds a type that is not trusted; nothing of it is built.
    """
    with _named_publicly(path) as file:
        return skops.io.load(file, trusted=_trusted(file, path.name))


def trusted_types(path: Path) -> list[str]:
    """Give the trusted types that a file holds: those listed here, and those of packages that were allowed.

    Raises
    ------
    RegistryError
        It holds others.
    """
    with _named_publicly(path) as file:
        return _trusted(file, path.name)


def _trusted(file: Path, name: str) -> list[str]:
    found = _untrusted(file, name)
    if refused := [kind for kind in found if kind not in TRUSTED_TYPES and not _is_allowed(kind)]:
        raise RegistryError(
            f"{name} holds types that may not be stored or loaded.",
            expected="types of datasets.trusted_types.TRUSTED_TYPES, or of a package in settings.ALLOWED_PACKAGES",
            got=", ".join(refused),
            fix="use an estimator or recipe made of trusted types, or add a type that you have read to TRUSTED_TYPES",
        )
    return found


@contextmanager
def _named_publicly(path: Path) -> Iterator[Path]:
    """Give the file, or a copy of it for the time being in which former names are replaced by public ones."""
    try:
        with ZipFile(path) as written:
            schema = written.read(canonical_skops.SCHEMA).decode()
    except (BadZipFile, KeyError, ValueError, EOFError, OSError) as error:
        raise _damaged(path.name, error) from error
    if with_public_names(schema) == schema:
        yield path
        return
    with TemporaryDirectory() as folder:
        copy = Path(shutil.copy(path, folder))
        canonical_skops.rewrite(copy)
        yield copy


def _untrusted(file: Path, name: str) -> list[str]:
    try:
        return sorted(skops.io.get_untrusted_types(file=file))
    except (BadZipFile, KeyError, ValueError, EOFError) as error:
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> RegistryError:
    return RegistryError(
        f"{name} is damaged.",
        expected="a skops file, as it was written",
        got=type(error).__name__,
        fix="restore the file, or train the model again",
    )


def _is_allowed(type_name: str) -> bool:
    return type_name.split(".", maxsplit=1)[0] in dotted_path.added_packages()
