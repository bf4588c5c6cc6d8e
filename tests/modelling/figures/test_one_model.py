import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from credit_pipeline.core.estimate import Estimate
from credit_pipeline.modelling.figures.curves import calibration_bins, gains_curve, roc_curve
from credit_pipeline.modelling.figures.many_models import LeaderboardRow, comparison_figure, leaderboard_figure
from credit_pipeline.modelling.figures.one_model import (
    MODEL_FIGURES,
    calibration_figure,
    gains_figure,
    ks_figure,
    roc_figure,
    score_distribution_figure,
)
from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.metrics import score
from credit_pipeline.modelling.metrics.uncertainty.intervals import estimate
from credit_pipeline.modelling.selection.comparison import Folds, compare
from drawn_words import drawn_texts, words

Draw = Callable[[str], Figure]

GENERATOR = np.random.default_rng(0)
OUTCOME = (np.arange(2000) % 5 == 0).astype(int)
PROBABILITY = 1 / (1 + np.exp(1.8 - 1.3 * GENERATOR.normal(OUTCOME)))


def row(model: str = "scorecard", **changed: object) -> LeaderboardRow:
    usual = {"cv_mean": 0.77, "cv_std": 0.006, "test_value": 0.76, "lower": 0.745, "upper": 0.775, "n": 6000}
    return LeaderboardRow(**{"model": model, "is_challenger": False, "metric_label": "AUC", **usual, **changed})


def compared(model: str) -> pd.DataFrame:
    answers = {model: PROBABILITY, "scorecard": np.sqrt(PROBABILITY), model[::-1]: np.roll(PROBABILITY, 7)}
    scores = {name: np.array([0.78, 0.8, 0.77]) * share for name, share in zip(answers, (1, 0.98, 0.7), strict=True)}
    samples = {name: Sample(OUTCOME, answer) for name, answer in answers.items()}
    return compare(samples, {"roc_auc": Folds(scores, 0.5)}, model)


ALL: dict[str, Draw] = {
    **{name: lambda model, draw=draw: draw(model, OUTCOME, PROBABILITY) for name, draw in MODEL_FIGURES.items()},
    "comparison": lambda model: comparison_figure(compared(model), "roc_auc", 2000),
    "leaderboard": lambda model: leaderboard_figure([row(model, is_challenger=True), row(), row("random_forest")]),
}


def box(text: Text) -> Bbox:
    return text.get_window_extent()


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("model", ["logistic_regression", "gradient_boosted_trees_with_monotone_constraints"])
def test_nothing_written_is_cut_off_or_overlaps(name: str, model: str) -> None:
    figure = ALL[name](model)
    texts = drawn_texts(figure)
    edge = figure.bbox.padded(1)
    for text in texts:
        assert edge.x0 <= box(text).x0 <= box(text).x1 <= edge.x1, text
        assert edge.y0 <= box(text).y0 <= box(text).y1 <= edge.y1, text
    for one, other in combinations(texts, 2):
        overlap = Bbox.intersection(box(one), box(other))
        assert overlap is None or min(overlap.width, overlap.height) < 2, (one, other)


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("roc", "How well does random forest rank defaulters above payers?"),
        ("ks", "How well does random forest separate payers and defaulters?"),
        ("gains", "How early does random forest find the defaults?"),
        ("calibration", "Do the probabilities of random forest match the default rates?"),
        ("score_distribution", "Whom does random forest give a high probability of default?"),
        ("comparison", "How far is each model from random forest in AUC?"),
        ("leaderboard", "Which model is best by AUC?"),
    ],
)
def test_the_title_is_the_question_with_the_models_name_as_words(name: str, question: str) -> None:
    assert words(ALL[name]("random_forest"))[0] == question


@pytest.mark.parametrize("name", ["roc", "ks", "gains", "calibration", "score_distribution"])
def test_the_answer_says_how_many_applicants_and_defaults_it_rests_on(name: str) -> None:
    assert words(ALL[name]("scorecard"))[1].endswith("n = 2,000, 400 defaults")


