"""Exact Shapley contributions of the columns to single answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from credit_pipeline.core import Values
from credit_pipeline.modelling.explanation.fitted_trees import trees_of
from credit_pipeline.modelling.explanation.tree_shapley import shapley_values
from credit_pipeline.modelling.features.feature_origins import sources
from credit_pipeline.modelling.scoring import answers
from credit_pipeline.modelling.scoring.scoring_model import gives_probability

LOG_ODDS: Final = "log odds"
PROBABILITY: Final = "probability"
VALUE: Final = "value"
LOGARITHM: Final = "logarithm of the value"

_ROUNDING = (
    1e-4  # Relative to the sum of sizes: the rounding error of a few hundred trees in single precision, with a margin.
)


@dataclass(frozen=True)
class Contributions:
    """The contribution of each column to each answer.

    Attributes
    ----------
    table
        Shape (rows, columns), with the index of the applications; a positive contribution raises the answer.
    base
        The answer when nothing is known about an applicant.
    unit
        ``log odds`` of default (a classifier), ``probability`` of default (a forest, which averages those of its
        trees), ``value`` (the target's own unit), or ``logarithm of the value`` (a regressor with a logarithmic link,
        such as Poisson's).
    """

    table: pd.DataFrame = field(repr=False)
    base: float
    unit: str

    @property
    def margin(self) -> Values:
        """The answers in ``unit``, shape (rows,): base and contributions added up."""
        return np.asarray(self.base + self.table.to_numpy().sum(axis=1))


@dataclass(frozen=True)
class _Parts:
    """Contributions by feature of the estimator's input, and the margin that they add up to.

    ``averages``: the margin is a mean of answers, and so the answer itself.
    """

    values: Values
    base: float
    margin: Values
    averages: bool = False


def contributions(
    model: Pipeline, applications: pd.DataFrame, background: pd.DataFrame | None = None
) -> Contributions | None:
    r"""Split every answer into the contributions of the raw and derived columns.

    For applicant x the margin f(x), the log odds of default, a forest's probability of default or the value, is

    .. math:: f(x) = \phi_0 + \sum_j \phi_j(x)

    with Shapley's :math:`\phi_j`: the mean change of the expected margin when column j becomes known, over all orders
    in which columns can become known. For a linear model with coefficients :math:`b_j` the expectation is over the rows
    of the background, with the known values set in every row: :math:`\phi_j = b_j (x_j - \bar x_j)`. For trees the
    expectation is over the training rows in each branch: XGBoost and LightGBM compute their own Tree SHAP, the trees of
    scikit-learn are read. All contributions are exact for their expectation. The outputs that a recipe makes from one
    column, such as its one-hot parts, are added up.

    Parameters
    ----------
    model
        Fitted: derived columns, recipe, estimator.
    applications
        Raw columns, shape (rows, columns), at least one row.
    background
        Raw columns of the rows whose mean answer is the base of a linear model, such as train; by default the
        applications. Trees do not need it.

    Returns
    -------
    Contributions or None
        Base and contributions add up to the margin within 1e-6, relative to it above 1: the rounding error of single
        precision is distributed in proportion to the contributions. ``None`` for an estimator without a cheap exact
        method, such as a neural network, and for one whose answer is not a known function of its margin.

    References
    ----------
    S. Lundberg, S.-I. Lee, "A unified approach to interpreting model predictions", *NeurIPS* 2017. S. Lundberg and
    others, "From local explanations to global understanding with explainable AI for trees", *Nature Machine
    Intelligence* 2 (2020) 56-67.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> from credit_pipeline.modelling.features.row_features import RowFeatures
    >>> table = pd.DataFrame({"income": [1.0, 2.0, 3.0]})
    >>> steps = {"features": RowFeatures(), "recipe": FunctionTransformer(), "estimator": LinearRegression()}
    >>> model = Pipeline(list(steps.items())).fit(table, [10.0, 20.0, 30.0])
    >>> found = contributions(model, table)
    >>> round(found.base, 6), found.table["income"].round(6).tolist()
    (20.0, [-10.0, 0.0, 10.0])
    """
    explain = next((known for name, known in _BY_ATTRIBUTE.items() if hasattr(model[-1], name)), _of_sklearn)
    has_answer = hasattr(model, "predict_proba") or not gives_probability(model)
    if not len(applications) or not has_answer:
        return None
    made = model[:-1].transform(applications)
    parts = explain(model[-1], made, made if background is None else model[:-1].transform(background))
    unit = _unit(parts, answers(model[-1:], made), gives_probability(model)) if parts else None
    if parts is None or unit is None:
        return None
    values = pd.DataFrame(parts.values, index=applications.index, columns=list(made.columns))
    return Contributions(_by_column(values, sources(model["recipe"])), parts.base, unit)


def _by_column(values: pd.DataFrame, known: Mapping[str, str] | None) -> pd.DataFrame:
    return values if known is None else values.T.groupby(list(known.values()), sort=False).sum().T


def _unit(parts: _Parts, answers: Values, is_probability: bool) -> str | None:
    """Find by trial which function of the margin the answers are."""
    of_probability = {PROBABILITY: np.asarray} if parts.averages else {LOG_ODDS: expit}
    tried = of_probability if is_probability else _LINKS
    return next(
        (unit for unit, link in tried.items() if np.allclose(link(parts.margin), answers, rtol=_ROUNDING, atol=1e-6)),
        None,
    )


def _of_linear(estimator: BaseEstimator, made: pd.DataFrame, background: pd.DataFrame) -> _Parts | None:
    coefficients, values = np.asarray(estimator.coef_, dtype=np.float64), made.to_numpy(np.float64)
    if coefficients.size != values.shape[1]:
        return None  # Several classes or targets.
    coefficients, mean = coefficients.ravel(), background.to_numpy(np.float64).mean(axis=0)
    base = float(np.ravel(estimator.intercept_)[0] + (coefficients * mean).sum())
    margin = (values * coefficients).sum(axis=1) + np.ravel(estimator.intercept_)[0]
    return _Parts(coefficients * (values - mean), base, margin)


def _of_xgboost(estimator: BaseEstimator, made: pd.DataFrame, _: pd.DataFrame) -> _Parts | None:
    from xgboost import DMatrix  # noqa: PLC0415  # slow to import, and linear models do not need it

    matrix = DMatrix(made, missing=estimator.missing, enable_categorical=estimator.enable_categorical)
    trees = (0, getattr(estimator, "best_iteration", -1) + 1)  # (0, 0) is all of them.
    predict = estimator.get_booster().predict
    margin = predict(matrix, output_margin=True, iteration_range=trees)
    return _of_trees(predict(matrix, pred_contribs=True, iteration_range=trees), margin)


def _of_lightgbm(estimator: BaseEstimator, made: pd.DataFrame, _: pd.DataFrame) -> _Parts | None:
    return _of_trees(estimator.predict(made, pred_contrib=True), estimator.predict(made, raw_score=True))


def _of_sklearn(estimator: BaseEstimator, made: pd.DataFrame, _: pd.DataFrame) -> _Parts | None:
    trees = trees_of(estimator)
    if trees is None:
        return None
    values, base = shapley_values(trees, made.to_numpy(np.float64))
    return _Parts(values, base, base + values.sum(axis=1), averages=trees.averages)


def _of_trees(reported: object, margins: object) -> _Parts | None:
    """Split what boosted trees report, contributions and in the last column the base, shape (rows, features + 1)."""
    both, margin = np.asarray(reported, dtype=np.float64), np.asarray(margins, dtype=np.float64)
    if margin.ndim != 1 or both.ndim != 2:  # noqa: PLR2004  # several classes or targets
        return None
    values, base = both[:, :-1], float(both[0, -1])
    rest, size = margin - (base + values.sum(axis=1)), np.abs(values)
    total = size.sum(axis=1, keepdims=True)
    if (np.abs(rest) > _ROUNDING * (1 + abs(base) + total.ravel())).any():
        return None
    share = np.divide(size, total, out=np.full_like(size, 1 / size.shape[1]), where=total > 0)
    return _Parts(values + rest[:, None] * share, base, margin)


_LINKS: Mapping[str, Callable[[Values], Values]] = MappingProxyType(
    {VALUE: np.asarray, LOGARITHM: np.exp, LOG_ODDS: expit}
)
_BY_ATTRIBUTE: Mapping[str, Callable[[BaseEstimator, pd.DataFrame, pd.DataFrame], _Parts | None]] = MappingProxyType(
    {"get_booster": _of_xgboost, "booster_": _of_lightgbm, "coef_": _of_linear}
)
