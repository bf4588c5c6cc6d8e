import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from credit_pipeline.modelling.metrics.counts import count
from credit_pipeline.modelling.metrics.metrics import METRICS, metric_named, score, score_all

Sample = tuple[NDArray[np.int_], NDArray[np.float64]]

OF_PROBABILITIES = [name for name, metric in METRICS.items() if metric.task == "classification"]
RANK_METRICS = ("roc_auc", "gini", "ks", "average_precision", "h_measure", "lift_at_decile")

# Two payers at 0.1 and 0.4, two defaults at 0.3 and 0.8.
OUTCOME = np.array([0, 0, 1, 1])
PROBABILITY = np.array([0.1, 0.4, 0.3, 0.8])


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Up to 60 rows with both outcomes and many tied probabilities, some of them exactly 0 or 1."""
    rows = draw(st.integers(2, 60))
    outcome = draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 1)))
    outcome[:2] = 0, 1
    return outcome, draw(hnp.arrays(np.int_, rows, elements=st.integers(0, 12))) / 12


@pytest.mark.parametrize(
    ("name", "value"),
    [
        # Pairs (default, payer): .3>.1, .3<.4, .8>.1, .8>.4: three of four.
        ("roc_auc", 0.75),
        ("gini", 0.5),
        # At or below 0.1 lie half the payers and no default; at or below 0.4 all payers and half the defaults.
        ("ks", 0.5),
        # The squared errors 0.01, 0.16, 0.49 and 0.04, averaged.
        ("brier", 0.175),
        # -(ln 0.9 + ln 0.6 + ln 0.3 + ln 0.8) / 4
        ("log_loss", -(math.log(0.9) + math.log(0.6) + math.log(0.3) + math.log(0.8)) / 4),
        # Recall 1/2 at precision 1/1, recall 1 at precision 2/3: 1/2 + 1/2 * 2/3.
        ("average_precision", 5 / 6),
    ],
)
def test_metrics_have_the_values_worked_out_by_hand(name: str, value: float) -> None:
    assert score(name, OUTCOME, PROBABILITY) == pytest.approx(value, rel=1e-12)


def pairs_in_order(outcome: NDArray[np.int_], probability: NDArray[np.float64]) -> float:
    """Share of the pairs of a default and a payer in which the default has the greater probability; a tie is half."""
    gaps = probability[outcome == 1][:, None] - probability[outcome == 0]
    return float(np.mean((gaps > 0) + (gaps == 0) / 2))


def precision_over_recall(outcome: NDArray[np.int_], probability: NDArray[np.float64]) -> float:
    """Sum of precisions at falling cut-offs, each by the share of the defaults that the cut-off adds."""
    added = 0.0
    for cut_off in np.unique(probability):
        found = outcome[probability >= cut_off].mean()
        added += found * np.sum(outcome[probability == cut_off])
    return float(added / outcome.sum())


@given(samples())
def test_metrics_are_what_their_definitions_say_row_by_row(sample: Sample) -> None:
    # Without scikit-learn: the metrics call it.
    outcome, probability = sample
    scores = score_all(OF_PROBABILITIES, outcome, probability)
    of_outcome = np.where(outcome == 1, probability, 1 - probability)
    assert scores["roc_auc"] == pytest.approx(pairs_in_order(outcome, probability))
    assert scores["brier"] == pytest.approx(np.mean((1 - of_outcome) ** 2))
    assert scores["log_loss"] == pytest.approx(-np.mean(np.log(np.clip(of_outcome, 2**-52, 1 - 2**-52))))
    assert scores["average_precision"] == pytest.approx(precision_over_recall(outcome, probability))
    payers, defaults = (probability[outcome == kind] for kind in (0, 1))
    gaps = [np.mean(payers <= at) - np.mean(defaults <= at) for at in probability]
    assert scores["ks"] == pytest.approx(max(0, *gaps))


@given(samples())
def test_gini_is_twice_the_auc_less_one(sample: Sample) -> None:
    scores = score_all(["gini", "roc_auc"], *sample)
    assert scores["gini"] == pytest.approx(2 * scores["roc_auc"] - 1, abs=1e-12)


@given(samples())
def test_the_value_by_counts_is_the_value(sample: Sample) -> None:
    # What the bootstrap computes on a resample is what `score` computes on a sample.
    for metric in (METRICS[name] for name in OF_PROBABILITIES):
        if metric.value_by_counts is not None:
            (value,) = metric.value_by_counts(count(*sample))
            assert value == pytest.approx(metric.value(*sample), rel=1e-12, abs=1e-12)


@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(sample: Sample, random: Random) -> None:
    outcome, probability = sample
    order = np.array(random.sample(range(len(outcome)), len(outcome)))
    permuted = score_all(OF_PROBABILITIES, outcome[order], probability[order])
    assert permuted == pytest.approx(score_all(OF_PROBABILITIES, outcome, probability), rel=1e-12)


@given(samples())
def test_rank_metrics_see_the_order_of_probabilities_only(sample: Sample) -> None:
    outcome, probability = sample
    squashed = 0.2 + 0.5 * probability**3
    assert score_all(RANK_METRICS, outcome, squashed) == score_all(RANK_METRICS, outcome, probability)


@given(samples())
def test_auc_of_the_opposite_ranking_is_one_less_the_auc(sample: Sample) -> None:
    outcome, probability = sample
    assert score("roc_auc", outcome, 1 - probability) == pytest.approx(1 - score("roc_auc", outcome, probability))


def test_ks_gives_no_credit_to_a_model_that_ranks_upside_down() -> None:
    assert score("ks", np.array([0, 0, 1, 1]), np.array([0.8, 0.9, 0.1, 0.2])) == 0.0


def test_equal_probabilities_for_all_rank_nothing() -> None:
    scores = score_all(["roc_auc", "gini", "ks", "average_precision"], OUTCOME, np.full(4, 0.3))
    # Average precision of no ranking is the default rate, 2 of 4.
    assert scores == {"roc_auc": 0.5, "gini": 0.0, "ks": 0.0, "average_precision": 0.5}


def test_log_loss_of_one_certain_error_is_finite() -> None:
    # Held off 0 by the machine epsilon 2^-52: one of two rows costs 52 ln 2, the other nothing.
    assert score("log_loss", np.array([1, 0]), np.array([0.0, 0.0])) == pytest.approx(26 * math.log(2))


# Of probabilities: the good answer knows the odds of both groups, 1 to 3 and 3 to 1; the bad one ranks nothing and says
# too much. Of values: errors of 1, and errors of 10.
GROUPS = np.repeat([0, 1, 0, 1], [15, 5, 5, 15])
KNOWING, FEARFUL = np.repeat([0.25, 0.75], 20), np.tile([0.6, 0.9], 20)
AMOUNTS, SIGNS = np.arange(40.0), np.tile([-1, 1], 20)
ANSWERS = {"classification": (GROUPS, KNOWING, FEARFUL), "regression": (AMOUNTS, AMOUNTS + SIGNS, AMOUNTS + 10 * SIGNS)}


def scores_of_a_good_and_a_bad_answer(name: str) -> tuple[float, float]:
    observed, good, bad = ANSWERS[METRICS[name].task]
    return score(name, observed, good), score(name, observed, bad)


@pytest.mark.parametrize("name", METRICS)
def test_the_better_answer_scores_better_in_the_metrics_own_direction(name: str) -> None:
    good, bad = scores_of_a_good_and_a_bad_answer(name)
    metric = METRICS[name]
    better, worse = metric.goodness([good, bad])
    assert better > worse
    if metric.target is None:
        assert metric.greater_is_better == (good > bad)
    else:
        assert good == pytest.approx(metric.target, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "values", "goodness"),
    [
        ("roc_auc", [0.5, 0.75], [0.5, 0.75]),
        ("brier", [0.5, 0.25], [-0.5, -0.25]),
        ("calibration_slope", [0.5, 1.0, 1.25, np.nan], [-0.5, 0.0, -0.25, np.nan]),
        ("calibration_intercept", [-0.5, 0.25, np.inf], [-0.5, -0.25, -np.inf]),
    ],
)
def test_goodness_is_greater_the_nearer_to_what_is_best(name: str, values: list[float], goodness: list[float]) -> None:
    assert METRICS[name].goodness(values).tolist() == pytest.approx(goodness, nan_ok=True)


def test_single_precision_probabilities_are_taken_as_they_are() -> None:
    single = PROBABILITY.astype(np.float32)
    assert score("brier", OUTCOME, single) == score("brier", OUTCOME, single.astype(np.float64))


def test_the_arguments_are_left_as_they_were() -> None:
    outcome, probability = OUTCOME.copy(), PROBABILITY.copy()
    score_all(OF_PROBABILITIES, outcome, probability)
    assert np.array_equal(outcome, OUTCOME)
    assert np.array_equal(probability, PROBABILITY)


@pytest.mark.parametrize(
    ("outcome", "probability", "message"),
    [
        ([0, 1], [0.1, np.nan], "probabilities are finite, 1 of 2 rows are not"),
        ([0, 1], [np.inf, np.inf], "probabilities are finite, 2 of 2 rows are not"),
        ([0, 1], [-0.1, 1.1], "probabilities lie between 0 and 1, 2 of 2 rows are not"),
        ([0, 2], [0.1, 0.2], "outcomes are 0 or 1, 1 of 2 rows are not"),
        ([0, np.nan], [0.1, 0.2], "outcomes are 0 or 1, 1 of 2 rows are not"),
        ([0, 0], [0.1, 0.2], r"both outcomes, 0 and 1, must occur, got \[0\] in 2 rows"),
        ([1, 1, 1], [0.1, 0.2, 0.3], r"both outcomes, 0 and 1, must occur, got \[1\] in 3 rows"),
        ([], [], r"both outcomes, 0 and 1, must occur, got \[\] in 0 rows"),
        ([0, 1, 1], [0.1, 0.2], r"one column each, got shapes \(3,\), \(2,\)"),
        ([0, 1], [[0.1, 0.9], [0.2, 0.8]], r"one column each, got shapes \(2,\), \(2, 2\)"),
    ],
)
def test_what_cannot_be_scored_is_refused_with_its_reason(
    outcome: list[float], probability: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        score_all(OF_PROBABILITIES, np.array(outcome), np.array(probability))


def test_an_unknown_metric_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown metric 'accuracy'; known: roc_auc, gini, ks, brier, log_loss, aver"):
        metric_named("accuracy")
