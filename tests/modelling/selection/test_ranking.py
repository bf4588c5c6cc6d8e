from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.modelling.figures.many_models import figure_rows
from credit_pipeline.modelling.metrics.metrics import METRICS
from credit_pipeline.modelling.selection.ranking import CURRENT, RunIdentity, leaderboard, status
from credit_pipeline.modelling.training.evaluation import Evaluation
from stored_results import NAMES, RESULTS, TODAY, Stored, result


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (None, "not trained"),
        (result(roc_auc=0.8), CURRENT),
        (result(roc_auc=0.8, split_id="another"), "stale: another split"),
        (result(roc_auc=0.8, folds_id="others"), "stale: other folds"),
        (result(roc_auc=0.8, specification="other"), "stale: other settings"),
        # Another split has other folds as well: the first cause is named.
        (result(roc_auc=0.8, split_id="another", folds_id="others"), "stale: another split"),
    ],
)
def test_a_result_is_comparable_if_split_folds_and_settings_are_todays(
    stored: Evaluation | None, expected: str
) -> None:
    assert status("alpha", stored, TODAY) == expected


def test_settings_are_compared_by_model() -> None:
    run = RunIdentity("split", "folds", {"alpha": "old", "beta": "new"})
    stored = result(roc_auc=0.8, specification="new")
    assert status("alpha", stored, run) == "stale: other settings"
    assert status("beta", stored, run) == CURRENT


def test_comparable_rows_stand_first_by_the_metric_and_every_model_has_its_row() -> None:
    results = {
        "alpha": result(roc_auc=0.7),
        "beta": result(roc_auc=0.9, split_id="another"),
        "gamma": None,
        "delta": result(roc_auc=0.8),
    }
    table = leaderboard(results, TODAY, "roc_auc")
    assert table["model"].tolist() == ["delta", "alpha", "beta", "gamma"]
    assert table["status"].tolist() == [CURRENT, CURRENT, "stale: another split", "not trained"]
    assert table["cv_roc_auc_mean"].tolist()[:3] == [0.8, 0.7, 0.9]
    assert {"recipe", "candidates", "fit_seconds", "test_rows", "test_events", "test_roc_auc_lower"} < set(table)
    assert not any(name.startswith("_") for name in table)


def test_a_loss_ranks_the_smallest_first() -> None:
    results = {name: result(log_loss=loss) for name, loss in zip(NAMES, (0.5, 0.3, 0.4, 0.45), strict=True)}
    assert leaderboard(results, TODAY, "log_loss")["model"].tolist() == ["beta", "gamma", "delta", "alpha"]


@given(RESULTS, st.randoms(use_true_random=False))
def test_the_order_of_the_models_moves_no_rank(results: Stored, random: Random) -> None:
    names = list(results)
    random.shuffle(names)
    table, other = (
        leaderboard({name: results[name] for name in order}, TODAY, "log_loss") for order in (results, names)
    )
    current, other_current = (each[each["status"] == CURRENT] for each in (table, other))
    if current.empty:
        assert other_current.empty
    else:
        assert current["cv_log_loss_mean"].tolist() == other_current["cv_log_loss_mean"].tolist()
        assert current["cv_log_loss_mean"].is_monotonic_increasing


def test_the_figure_shows_comparable_rows_with_interval_and_challenger() -> None:
    results = {"alpha": result(roc_auc=0.8), "beta": result(roc_auc=0.9, split_id="another"), "gamma": None}
    table = leaderboard(results, TODAY, "roc_auc").assign(challenger=lambda rows: rows["model"] == "alpha")
    (row,) = figure_rows(table, "roc_auc")
    assert (row.model, row.is_challenger, row.n, row.metric_label) == ("alpha", True, 100, METRICS["roc_auc"].label)
    assert (row.cv_mean, row.cv_std) == (0.8, 0.01)
    assert (row.test_value, row.lower, row.upper) == pytest.approx((0.7, 0.65, 0.75))
