"""Permutation importance: how much of its quality a model loses when a column is shuffled."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from credit_pipeline.core import Outcome, Values
from credit_pipeline.modelling.explanation.sampled_rows import draw_rows
from credit_pipeline.modelling.features.feature_origins import sources
from credit_pipeline.modelling.metrics.uncertainty import Z, share_below
from credit_pipeline.modelling.scoring import answers
from credit_pipeline.modelling.scoring.scoring_model import gives_probability


def permutation_importance(
    model: Pipeline,
    applications: pd.DataFrame,
    outcome: Outcome,
    *,
    rows: int = 2000,
    repeats: int = 5,
    seed: int = 42,
    threads: int = 1,
) -> pd.DataFrame:
    r"""Shuffle every raw and derived column in turn, before the recipe, and measure the loss of the model.

    Everything that the recipe makes from a column changes with it. A derived column is shuffled alone, and so is a raw
    column that others are derived from: the model may find the same information in the other column. Two columns with
    the same information both look unimportant.

    Each row i has an effect :math:`d_i`, the mean over the repeats. For a regressor it is the rise of
    :math:`|y_i - \hat y_i|`, and the importance :math:`\bar d` has the interval :math:`\bar d \pm z s`, with
    :math:`s^2 = \operatorname{var}(d) / n`. For a classifier it is the fall of the share of payers below a default, or
    of defaults above a payer, and :math:`s^2` is the sum over both, as DeLong's for two models on the same rows. So the
    interval covers the chance in the rows *and* in the shuffles; the repeats alone would show only that of the
    shuffles. z is 1.96.

    Parameters
    ----------
    model
        Fitted: derived columns, recipe, estimator.
    applications, outcome
        Raw columns and outcome of rows that it was not fitted on, shapes (n, columns) and (n,).
    rows
        Maximum number of rows to use; their order does not matter.
    repeats
        Shuffles of each column; all columns have the same ones.
    seed
        Of the draw of rows and of the shuffles.
    threads
        Columns at a time; the result does not depend on it.

    Returns
    -------
    pandas.DataFrame
        One row per column, the most important first: ``feature``, ``importance``, ``lower``, ``upper``, in AUC for a
        classifier, in the target's unit for a regressor. A column that the recipe drops has 0 everywhere.

    Raises
    ------
    ValueError
        There are no repeats, or fewer than two rows, for a classifier fewer than two of each outcome: they have no
        variance.

    References
    ----------
    L. Breiman, "Random forests", *Machine Learning* 45 (2001) 5-32, section 10. E. DeLong, D. DeLong,
    D. Clarke-Pearson, *Biometrics* 44 (1988) 837-845.
    """
    features, truth = model[:1].transform(applications), np.asarray(outcome, dtype=np.float64)
    chosen = draw_rows(features.assign(**{_OUTCOME: truth}), rows, seed=seed)
    features, truth = features.iloc[chosen].reset_index(drop=True), truth[chosen]
    groups = _groups(truth, by_outcome=gives_probability(model))
    shuffles = _shuffles(len(truth), repeats, seed)
    asked, table, parts = _before_or_after_the_recipe(model, features)
    before = answers(asked, table)

    def estimate(name: str) -> tuple[str, float, float, float]:
        after = _answers(asked, table, parts[name], shuffles, before)
        risen = _losses(after, truth, groups) - _losses(before[None], truth, groups)
        return name, *_with_interval(risen.mean(axis=0), groups)

    with ThreadPoolExecutor(threads) as pool:
        found = pd.DataFrame(pool.map(estimate, parts), columns=["feature", "importance", "lower", "upper"])
    return found.sort_values("importance", ascending=False, kind="stable", ignore_index=True)


_OUTCOME = "\0outcome"  # No column has this name.


def _shuffles(rows: int, repeats: int, seed: int) -> NDArray[np.intp]:
    if repeats < 1:
        raise ValueError(f"an importance needs repeats, got {repeats}")
    return np.random.default_rng(seed).permuted(np.tile(np.arange(rows), (repeats, 1)), axis=1)


def _groups(truth: Values, *, by_outcome: bool) -> list[NDArray[np.bool_]]:
    """Group the rows whose effects are averaged together: defaults and payers of a classifier, all of a regressor."""
    groups = [truth == 1, truth == 0] if by_outcome else [np.ones(len(truth), dtype=bool)]
    if min(counts := [int(group.sum()) for group in groups]) < 2:  # noqa: PLR2004 - one row has no variance
        of = "defaults and payers" if by_outcome else "rows"
        raise ValueError(f"an importance needs at least 2 {of}, got {' and '.join(map(str, counts))}")
    return groups


def _before_or_after_the_recipe(
    model: Pipeline, features: pd.DataFrame
) -> tuple[BaseEstimator, pd.DataFrame, dict[str, list[str]]]:
    """Choose the estimator to use, its input table, and the columns of that table that belong to each feature.

    If the recipe makes every output from one column, row by row, shuffling its outputs is the same as shuffling the
    column, and the recipe is applied only once.
    """
    names = [str(name) for name in features.columns]
    if (known := sources(model["recipe"])) is None:
        return model[1:], features, {name: [name] for name in names}
    parts = {name: [feature for feature, source in known.items() if source == name] for name in names}
    return model[2:], model["recipe"].transform(features), parts


def _answers(
    asked: BaseEstimator, table: pd.DataFrame, part: list[str], shuffles: NDArray[np.intp], before: Values
) -> Values:
    """Answers with some columns shuffled together, shape (repeats, n), computed at once.

    A row that draws the value it had keeps its answer: for whole numbers and categories these are many rows.
    """
    here, drawn_from = np.tile(np.arange(len(table)), len(shuffles)), shuffles.ravel()
    changed = np.zeros(len(here), dtype=bool)
    for name in part:
        codes = pd.factorize(table[name])[0]  # Here all missing values are equal.
        changed |= codes[here] != codes[drawn_from]
    found = before[here]
    if changed.any():
        copies = table.iloc[here[changed]].assign(**{name: table[name].array[drawn_from[changed]] for name in part})
        found[changed] = answers(asked, copies)
    return found.reshape(shuffles.shape)


def _losses(answered: Values, truth: Values, groups: list[NDArray[np.bool_]]) -> Values:
    """Loss of every row, misplacement or absolute error, of answers of shape (repeats, n)."""
    if len(groups) == 1:
        return np.abs(answered - truth)
    losses, (defaults, payers) = np.zeros_like(answered), groups
    losses[:, defaults] = [1 - share_below(row[defaults], row[payers]) for row in answered]
    losses[:, payers] = [1 - share_below(-row[payers], -row[defaults]) for row in answered]
    return losses


def _with_interval(effects: Values, groups: list[NDArray[np.bool_]]) -> tuple[float, float, float]:
    # Both groups have the same mean effect: every pair of a default and a payer counts once in each.
    importance = float(effects[groups[0]].mean())
    margin = Z * float(np.sqrt(sum(effects[group].var(ddof=1) / group.sum() for group in groups)))
    return importance, importance - margin, importance + margin