def test_the_roc_figure_answers_with_the_auc_and_its_interval() -> None:
    auc = estimate(["roc_auc"], Sample(OUTCOME, PROBABILITY))["roc_auc"]
    answer = words(roc_figure("xgboost", OUTCOME, PROBABILITY))[1]
    assert answer.startswith(f"AUC {auc.value:.3f} (95 % {auc.lower:.3f}\u2013{auc.upper:.3f}), ")


@pytest.mark.parametrize(
    ("draw", "metric", "words_of_metric"),
    [
        (roc_figure, "roc_auc", "AUC 0.700 (95 % 0.600\u20130.800)"),
        (ks_figure, "ks", "KS 0.700 (95 % 0.600\u20130.800)"),
        (calibration_figure, "brier", "Brier score 0.700 (95 % 0.600\u20130.800)"),
    ],
)
def test_an_estimate_that_is_known_is_not_made_again(draw: Draw, metric: str, words_of_metric: str) -> None:
    known = {metric: Estimate(0.7, 0.6, 0.8, 2000)}
    assert words_of_metric in words(draw("xgboost", OUTCOME, PROBABILITY, known))[1]  # type: ignore[call-arg]


def test_the_roc_figure_draws_the_curve_and_lists_cut_offs_read_off_it() -> None:
    # Riskiest first: two defaults, ten payers, two defaults, ten payers.
    outcome = np.repeat([1, 0, 1, 0], [2, 10, 2, 10])
    figure = roc_figure("xgboost", outcome, np.linspace(0.9, 0.1, 24))
    curve = roc_curve(outcome, np.linspace(0.9, 0.1, 24))
    axes = figure.axes[0]
    assert np.array_equal(axes.lines[1].get_xdata(), curve.payers_flagged)
    assert np.array_equal(axes.lines[1].get_ydata(), curve.defaults_flagged)
    marks = [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in axes.lines[2:]]
    # Two of four defaults stand before the first payer, the others after half of the payers.
    assert marks == [(0.05, 0.5), (0.1, 0.5), (0.2, 0.5), (0.4, 0.5)]
    assert words(figure).count("50 %") == 0
    assert words(figure).count("50.0 %") == 4


def test_the_ks_figure_marks_the_widest_gap() -> None:
    # At or below 0.2 lie 3 of 4 payers and 1 of 4 defaults: the gap is 0.5.
    outcome = np.array([0, 0, 0, 1, 0, 1, 1, 1])
    probability = np.array([0.1, 0.2, 0.2, 0.2, 0.4, 0.3, 0.5, 0.6])
    figure = ks_figure("xgboost", outcome, probability)
    payers, defaulters, gap = figure.axes[0].lines
    assert (list(gap.get_xdata()), list(gap.get_ydata())) == ([0.2, 0.2], [0.25, 0.75])
    assert "KS 0.500\nat 0.200" in words(figure)
    assert payers.get_ydata()[:3].tolist() == [0, 0.25, 0.75]
    assert defaulters.get_ydata()[:3].tolist() == [0, 0, 0.25]


def test_a_model_without_a_gap_gets_no_gap_drawn() -> None:
    figure = ks_figure("xgboost", OUTCOME, np.full(2000, 0.3))
    assert len(figure.axes[0].lines) == 2
    assert words(figure)[1].startswith("KS 0.000")


def test_the_gains_figure_writes_the_lift_above_every_decile() -> None:
    # Ten groups of ten by falling risk with 5, 3, 2 and then no defaults: lift 5, 4, 3.3, 2.5, 2, …
    outcome = np.concatenate([np.repeat([1, 0], [found, 10 - found]) for found in (5, 3, 2, 0, 0, 0, 0, 0, 0, 0)])
    probability = np.repeat(np.linspace(0.9, 0.1, 10), 10)
    figure = gains_figure("xgboost", outcome, probability)
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.child_axes[0].get_xticklabels()] == [
        *("5.0\u00d7", "4.0\u00d7", "3.3\u00d7", "2.5\u00d7", "2.0\u00d7"),
        *("1.7\u00d7", "1.4\u00d7", "1.2\u00d7", "1.1\u00d7", "1.0\u00d7"),
    ]
    assert axes.lines[2].get_ydata() == pytest.approx(gains_curve(outcome, probability).defaults)
    assert axes.lines[3].get_ydata() == pytest.approx([0.5, 0.8, 1, 1, 1, 1, 1, 1, 1, 1])
    assert words(figure)[1].startswith("The riskiest 10 % hold 50.0 % of the defaults (95 % ")


