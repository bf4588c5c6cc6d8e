"""The steps from the parts of a split to an evaluated model. A run takes them for every model, the canary for one."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from credit_pipeline.core import Estimate
from credit_pipeline.errors import TrainingError
from credit_pipeline.modelling.features import RowFeatures, build, columns
from credit_pipeline.modelling.metrics import Sample, estimate
from credit_pipeline.modelling.scoring import answers, cut_off
from credit_pipeline.modelling.scoring.score_stability import SCORE_PSI, score_stability
from credit_pipeline.modelling.scoring.scoring_model import OUTCOME, answer_name
from credit_pipeline.modelling.splitting import row_keys, schemes
from credit_pipeline.modelling.training.evaluation import SearchSummary
from credit_pipeline.modelling.training.search_plan import Progress
from credit_pipeline.modelling.training.training import Assignment, Trained, train
from credit_pipeline.spec import DataSpec, FeaturesSpec, RecipeSpec, TrainingSpec

ROW_KEY = "row_key"


def derive(part: pd.DataFrame, data: DataSpec, features: FeaturesSpec) -> pd.DataFrame:
    """Add the row-wise features to a part; identifier, date, group and target stay beside them.

    Parameters
    ----------
    part
        Train or test, shape (rows, columns).
    data, features
        The contract, and the function that derives the features.
    """
    made = RowFeatures(features.function, data.inputs).fit_transform(part)
    return _beside(part, list(data.beside), made)


def fit_recipe(
    train_features: pd.DataFrame, recipe: RecipeSpec, data: DataSpec, features: FeaturesSpec
) -> tuple[BaseEstimator, pd.DataFrame]:
    """Fit a recipe on the whole training part; return it and the part as it makes it, with the target first.

    Parameters
    ----------
    train_features
        As from ``derive``.
    recipe, data, features
        The recipe, the contract, and the directions that the recipe must keep.
    """
    roles = columns.roles(train_features, data, features.direction)
    fitted = build(recipe.function, roles, recipe.settings, recipe.leave_out)
    inputs = train_features[columns.inputs(train_features, data)]
    made = fitted.fit_transform(inputs, schemes.outcome(train_features, data))
    return fitted, _beside(train_features, [data.target], pd.DataFrame(made))


def apply_recipe(fitted: BaseEstimator, part_features: pd.DataFrame, data: DataSpec) -> pd.DataFrame:
    """Transform another part with a fitted recipe; the target comes first.

    Parameters
    ----------
    fitted, part_features
        The recipe as from ``fit_recipe``, and a part as from ``derive``.
    data
        The contract.
    """
    made = fitted.transform(part_features[columns.inputs(part_features, data)])
    return _beside(part_features, [data.target], pd.DataFrame(made))


def _beside(part: pd.DataFrame, kept: list[str], made: pd.DataFrame) -> pd.DataFrame:
    joined: pd.DataFrame = pd.concat([part[kept], made], axis="columns")
    joined.attrs = dict(part.attrs)
    return joined


def train_named(
    name: str,
    assigned: Assignment,
    train_features: pd.DataFrame,
    fitted_recipe: BaseEstimator,
    train_table: pd.DataFrame,
    *,
    progress: Progress | None = None,
) -> Trained:
    """Train a model as ``train`` does, and name it where it cannot be trained.

    Parameters
    ----------
    name
        The entry of ``models.yml``.
    assigned, train_features, fitted_recipe, train_table, progress
        As for ``train``.

    Raises
    ------
    TrainingError
        The estimator cannot be fitted on what the recipe makes.
    """
    try:
        return train(assigned, train_features, fitted_recipe, train_table, progress=progress)
    except (ValueError, TypeError) as error:
        lines = str(error).strip().splitlines() or [""]
        raise TrainingError(
            f"The model '{name}' cannot be trained.",
            expected=f"that {assigned.model.estimator} can be fitted on what the recipe "
            f"'{assigned.model.recipe}' makes",
            got=f"{type(error).__name__}: {lines[0]}",
            fix=f"models.{name} in conf/<environment>/parameters/models.yml: its recipe, its arguments",
        ) from error


@dataclass(frozen=True)
class Tested:
    """A model on the test part: outcomes and answers, and its metrics with their intervals by name."""

    sample: Sample
    estimates: Mapping[str, Estimate]


def measure_on_test(
    model: Pipeline, summary: SearchSummary, test: pd.DataFrame, data: DataSpec, training: TrainingSpec
) -> Tested:
    """Let a model answer the test part, and measure its answers.

    Parameters
    ----------
    model, summary
        The fitted model, which takes raw columns, and the record of its search.
    test
        The test part, shape (rows, columns).
    data, training
        The contract; metrics, bootstrap, cut-off.
    """
    cluster = schemes.keys_of(test, data).group
    sample = Sample(schemes.outcome(test, data), answers(model, test), summary.naive_error, cluster)
    estimates = estimate(training.metrics, sample, resamples=training.bootstrap, seed=training.seed)
    if summary.score_bins is not None:
        estimates[SCORE_PSI] = score_stability(summary.score_bins, sample.answer, cluster)
    if training.cut_off is not None and (limit := summary.metrics.get(cut_off.CUT_OFF)) is not None:
        estimates |= cut_off.describe_cut_off(limit, sample.outcome, sample.answer, training.cut_off.profit)
    return Tested(sample, estimates)


def predictions_table(model: Pipeline, test: pd.DataFrame, tested: Tested, data: DataSpec) -> pd.DataFrame:
    """Make the table of stored answers on the test part: the key of each row, its outcome, the answer.

    Parameters
    ----------
    model, test
        As for ``measure_on_test``.
    tested
        What it returned.
    data
        The contract.
    """
    keys = row_keys(test, data.identifier)
    return pd.DataFrame({ROW_KEY: keys, OUTCOME: tested.sample.outcome, answer_name(model): tested.sample.answer})
