"""Points: a logistic regression on weights of evidence, as a table of points that add up to the score."""

from math import log

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from credit_pipeline.core import public_name
from credit_pipeline.modelling.estimators.wrapped_classifier import unwrap
from credit_pipeline.modelling.features import WeightOfEvidence
from credit_pipeline.spec import PointsSpec

OTHERWISE = "otherwise"
_REGRESSIONS = {
    "credit_pipeline.modelling.estimators.ScorecardRegression",
    "sklearn.linear_model.LogisticRegression",
}


def is_scorecard(recipe: str, estimator: str) -> bool:
    """Check whether a model can be written as points: a logistic regression on weights of evidence.

    Parameters
    ----------
    recipe, estimator
        Recipe function and estimator, as YAML names them.
    """
    return recipe == "weight_of_evidence" and public_name(estimator) in _REGRESSIONS


def score(probability: ArrayLike, scaling: PointsSpec) -> NDArray[np.float64]:
    r"""Scale probabilities of default to points.

    .. math:: S = S_0 + \frac{D}{\ln 2} \ln \frac{(1 - p) / p}{O_0}

    S is the score of the probability of default p, :math:`S_0` the base points of an applicant with the base odds
    :math:`O_0` (payers to one default), D the points that double the odds.

    Parameters
    ----------
    probability
        Shape (n,), between 0 and 1, without 0 and 1.
    scaling
        Points that double the odds, base odds, base points.

    References
    ----------
    N. Siddiqi, *Intelligent Credit Scoring*, 2nd ed., Wiley 2017, chapter 10.

    Examples
    --------
    Odds of 50 to 1 have the base points, and twice these odds have 20 points more:

    >>> score([1 / 51, 1 / 101], PointsSpec()).round(6).tolist()
    [600.0, 620.0]
    """
    risk = np.asarray(probability, dtype=np.float64)
    points: NDArray[np.float64] = scaling.base_points + _factor(scaling) * (
        np.log((1 - risk) / risk) - log(scaling.base_odds)
    )
    return points


def points_table(recipe: WeightOfEvidence, regression: BaseEstimator, scaling: PointsSpec) -> pd.DataFrame:
    r"""Give the points of every bin; the points of an applicant's bins add up exactly to the score.

    With k characteristics of coefficients :math:`b_j`, the intercept :math:`b_0` and factor :math:`f = D / \ln 2`, bin
    i of characteristic j has

    .. math:: P_{ij} = \frac{S_0 - f \ln O_0 - f b_0}{k} - f b_j \mathrm{WoE}_{ij}

    points. The minus signs arise because the regression gives the log odds of default, and the score those of payment.

    Parameters
    ----------
    recipe
        Fitted.
    regression
        Fitted on the recipe's output: ``coef_`` and ``intercept_``.
    scaling
        Points that double the odds, base odds, base points.

    Returns
    -------
    pandas.DataFrame
        One row per bin of every characteristic with a coefficient: ``characteristic``, ``bin``, ``count``, ``events``,
        ``event_rate``, ``weight_of_evidence``, ``coefficient``, ``points``, ``rounded_points``. The bin ``otherwise``
        is for values outside all bins; its weight of evidence is 0.
    """
    coefficients = dict(zip(recipe.kept_, np.ravel(regression.coef_), strict=True))
    # If all coefficients are 0, everyone has the base points: they are spread over all kept characteristics.
    used = {name: value for name, value in coefficients.items() if value != 0} or coefficients
    table = _with_otherwise(recipe.table(), list(used))
    coefficient = table["characteristic"].map(used)
    base = scaling.base_points - _factor(scaling) * (log(scaling.base_odds) + float(np.ravel(regression.intercept_)[0]))
    points = base / len(used) - _factor(scaling) * coefficient * table["weight_of_evidence"]
    return table.assign(coefficient=coefficient, points=points, rounded_points=points.round().astype(int))


def selection_table(recipe: WeightOfEvidence, regression: BaseEstimator) -> pd.DataFrame:
    """Give every characteristic with its coefficient or, if it was dropped, the reason.

    Parameters
    ----------
    recipe
        Fitted.
    regression
        Fitted on the recipe's output: ``coef_``; one that drops characteristics gives the reasons in ``dropped_``.

    Returns
    -------
    pandas.DataFrame
        As ``WeightOfEvidence.selection`` gives it, with ``coefficient``. A characteristic that the regression dropped
        is not kept, has its reason, and the coefficient 0; one that the recipe dropped has no coefficient.
    """
    table = recipe.selection()
    dropped = getattr(unwrap(regression), "dropped_", {})
    coefficients = dict(zip(recipe.kept_, np.ravel(regression.coef_), strict=True))
    reasons = dict(zip(table["characteristic"], table["reason"], strict=True)) | dropped
    return table.assign(
        kept=[reason == "" for reason in reasons.values()],
        reason=list(reasons.values()),
        coefficient=table["characteristic"].map(coefficients).astype(float),
    )


def _factor(scaling: PointsSpec) -> float:
    return scaling.points_to_double_the_odds / log(2)


def _with_otherwise(bins: pd.DataFrame, used: list[str]) -> pd.DataFrame:
    kept = bins.loc[bins["characteristic"].isin(used)].drop(columns=["kind", "information_value"])
    nothing = {"bin": OTHERWISE, "count": 0, "events": 0, "event_rate": 0.0, "weight_of_evidence": 0.0}
    rest = pd.DataFrame([{"characteristic": name, **nothing} for name in used])
    order = pd.concat([kept, rest], ignore_index=True)
    place = order["characteristic"].map({name: position for position, name in enumerate(used)})
    return order.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)
