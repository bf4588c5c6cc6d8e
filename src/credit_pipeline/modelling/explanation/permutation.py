"""How much of a model's quality hangs on each column: what is lost when the column is shuffled."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from credit_pipeline.core import Outcome, Values
from credit_pipeline.modelling.explanation.sampled_rows import draw_rows
from credit_pipeline.modelling.features.feature_origins import sources
from credit_pipeline.modelling.metrics.uncertainty.delong import Z, share_below
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
    r"""Shuffle every raw and derived column in turn, before the recipe, and see what the model loses.

    All that a recipe makes of a column moves with it. A derived column is shuffled by itself and so is a raw one that
    others are derived of: the model may read the same news in its kin, and two columns that tell the same look
    unimportant each.

    Each row i has an effect :math:`d_i`, the mean over the repeats. Of a regressor it is the rise of
    :math:`|y_i - \hat y_i|`, and the importance :math:`\bar d` has the interval :math:`\bar d \pm z s`, with
    :math:`s^2 = \operatorname{var}(d) / n`. Of a classifier it is the fall of the share of payers below a default, or
    of defaults above a payer, and :math:`s^2` adds up over both as DeLong has it for two models on the same rows. The
    interval so covers what chance there is in the rows *and* in the shuffles; repeats alone would tell of the shuffles
    only. z is 1.96.

    Parameters
    ----------
    model
        Fitted: derived columns, recipe, estimator.
    applications, outcome
        Raw columns and outcome of rows that it was not fitted on, shapes (n, columns) and (n,).
    rows
        How many of them are asked about at most; their order does not matter.
    repeats
        Shuffles of each column, the same ones for all.
    seed
        Of the draw of rows and of the shuffles.
    threads
        Columns at a time. The result does not depend on it.

    Returns
    -------
    pandas.DataFrame
        One row a column, the weightiest first: ``feature``, ``importance``, ``lower``, ``upper``. AUC of a classifier,
        the target's unit of a regressor. A column that the recipe drops has 0 throughout.

    Raises
    ------
    ValueError
        There is no repeat, or there are fewer than two rows, of a classifier two of each outcome, which have no
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
    """Rows whose effects are averaged apart: defaults and payers of a classifier, all of a regressor."""
    groups = [truth == 1, truth == 0] if by_outcome else [np.ones(len(truth), dtype=bool)]
    if min(counts := [int(group.sum()) for group in groups]) < 2:  # noqa: PLR2004 - one row has no variance
        of = "defaults and payers" if by_outcome else "rows"
        raise ValueError(f"an importance needs 2 {of} at least, got {' and '.join(map(str, counts))}")
    return groups


def _before_or_after_the_recipe(
    model: Pipeline, features: pd.DataFrame
) -> tuple[BaseEstimator, pd.DataFrame, dict[str, list[str]]]:
    """Who is asked, about which table, and which of its columns each feature is.

    Where every feature of the recipe is made of one column alone, row by row, shuffling what it made of the column is
    shuffling the column, and the recipe needs to be applied once only.
    """
    names = [str(name) for name in features.columns]
    if (known := sources(model["recipe"])) is None:
        return model[1:], features, {name: [name] for name in names}
    parts = {name: [feature for feature, source in known.items() if source == name] for name in names}
    return model[2:], model["recipe"].transform(features), parts


def _answers(
    asked: BaseEstimator, table: pd.DataFrame, part: list[str], shuffles: NDArray[np.intp], before: Values
) -> Values:
    """Answers with some columns shuffled together, shape (repeats, n), asked for at once.

    A row that draws what it had keeps its answer: of whole numbers and categories that is many.
    """
    here, drawn_from = np.tile(np.arange(len(table)), len(shuffles)), shuffles.ravel()
    changed = np.zeros(len(here), dtype=bool)
    for name in part:
        codes = pd.factorize(table[name])[0]  # In which a missing value equals another.
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
    # Each group has the mean effect: every pair of a default and a payer counts once for either.
    importance = float(effects[groups[0]].mean())
    margin = Z * float(np.sqrt(sum(effects[group].var(ddof=1) / group.sum() for group in groups)))
    return importance, importance - margin, importance + margin
