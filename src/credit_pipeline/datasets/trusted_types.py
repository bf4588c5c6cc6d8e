"""Fitted objects without pickle: skops files that contain only types from a list in the source code."""

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

# Never read from the file that is loaded: a file must not decide which code it runs.
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
"""Types that a stored object may contain in addition to those of scikit-learn that skops itself trusts."""


def dump_trusted(fitted: BaseEstimator, path: Path) -> None:
    """Write a fitted object as skops.

    Raises
    ------
    RegistryError
        It contains a type that is not trusted, so it could not be loaded again.
    """
    skops.io.dump(fitted, path)
    canonical_skops.rewrite(path)
    trusted_types(path)


def load_trusted(path: Path) -> BaseEstimator:
    """Read a fitted object from skops; a file from an older version may have former names of classes.

    Raises
    ------
    RegistryError
        The file contains a type that is not trusted; no object is built.
    """
    with _named_publicly(path) as file:
        return skops.io.load(file, trusted=_trusted(file, path.name))


def trusted_types(path: Path) -> list[str]:
    """List the trusted types in a file: those listed here, and those of allowed packages.

    Raises
    ------
    RegistryError
        It contains other types.
    """
    with _named_publicly(path) as file:
        return _trusted(file, path.name)


def _trusted(file: Path, name: str) -> list[str]:
    found = _untrusted(file, name)
    if refused := [kind for kind in found if kind not in TRUSTED_TYPES and not _is_allowed(kind)]:
        raise RegistryError(
            f"{name} contains types that may not be stored or loaded.",
            expected="types of datasets.trusted_types.TRUSTED_TYPES, or of a package in settings.ALLOWED_PACKAGES",
            got=", ".join(refused),
            fix="use an estimator or recipe with trusted types, or add a type to TRUSTED_TYPES after reading its code",
        )
    return found


@contextmanager
def _named_publicly(path: Path) -> Iterator[Path]:
    """Yield the file, or a temporary copy in which former names are replaced by public names."""
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
        expected="a complete skops file",
        got=type(error).__name__,
        fix="restore the file, or train the model again",
    )


def _is_allowed(type_name: str) -> bool:
    return type_name.split(".", maxsplit=1)[0] in dotted_path.added_packages()
