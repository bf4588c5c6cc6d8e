"""The comparable models of a leaderboard, compared by their stored answers on the test part."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from credit_pipeline.errors import SplitMismatchError
from credit_pipeline.modelling.metrics import Sample, metric_named
from credit_pipeline.modelling.scoring.cut_off import CUT_OFF
from credit_pipeline.modelling.scoring.scoring_model import answers_in
from credit_pipeline.modelling.selection import ranking
from credit_pipeline.modelling.selection.comparison import COLUMNS, compare
from credit_pipeline.modelling.selection.scorecard_cost import cost, simple_model
from credit_pipeline.modelling.splitting import row_keys, schemes
from credit_pipeline.modelling.training import Evaluation
from credit_pipeline.modelling.training.lifecycle import ROW_KEY
from credit_pipeline.spec import DataSpec, TrainingSpec

AUC = "roc_auc"


def answered_test_rows(
    test: pd.DataFrame,
    predictions: Mapping[str, pd.DataFrame],
    results: Mapping[str, Evaluation],
    data: DataSpec,
) -> dict[str, Sample]:
    """Give the test part with the answers of each model, by model, in the order of the leaderboard.

    Parameters
    ----------
    test
        The test part, shape (rows, columns).
    predictions, results
        By model, in the order of the leaderboard: the stored answers, and the evaluation that they belong to.
    data
        The contract.

    Raises
    ------
    SplitMismatchError
        The answers of a model belong to other rows.
    """
    keys = row_keys(test, data.identifier)
    for name, table in predictions.items():
        if not np.array_equal(table[ROW_KEY].to_numpy(), keys):
            raise _of_other_rows(name)
    found = schemes.keys_of(test, data)
    scale = next((result.naive_error for result in results.values()), 1.0)
    return {name: Sample(found.outcome, answers_in(table), scale, found.group) for name, table in predictions.items()}


def _of_other_rows(model: str) -> SplitMismatchError:
    return SplitMismatchError(
        f"The predictions of '{model}' do not belong to the rows of the test part.",
        expected="a prediction for each row of 'test', in its order",
        got="other rows",
        fix=f"kedro run --pipelines training --tags {model}",
    )


def comparison_table(
    samples: Mapping[str, Sample],
    results: Mapping[str, Evaluation],
    against: str | None,
    spec: TrainingSpec,
    ratio: float,
) -> pd.DataFrame:
    """Compare every model with one, in the challenger's metric and, for a classification, in AUC.

    Parameters
    ----------
    samples
        As ``answered_test_rows`` gives them.
    results
        By model: the evaluation that the answers belong to.
    against
        The challenger; ``None`` takes the first of the leaderboard.
    spec
        Names the metric, and has the settings of the bootstrap.
    ratio
        As ``schemes.held_out_ratio`` gives it.

    Returns
    -------
    pandas.DataFrame
        See ``comparison.compare``; without rows if nothing can be compared.
    """
    metric = spec.challenger.metric
    names = dict.fromkeys([AUC, metric] if metric_named(metric).task == "classification" else [metric])
    reference = against if against in samples else next(iter(samples), None)
    if reference is None:
        return pd.DataFrame(columns=list(COLUMNS))
    folds = {name: ranking.folds_of(results, name, ratio) for name in names}
    return compare(samples, folds, reference, resamples=spec.bootstrap, seed=spec.seed)


def cost_of_scorecard(
    samples: Mapping[str, Sample],
    results: Mapping[str, Evaluation],
    models: Mapping[str, tuple[str, str]],
    spec: TrainingSpec,
) -> dict[str, object]:
    """Report what the scorecard, or the model nearest to one, costs against the best other model of the leaderboard.

    Both models approve the share that the best model approves at its cut-off; without such a share they approve 80 %.

    Parameters
    ----------
    samples, results
        As in ``comparison_table``.
    models
        By model: recipe function and estimator, as YAML names them.
    spec
        Names the metric, and so the task.

    Returns
    -------
    dict
        ``Cost.document()``. ``sentence`` is ``None`` for a regression, and if there is no such model.
    """
    simple = simple_model({name: named for name, named in models.items() if name in samples})
    others: Sequence[str] = [name for name in samples if name != simple]
    if metric_named(spec.challenger.metric).task != "classification" or simple is None or not others:
        return {"sentence": None}
    share = float(np.mean(samples[others[0]].answer < results[others[0]].metrics.get(CUT_OFF, 0.0)))
    approved = {"approval_rate": share} if 0 < share < 1 else {}
    return cost(samples, simple, others[0], **approved).document()
