"""How a model's answer depends on one column, with the other columns unchanged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from credit_pipeline.modelling.explanation.sampled_rows import draw_rows
from credit_pipeline.modelling.features import Columns
from credit_pipeline.modelling.scoring import answers

NUMBER: Final = "number"
CATEGORY: Final = "category"
SPECIAL_CODE: Final = "special code"
MISSING: Final = "missing"

_BAND = (0.1, 0.9)
_MOST_CATEGORIES = 20


@dataclass(frozen=True)
class _Cell:
    """A value that the column is set to in all rows, and the number of rows that have it or a value near it."""

    kind: str
    value: object
    rows: int


def partial_dependence(
    model: Pipeline,
    applications: pd.DataFrame,
    columns: Sequence[str],
    roles: Columns,
    *,
    rows: int = 1000,
    points: int = 20,
    seed: int = 42,
) -> pd.DataFrame:
    r"""Answer the same applicants repeatedly, with one column set to each value of a grid.

    At value v of column j the answer is the mean of :math:`f(x_i)` over the rows i, with :math:`x_{ij} = v` and the
    other columns unchanged. The band contains the middle 80 % of the single :math:`f(x_i)`. The column is set after the
    derived columns were computed: columns derived from it keep their values, and so do the columns that it is derived
    from.

    The grid of a number consists of its quantiles at the middles of equal shares, or of all its values if there are not
    more. Special codes and missing values that occur are separate points. The grid of a category consists of its 20
    most frequent values.

    Parameters
    ----------
    model
        Fitted: derived columns, recipe, estimator.
    applications
        Raw columns, shape (n, columns).
    columns
        Raw or derived columns, at least one, without repetition.
    roles
        Which columns are categories, and the special codes of numbers.
    rows
        Maximum number of applications to use; their order does not matter.
    points
        Maximum number of points in the grid of a number.
    seed
        Of the draw of rows.

    Returns
    -------
    pandas.DataFrame
        One row per point, by column in the given order, numbers ascending, then special codes, then missing:
        ``feature``, ``kind`` (``number``, ``category``, ``special code``, ``missing``), ``value`` (a number; missing
        for texts and for missing values), ``label``, ``mean``, ``lower``, ``upper`` (probability of default, or the
        target's unit) and ``share``: the share of rows that have the value; for numbers, of rows whose value is nearer
        to this point than to any other. The shares of a column add up to 1 unless categories were left out.

    References
    ----------
    J. Friedman, "Greedy function approximation", *Annals of Statistics* 29 (2001) 1189-1232. A. Goldstein and others,
    "Peeking inside the black box", *Journal of Computational and Graphical Statistics* 24 (2015) 44-65, the band.
    """
    features = model[:1].transform(applications)
    asked = features.iloc[draw_rows(features, rows, seed=seed)].reset_index(drop=True)
    grids = {name: list(_cells(asked[name], name, roles, points)) for name in columns}
    found = [_asked_about(model[1:], asked, name, grid) for name, grid in grids.items()]
    return pd.concat(found, ignore_index=True)


def _cells(values: pd.Series, name: str, roles: Columns, points: int) -> Iterator[_Cell]:
    known = values.dropna()
    if name in roles.categorical:
        frequent = known.value_counts().head(_MOST_CATEGORIES)
        yield from (_Cell(CATEGORY, value, int(frequent[value])) for value in sorted(frequent.index))
    else:
        codes = sorted(set(roles.special_codes.get(name, ())) & set(known))
        yield from _ordinary(known[~known.isin(codes)].to_numpy(np.float64), points)
        yield from (_Cell(SPECIAL_CODE, code, int((known == code).sum())) for code in codes)
    if len(known) < len(values):
        yield _Cell(MISSING, np.nan, len(values) - len(known))


def _ordinary(numbers: NDArray[np.float64], points: int) -> Iterator[_Cell]:
    distinct = np.unique(numbers)
    if len(distinct) > points:
        middles = (np.arange(points) + 0.5) / points
        # Values that occur: the average of two whole numbers may not be whole.
        distinct = np.unique(np.quantile(numbers, middles, method="inverted_cdf"))
    borders = (distinct[1:] + distinct[:-1]) / 2
    counts = np.bincount(np.searchsorted(borders, numbers, side="right"), minlength=len(distinct))
    yield from (_Cell(NUMBER, value, int(count)) for value, count in zip(distinct, counts, strict=True))


def _asked_about(model: Pipeline, asked: pd.DataFrame, name: str, cells: Sequence[_Cell]) -> pd.DataFrame:
    copies = asked.iloc[np.tile(np.arange(len(asked)), len(cells))]
    values = pd.Series([cell.value for cell in cells], dtype=asked[name].dtype)
    copies = copies.assign(**{name: values.repeat(len(asked)).array})
    answered = answers(model, copies).reshape(len(cells), len(asked))
    lower, upper = np.quantile(answered, _BAND, axis=1)
    return pd.DataFrame(
        {
            "feature": name,
            "kind": [cell.kind for cell in cells],
            "value": pd.to_numeric(pd.Series([cell.value for cell in cells], dtype=object), errors="coerce"),
            "label": [_label(cell) for cell in cells],
            "mean": answered.mean(axis=1),
            "lower": lower,
            "upper": upper,
            "share": [cell.rows / len(asked) for cell in cells],
        }
    )


def _label(cell: _Cell) -> str:
    if cell.kind == MISSING:
        return MISSING
    return f"{cell.value:g}" if isinstance(cell.value, int | float | np.number) else str(cell.value)
