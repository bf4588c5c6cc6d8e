"""Metrics of a regression and their intervals."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from credit_pipeline.core import Interval
from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.metrics import score, score_all
from credit_pipeline.modelling.metrics.regression import mae_interval, r2_interval, rmse_interval
from credit_pipeline.modelling.metrics.uncertainty.influence import interval
from credit_pipeline.modelling.metrics.uncertainty.intervals import estimate

NAMES = ("r2", "mae", "rmse")
Values = NDArray[np.float64]


def sample(rows: int, seed: int) -> tuple[Values, Values]:
    generator = np.random.default_rng(seed)
    predicted = generator.normal(size=rows)
    return predicted + generator.normal(size=rows), predicted


def test_the_values_of_three_errors() -> None:
    # Errors 1, -1, 2: mean absolute 4/3, mean square 2; the target's mean square distance to its mean 5 is 14/3.
    observed, predicted = np.array([3.0, 4.0, 8.0]), np.array([2.0, 5.0, 6.0])
    found = score_all(NAMES, observed, predicted)
    assert found == pytest.approx({"r2": 1 - 2 / (14 / 3), "mae": 4 / 3, "rmse": 2**0.5})


@given(hnp.arrays(np.float64, (2, 20), elements=st.integers(-1000, 1000)))
def test_the_values_are_what_their_definitions_say(rows: Values) -> None:
    observed, predicted = rows
    observed[:2] = 0, 1  # two that differ
    errors, spread = observed - predicted, observed - observed.mean()
    found = score_all(NAMES, observed, predicted)
    assert found["mae"] == pytest.approx(np.abs(errors).mean())
    assert found["rmse"] == pytest.approx(np.sqrt((errors**2).mean()))
    assert found["r2"] == pytest.approx(1 - (errors @ errors) / (spread @ spread))


def test_the_scaled_error_is_a_multiple_of_the_naive_one() -> None:
    observed, predicted = np.array([3.0, 4.0, 8.0]), np.array([2.0, 5.0, 6.0])
    assert score("mase", observed, predicted, scale=2.0) == pytest.approx(2 / 3)
    plain, scaled = (estimate([name], Sample(observed, predicted, scale=2.0))[name] for name in ("mae", "mase"))
    assert (scaled.lower, scaled.upper) == pytest.approx((plain.lower / 2, plain.upper / 2))


@pytest.mark.parametrize("bounds", [mae_interval, rmse_interval, r2_interval])
def test_an_interval_covers_the_truth_as_often_as_it_says(bounds: Callable[[Sample], Interval]) -> None:
    # Standard normal errors on a target of variance 2.
    truth = {mae_interval: (2 / np.pi) ** 0.5, rmse_interval: 1.0, r2_interval: 0.5}[bounds]
    held = 0
    for seed in range(400):
        lower, upper = bounds(Sample(*sample(200, seed)))
        held += lower <= truth <= upper
    # 95 % of 400 is 380, with a standard deviation of 4.4.
    assert 364 <= held <= 396


def test_rows_that_err_together_widen_the_interval() -> None:
    # Every row four times: nothing more is known, so the interval stays as wide as that of the single rows.
    observed, predicted = sample(100, 1)
    alone = mae_interval(Sample(observed, predicted))
    repeated = (np.repeat(observed, 4), np.repeat(predicted, 4))
    together = mae_interval(Sample(*repeated, cluster=np.repeat(np.arange(100), 4)))
    assert together == pytest.approx(alone)
    believed = mae_interval(Sample(*repeated))
    assert believed[1] - believed[0] < 0.55 * (alone[1] - alone[0])


def test_one_cluster_gives_no_information_on_the_error() -> None:
    assert interval(1.0, np.array([1.0, -1.0]), np.array([0, 0])) == (-np.inf, np.inf)


@given(hnp.arrays(np.float64, 20, elements=st.floats(-1e6, 1e6)), st.integers(0, 99))
def test_every_interval_holds_its_value(errors: Values, seed: int) -> None:
    predicted = np.random.default_rng(seed).normal(size=20) * 1e3
    found = estimate(NAMES, Sample(predicted + errors + np.arange(20), predicted))
    assert all(one.lower <= one.value <= one.upper for one in found.values())


@pytest.mark.parametrize(
    ("observed", "predicted", "message"),
    [
        ([1.0, np.nan], [1.0, 2.0], "values are finite, 1 of 2 rows are not"),
        ([1.0, 2.0], [np.inf, 2.0], "values are finite, 1 of 2 rows are not"),
        ([1.0, 1.0], [1.0, 2.0], "two observed values that differ"),
        ([1.0, 2.0], [1.0], "one column each"),
    ],
)
def test_what_cannot_be_scored_is_refused(observed: list[float], predicted: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        score("mae", np.array(observed), np.array(predicted))


def test_metrics_of_two_tasks_do_not_go_together() -> None:
    with pytest.raises(ValueError, match="all metrics must have the same task"):
        score_all(["mae", "roc_auc"], np.array([0.0, 1.0]), np.array([0.0, 1.0]))
