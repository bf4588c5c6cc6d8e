"""Which characteristics are kept, and why the others are dropped."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def find_repeats(weighed: pd.DataFrame, information: Mapping[str, float], maximum: float) -> dict[str, str]:
    r"""Find characteristics that repeat a better one.

    In order of falling information value, each is kept unless its weights of evidence w have
    :math:`|\mathrm{corr}(w, w')| >` ``maximum`` (Pearson) with those of a kept characteristic.

    Parameters
    ----------
    weighed
        Weights of evidence, shape (rows, characteristics); none is missing.
    information
        Information value by column of ``weighed``.
    maximum
        Largest allowed correlation, in (0, 1]; with 1 none is found.

    Returns
    -------
    dict
        Reason by characteristic; it names the kept characteristic with the largest correlation.

    Raises
    ------
    ValueError
        ``maximum`` is not in (0, 1].

    Examples
    --------
    >>> weighed = pd.DataFrame({"delay": [-1.0, 0.0, 1.0], "echo": [1.0, 0.1, -1.0], "age": [1.0, 0.0, 1.0]})
    >>> find_repeats(weighed, {"delay": 0.5, "echo": 0.4, "age": 0.1}, 0.8)
    {'echo': 'correlation -1.00 with delay'}
    """
    if not 0 < maximum <= 1:
        raise ValueError(f"maximum_correlation must be above 0 and at most 1, got {maximum}")
    if maximum == 1:
        return {}
    columns = [str(name) for name in weighed]
    correlation = _correlations(weighed.to_numpy(np.float64))
    kept: list[int] = []
    reasons = {}
    for place in sorted(range(len(columns)), key=lambda place: -information[columns[place]]):
        nearest = max(kept, key=lambda better: abs(correlation[place, better]), default=None)
        if nearest is None or abs(correlation[place, nearest]) <= maximum:
            kept.append(place)
        else:
            reasons[columns[place]] = f"correlation {correlation[place, nearest]:.2f} with {columns[nearest]}"
    return reasons


def _correlations(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson correlations, shape (columns, columns); 0 for a column that does not vary."""
    centred = values - values.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    unit = centred / np.where(length > 0, length, 1.0)
    return np.asarray(unit.T @ unit)


def table(information: Mapping[str, float], bins: Mapping[str, int], dropped: Mapping[str, str]) -> pd.DataFrame:
    """List the kept and the dropped characteristics.

    Parameters
    ----------
    information, bins
        Information value and number of bins by characteristic.
    dropped
        Reason by dropped characteristic.

    Returns
    -------
    pandas.DataFrame
        One row per characteristic, by falling information value: ``characteristic``, ``bins``, ``information_value``,
        ``kept``, ``reason`` (empty where it is kept).

    Examples
    --------
    >>> table({"age": 0.01, "delay": 0.5}, {"age": 2, "delay": 4}, {"age": "information value 0.0100"}).values.tolist()
    [['delay', 4, 0.5, True, ''], ['age', 2, 0.01, False, 'information value 0.0100']]
    """
    rows = [(name, bins[name], information[name], name not in dropped, dropped.get(name, "")) for name in information]
    found = pd.DataFrame(rows, columns=["characteristic", "bins", "information_value", "kept", "reason"])
    return found.sort_values("information_value", ascending=False, kind="stable", ignore_index=True)
