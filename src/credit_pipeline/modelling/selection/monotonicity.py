"""Whether the risk of a fitted model rises or falls with a number as the configuration requires."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from credit_pipeline.modelling.scoring import answers
from credit_pipeline.spec import DataSpec

_ROWS, _POINTS = 200, 9
_TOLERANCE = 1e-6  # of the largest answer: rounding of single precision


def wrong_directions(
    model: Pipeline, applications: pd.DataFrame, spec: DataSpec, direction: Mapping[str, int]
) -> dict[str, str]:
    """Name the columns for which the risk runs in the wrong direction, by changing one number of the same applicants.

    At most 200 rows are answered with the number set to each of its 9 deciles, the other columns unchanged. Special
    codes are left out.

    Parameters
    ----------
    model
        Fitted: derived columns, recipe, estimator.
    applications
        Raw columns, shape (rows, columns).
    spec
        The contract.
    direction
        By raw or derived column: 1 if the risk must rise with it, -1 if it must fall.

    Returns
    -------
    dict
        By column with a wrong direction: a text with the share of such rows and the largest step.
    """
    features = model[:1].transform(applications)
    asked = features.iloc[np.linspace(0, len(features) - 1, min(_ROWS, len(features))).astype(int)]
    found = {
        name: _wrong_way(model[1:], asked, name, _grid(features[name], name, spec), sign)
        for name, sign in direction.items()
    }
    return {name: wrong for name, wrong in found.items() if wrong}


def _grid(values: pd.Series, name: str, spec: DataSpec) -> NDArray[np.float64]:
    codes = list(spec.columns[name].special_codes) if name in spec.columns else []
    ordinary = values[values.notna() & ~values.isin(codes)]
    return np.unique(np.quantile(ordinary, np.arange(1, _POINTS + 1) / (_POINTS + 1))) if len(ordinary) else np.empty(0)


def _wrong_way(model: Pipeline, asked: pd.DataFrame, name: str, grid: NDArray[np.float64], sign: int) -> str:
    if len(grid) < 2:  # noqa: PLR2004  # one point has no direction
        return ""
    answered = np.column_stack([answers(model, asked.assign(**{name: point})) for point in grid])
    steps = sign * np.diff(answered, axis=1)
    wrong = (steps < -_TOLERANCE * np.abs(answered).max()).any(axis=1)
    if not wrong.any():
        return ""
    way = "falls" if sign > 0 else "rises"
    return f"the risk {way} with it for {wrong.mean():.0%} of the applicants, by up to {-steps.min():.3f} in a step"