def test_the_perfect_order_of_the_gains_figure_bends_at_the_default_rate() -> None:
    perfect = gains_figure("xgboost", OUTCOME, PROBABILITY).axes[0].lines[1]
    assert perfect.get_xdata() == pytest.approx([0, 0.2, 1])
    assert perfect.get_ydata() == pytest.approx([0, 1, 1])


def test_the_calibration_figure_draws_the_bins_with_their_intervals() -> None:
    upper = calibration_figure("xgboost", OUTCOME, PROBABILITY).axes[0]
    bins = calibration_bins(OUTCOME, PROBABILITY)
    marks, caps, _ = upper.containers[0].lines
    assert np.array_equal(marks.get_xdata(), bins.predicted)
    assert np.array_equal(marks.get_ydata(), bins.observed)
    assert caps[0].get_ydata() == pytest.approx(bins.lower)
    assert caps[1].get_ydata() == pytest.approx(bins.upper)


def test_the_calibration_figure_counts_every_applicant_or_says_who_lies_beyond() -> None:
    probability = np.r_[np.full(1990, 0.02), np.full(10, 0.9)]
    figure = calibration_figure("xgboost", OUTCOME, probability)
    # Most lie at 0.02, where 398 of 1,990 defaulted; the ten at 0.9 are 0.5 % and none of the bins.
    assert figure.axes[1].get_xlabel() == "Predicted probability of default (0.5 % of applicants are beyond the axis)"
    assert sum(bar.get_height() for bar in figure.axes[1].patches) == 1990
    whole = calibration_figure("xgboost", OUTCOME, np.clip(PROBABILITY, 0, 0.4))
    assert whole.axes[1].get_xlabel() == "Predicted probability of default"
    assert sum(bar.get_height() for bar in whole.axes[1].patches) == 2000


def test_the_score_distribution_gives_each_outcome_its_own_hundred_per_cent() -> None:
    figure = score_distribution_figure("xgboost", OUTCOME, PROBABILITY)
    for panel, outcome, name in zip(figure.axes, (0, 1), ("1,600 payers", "400 defaulters"), strict=True):
        median = np.median(PROBABILITY[outcome == OUTCOME])
        assert sum(bar.get_height() for bar in panel.patches) == pytest.approx(1)
        assert panel.lines[0].get_xdata() == pytest.approx([median, median])
        assert f"median {median:.3f}" in words(figure)
        assert panel.get_title(loc="right") == name


def test_what_colour_shows_is_shown_by_line_or_hatch_too() -> None:
    payers, defaulters, _ = ks_figure("xgboost", OUTCOME, PROBABILITY).axes[0].lines
    assert payers.get_linestyle() != defaulters.get_linestyle()
    upper, lower = score_distribution_figure("xgboost", OUTCOME, PROBABILITY).axes
    assert upper.patches[0].get_hatch() != lower.patches[0].get_hatch()
    roc = roc_figure("xgboost", OUTCOME, PROBABILITY).axes[0]
    assert len({line.get_marker() for line in roc.lines[2:]}) == 4


def test_the_leaderboard_sets_cross_validation_against_test() -> None:
    best = row("xgboost", cv_mean=0.787, test_value=0.779, lower=0.766, upper=0.792, is_challenger=True)
    figure = leaderboard_figure([best, row()])
    lines = figure.axes[0].lines
    spread, mean, interval, test = lines[:4]
    assert list(spread.get_xdata()) == pytest.approx([0.781, 0.793])
    assert list(mean.get_xdata()) == [0.787]
    assert mean.get_markerfacecolor() == "white"
    assert list(interval.get_xdata()) == [0.766, 0.792]
    assert list(test.get_xdata()) == [0.779]
    assert len(lines) == 8
    assert "0.760 (0.745\u20130.775)" in words(figure)


