"""Whether a fitted model's risk runs with a number as a credit person says it must."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from credit_pipeline.modelling.scoring import answers
from credit_pipeline.spec import DataSpec

_ROWS, _POINTS = 200, 9
_TOLERANCE = 1e-6  # of the largest answer: what single precision makes of equal ones


def wrong_directions(
    model: Pipeline, applications: pd.DataFrame, spec: DataSpec, direction: Mapping[str, int]
) -> dict[str, str]:
    """Ask a fitted model about the same applicants with one number changed, and name where the risk runs the wrong way.

    Each of at most 200 rows is asked about at the 9 deciles of the number, all else as it is. Special codes are no
    amounts and are left out.

    Parameters
    ----------
    model
        Fitted: derived columns, recipe, estimator.
    applications
        Raw columns, shape (rows, columns).
    spec
        The contract.
    direction
        By raw or derived column: 1, the risk rises with it, -1, it falls.

    Returns
    -------
    dict
        By column that breaks its direction: in what share of the rows, and by how much at most.
    """
    features = model[:1].transform(applications)
    asked = features.iloc[np.linspace(0, len(features) - 1, min(_ROWS, len(features))).astype(int)]
    found = {
        name: _wrong_way(model[1:], asked, name, _grid(features[name], name, spec), sign)
        for name, sign in direction.items()
    }
    return {name: told for name, told in found.items() if told}


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