def test_the_leaderboard_marks_the_challenger_and_names_it_in_the_answer() -> None:
    figure = leaderboard_figure([row("xgboost", is_challenger=True), row("random_forest")])
    challenger, other = figure.axes[0].get_yticklabels()
    assert (challenger.get_text(), challenger.get_fontweight()) == ("xgboost\nchallenger", "bold")
    assert (other.get_text(), other.get_fontweight()) == ("random forest", "normal")
    assert words(figure)[1] == (
        "Challenger xgboost: cross-validated 0.770 ± 0.006, test 0.760 (95 % 0.745\u20130.775), n = 6,000"
    )


def test_the_leaderboard_says_when_there_is_no_challenger_and_when_tests_differ_in_size() -> None:
    answer = words(leaderboard_figure([row(n=6000), row("xgboost", n=5000)]))[1]
    assert answer == "No model is the challenger, n = 5,000\u20136,000"


def test_an_interval_across_zero_is_written_with_words() -> None:
    figure = leaderboard_figure([row(test_value=0.003, lower=-0.02, upper=0.03)])
    assert "0.003 (\u22120.020 to 0.030)" in words(figure)


def test_a_leaderboard_of_two_metrics_is_refused() -> None:
    with pytest.raises(ValueError, match="all rows of a leaderboard must have the same metric, got"):
        leaderboard_figure([row(), row(metric_label="KS")])


def test_a_leaderboard_without_models_says_so() -> None:
    assert "no model has a result that can be compared" in " ".join(words(leaderboard_figure([]))).lower()


@pytest.mark.parametrize("name", MODEL_FIGURES)
def test_what_cannot_be_scored_is_not_drawn(name: str) -> None:
    with pytest.raises(ValueError, match="probabilities are finite, 1 of 4 rows are not"):
        MODEL_FIGURES[name]("xgboost", np.array([0, 0, 1, 1]), np.array([0.1, np.nan, 0.3, 0.4]))


def test_single_precision_and_whole_numbers_of_defaults_reach_the_end_of_the_axis() -> None:
    single = np.clip(PROBABILITY, 0, 0.89).astype(np.float32)
    assert ks_figure("xgboost", OUTCOME, single).axes[0].get_xlim() == (0, 0.9)


def test_figures_drawn_in_threads_are_those_drawn_in_turn() -> None:
    names = [name for name in ALL for _ in range(2)]
    in_turn = {name: pixels(ALL[name]("xgboost")) for name in ALL}
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda name: pixels(ALL[name]("xgboost")), names))
    for name, picture in zip(names, drawn, strict=True):
        assert np.array_equal(picture, in_turn[name]), name


def pixels(figure: Figure) -> NDArray[np.uint8]:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


def test_drawing_changes_no_setting_of_matplotlib() -> None:
    before = dict(mpl.rcParams)
    for draw in ALL.values():
        pixels(draw("xgboost"))
    assert dict(mpl.rcParams) == before


def test_drawing_leaves_pyplot_alone() -> None:
    script = (
        "import sys, numpy as np\n"
        "from credit_pipeline.modelling.figures.one_model import MODEL_FIGURES\n"
        "outcome, probability = np.tile([0, 1], 20), np.linspace(0, 1, 40)\n"
        "for name, draw in MODEL_FIGURES.items():\n"
        "    draw('m', outcome, probability).savefig(sys.stderr.buffer)\n"
        "print('matplotlib.pyplot' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"
    # Five pictures were written indeed.
    assert done.stderr.count(b"IHDR") == 5


def test_the_gap_of_the_ks_figure_is_the_metric() -> None:
    gap = ks_figure("xgboost", OUTCOME, PROBABILITY).axes[0].lines[2]
    low, high = gap.get_ydata()
    assert high - low == pytest.approx(score("ks", OUTCOME, PROBABILITY))
