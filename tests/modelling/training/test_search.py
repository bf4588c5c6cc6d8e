from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Self

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from threadpoolctl import threadpool_info

from credit_pipeline.modelling.metrics.metrics import METRICS
from credit_pipeline.modelling.splitting.schemes import Fold, Keys, folds
from credit_pipeline.modelling.training.fold_fits import Blueprint, Candidate
from credit_pipeline.modelling.training.search import SearchResult, _ranks, candidates, search
from credit_pipeline.modelling.training.search_plan import SearchPlan
from credit_pipeline.spec import FoldsSpec, SearchSpec, SplitSpec

Arguments = Mapping[str, object]
Matrix = NDArray[np.float64]
Outcome = NDArray[np.int_]

scalars = st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2) | st.none()
spaces = st.dictionaries(
    st.sampled_from(["C", "penalty", "alpha"]), st.lists(scalars, min_size=1, max_size=3, unique_by=repr), max_size=3
)


def _applications(rows: int = 120) -> tuple[pd.DataFrame, Outcome]:
    """Two numbers, the first of which predicts default; the index does not hold positions."""
    generator = np.random.default_rng(4)
    table = pd.DataFrame(
        generator.normal(size=(rows, 2)), columns=["debt", "noise"], index=np.arange(rows)[::-1] + 1_000
    )
    outcome = (generator.random(rows) < 1 / (1 + np.exp(1 - 1.5 * table["debt"]))).astype(int)
    return table, outcome.to_numpy()


TABLE, OUTCOME = _applications()
FOLDS = folds(Keys(OUTCOME, OUTCOME, None, None), FoldsSpec(count=4, seed=3), SplitSpec())


def scaled(arguments: Arguments) -> BaseEstimator:
    return StandardScaler(**arguments)


def logistic(arguments: Arguments, _features: Sequence[str]) -> BaseEstimator:
    return LogisticRegression(**arguments)


def searched(  # noqa: PLR0913  # a test names what it changes
    spec: SearchSpec,
    recipe: Callable[[Arguments], BaseEstimator] = scaled,
    estimator: Callable[[Arguments], BaseEstimator] = logistic,
    *,
    table: pd.DataFrame = TABLE,
    outcome: Outcome = OUTCOME,
    folds: Sequence[Fold] = FOLDS,
    metric: str = "roc_auc",
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
    tolerance: float | None = None,
) -> SearchResult:
    return search(
        Blueprint(recipe, estimator),
        candidates(spec),
        table,
        outcome,
        SearchPlan(folds, ["roc_auc", "log_loss", "brier"], metric, jobs=jobs, progress=progress, tolerance=tolerance),
    )


def test_a_grid_is_every_combination_once() -> None:
    found = candidates(SearchSpec(space={"C": [0.1, 1.0], "penalty": ["l1", "l2", None]}))
    assert Counter((each.arguments["C"], each.arguments["penalty"]) for each in found) == Counter(
        [(0.1, "l1"), (0.1, "l2"), (0.1, None), (1.0, "l1"), (1.0, "l2"), (1.0, None)]
    )
    assert all(each.recipe_settings == {} for each in found)


def test_an_empty_space_is_one_candidate() -> None:
    assert candidates(SearchSpec()) == [Candidate({}, {})]


def test_settings_of_the_recipe_are_distinguished_from_arguments_of_the_estimator_of_the_same_name() -> None:
    (found,) = candidates(SearchSpec(space={"max_bins": [5]}, recipe_space={"max_bins": [3]}))
    assert found == Candidate({"max_bins": 3}, {"max_bins": 5})


@given(spaces, spaces)
def test_a_grid_has_as_many_candidates_as_combinations_in_one_order(
    space: dict[str, list[bool | int | str | None]], recipe_space: dict[str, list[bool | int | str | None]]
) -> None:
    spec = SearchSpec(space=space, recipe_space=recipe_space)
    found = candidates(spec)
    sizes = [len(values) for values in (*space.values(), *recipe_space.values())]
    assert len({repr(each) for each in found}) == len(found) == np.prod(sizes)
    assert found == candidates(spec)
    for each in found:
        assert (each.recipe_settings.keys(), each.arguments.keys()) == (recipe_space.keys(), space.keys())


@given(st.integers(1, 15), st.integers(0, 100))
def test_a_random_search_takes_as_many_different_ones_as_it_is_asked_for_and_there_are(count: int, seed: int) -> None:
    grid = SearchSpec(space={"C": [1, 2, 3, 4]}, recipe_space={"with_mean": [True, False]})
    spec = SearchSpec(**{**grid.model_dump(), "strategy": "random", "candidates": count, "seed": seed})
    found = candidates(spec)
    assert len({repr(each) for each in found}) == len(found) == min(count, 8)
    assert all(each in candidates(grid) for each in found)
    assert found == candidates(spec)


def test_another_seed_takes_others() -> None:
    drawn = [
        candidates(SearchSpec(strategy="random", candidates=5, seed=seed, space={"C": list(range(100))}))
        for seed in (1, 2)
    ]
    assert drawn[0] != drawn[1]


SPEC = SearchSpec(space={"C": [0.001, 0.1, 10.0]}, recipe_space={"degree": [1, 2], "include_bias": [False]})


def powers(arguments: Arguments) -> BaseEstimator:
    return Pipeline([("scale", StandardScaler()), ("powers", PolynomialFeatures(**arguments))])


@pytest.fixture(scope="module")
def result() -> SearchResult:
    return searched(SPEC, powers)


def test_a_search_scores_and_chooses_as_scikit_learns_on_the_same_folds(result: SearchResult) -> None:
    model = Pipeline([("recipe", powers({"include_bias": False})), ("estimator", LogisticRegression())])
    grid = {"recipe__powers__degree": [1, 2], "estimator__C": [0.001, 0.1, 10.0]}
    metrics = {"roc_auc": "roc_auc", "log_loss": "neg_log_loss", "brier": "neg_brier_score"}
    theirs = GridSearchCV(model, grid, scoring=metrics, refit="roc_auc", cv=FOLDS).fit(TABLE, OUTCOME)
    for setting, place in zip(theirs.cv_results_["params"], range(6), strict=True):
        ours = result.trials[
            (result.trials["recipe.degree"] == setting["recipe__powers__degree"])
            & (result.trials["C"] == setting["estimator__C"])
        ].sort_values("fold")
        for metric, sign in (("roc_auc", 1), ("log_loss", -1), ("brier", -1)):
            scores = [sign * theirs.cv_results_[f"split{fold}_test_{metric}"][place] for fold in range(4)]
            assert ours[metric].to_numpy() == pytest.approx(scores, rel=1e-9)
        assert ours["rank"].unique().tolist() == [theirs.cv_results_["rank_test_roc_auc"][place]]
    chosen = {
        "recipe__powers__degree": result.best.recipe_settings["degree"],
        "estimator__C": result.best.arguments["C"],
    }
    assert chosen == theirs.best_params_


def test_out_of_fold_probabilities_are_those_of_the_models_that_had_not_seen_the_row(result: SearchResult) -> None:
    model = Pipeline([("recipe", powers(result.best.recipe_settings)), ("e", logistic(result.best.arguments, ()))])
    theirs = cross_val_predict(model, TABLE, OUTCOME, cv=FOLDS, method="predict_proba")[:, 1]
    assert result.out_of_fold == pytest.approx(theirs, rel=1e-9)


def test_a_candidate_alone_scores_as_it_does_beside_others() -> None:
    alone, beside = searched(SearchSpec(space={"C": [0.1]})), searched(SearchSpec(space={"C": [0.1, 1.0]}))
    others = beside.trials[beside.trials["candidate"] == 0]
    assert alone.trials["roc_auc"].tolist() == others["roc_auc"].tolist()


def test_trials_have_a_row_for_each_candidate_and_fold(result: SearchResult) -> None:
    trials = result.trials
    assert list(trials) == [
        "candidate",
        "recipe.degree",
        "recipe.include_bias",
        "C",
        "fold",
        "roc_auc",
        "log_loss",
        "brier",
        "fit_seconds",
        "rank",
    ]
    assert trials[["candidate", "fold"]].to_numpy().tolist() == [[c, f] for c in range(6) for f in range(4)]
    assert sorted(trials.groupby("candidate")["rank"].first()) == [1, 2, 3, 4, 5, 6]
    assert (trials["fit_seconds"] > 0).all()


def test_fold_scores_are_those_of_the_best(result: SearchResult) -> None:
    scores = result.fold_scores
    assert scores["fold"].tolist() == [0, 1, 2, 3]
    assert not {"rank", "candidate"} & set(scores)
    means = result.trials.groupby("candidate")["roc_auc"].mean()
    assert scores["roc_auc"].mean() == pytest.approx(means.max())
    assert scores["C"].unique().tolist() == [result.best.arguments["C"]]


def test_the_fold_scores_are_those_of_the_out_of_fold_probabilities(result: SearchResult) -> None:
    for (_, validated), score in zip(FOLDS, result.fold_scores["roc_auc"], strict=True):
        assert METRICS["roc_auc"].value(OUTCOME[validated], result.out_of_fold[validated]) == pytest.approx(score)


@pytest.mark.parametrize("metric", ["log_loss", "brier"])
def test_where_small_is_good_the_smallest_mean_is_the_best(metric: str) -> None:
    found = searched(SPEC, powers, metric=metric)
    means = found.trials.groupby("candidate")[metric].mean()
    assert candidates(SPEC)[int(means.argmin())] == found.best
    assert found.trials.groupby("rank")[metric].mean().is_monotonic_increasing


def test_candidates_with_equal_means_keep_their_order() -> None:
    # How much an estimator prints while it fits changes nothing: two ties, one for each C.
    spec = SearchSpec(space={"C": [1e-9, 1.0], "verbose": [0, False]})
    for metric in ("roc_auc", "log_loss"):
        found = searched(spec, metric=metric)
        ranks = found.trials.groupby("candidate")["rank"].first().tolist()
        assert sorted(ranks) == [1, 2, 3, 4]
        for one, other in ((0, 1), (2, 3)):
            assert ranks[other] == ranks[one] + 1
        assert found.best == candidates(spec)[ranks.index(1)]


def test_a_tie_of_all_is_won_by_the_first() -> None:
    found = searched(SearchSpec(space={"strategy": ["prior", "prior"]}), estimator=lambda *_: DummyClassifier())
    assert found.trials.groupby("candidate")["rank"].first().tolist() == [1, 2]


def test_two_processes_find_what_one_finds() -> None:
    # Another process does not know this module, so it is sent the code.
    one, two = (
        searched(
            SearchSpec(space={"C": [0.001, 10.0]}, recipe_space={"with_mean": [True, False]}),
            lambda arguments: StandardScaler(**arguments),
            lambda arguments, _: LogisticRegression(**arguments),
            jobs=jobs,
        )
        for jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(
        one.trials.drop(columns="fit_seconds"), two.trials.drop(columns="fit_seconds"), check_exact=True
    )
    assert np.array_equal(one.out_of_fold, two.out_of_fold)
    assert one.best == two.best


def test_worker_processes_map_what_is_large_and_copy_none_of_it() -> None:
    class _Mapped(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
        """Says 1 if everything that it met was mapped from a file, and 0 if not; sent with its code."""

        def fit(self, X: Matrix, y: Outcome) -> Self:
            self.mapped_ = isinstance(X, np.memmap) and isinstance(y, np.memmap)
            return self

        def predict_proba(self, X: Matrix) -> Matrix:
            return np.full((len(X), 2), float(self.mapped_ and isinstance(X, np.memmap)))

    # A fold is fitted on 15,000 rows and scored on 5,000, x 3 numbers of 8 bytes; the outcomes have 120,000 bytes.
    table, outcome = _applications(20_000)
    quarters = folds(Keys(outcome, outcome, None, None), FoldsSpec(count=4, seed=3), SplitSpec())
    found = search(
        Blueprint(lambda _: StandardScaler().set_output(transform="pandas"), lambda *_: _Mapped()),
        candidates(SearchSpec(space={"tried": [1, 2]})),
        table.assign(other=table["debt"] ** 2),
        outcome,
        SearchPlan(quarters, ["brier"], "brier", jobs=2),
    )
    assert found.out_of_fold.min() == 1.0


def test_progress_counts_every_fit() -> None:
    reported: list[tuple[int, int]] = []
    searched(SearchSpec(space={"C": [0.1, 1.0]}), progress=lambda done, total: reported.append((done, total)))
    assert reported == [(done, 8) for done in range(1, 9)]


def test_searching_leaves_the_table_and_the_outcome_as_they_were() -> None:
    table, outcome = TABLE.copy(deep=True), OUTCOME.copy()
    searched(SPEC, powers, table=table, outcome=outcome)
    pd.testing.assert_frame_equal(table, TABLE)
    assert np.array_equal(outcome, OUTCOME)


class _Recorded(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A recipe that centres, and leaves on record what each fit learned of which rows."""

    fits: ClassVar[list[tuple[object, list[int], int, list[float]]]] = []

    def __init__(self, setting: object = None) -> None:
        self.setting = setting

    def fit(self, X: pd.DataFrame, y: Outcome) -> Self:
        self.mean_ = X.mean().to_numpy()
        self.fits.append((self.setting, X.index.tolist(), int(y.sum()), self.mean_.tolist()))
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        return X - self.mean_


@pytest.fixture
def fits() -> list[tuple[object, list[int], int, list[float]]]:
    _Recorded.fits.clear()
    return _Recorded.fits


def recorded(arguments: Arguments) -> BaseEstimator:
    return _Recorded(**arguments)


def test_a_recipe_setting_is_fitted_once_a_fold_whatever_the_number_of_estimators(
    fits: list[tuple[object, list[int], int, list[float]]],
) -> None:
    spec = SearchSpec(space={"C": [0.01, 0.1, 1.0, 10.0, 100.0]}, recipe_space={"setting": ["a", "b", "c"]})
    assert len(searched(spec, recorded).trials) == 5 * 3 * 4
    # Three settings on four folds: 12 fits for 60 of the estimator.
    assert Counter(setting for setting, *_ in fits) == {"a": 4, "b": 4, "c": 4}


def test_a_recipe_that_is_not_searched_is_fitted_once_a_fold(
    fits: list[tuple[object, list[int], int, list[float]]],
) -> None:
    searched(SearchSpec(space={"C": [0.01, 0.1, 1.0]}), recorded)
    assert len(fits) == 4


def test_a_recipe_is_fitted_on_the_rows_of_the_fold_and_their_outcomes(
    fits: list[tuple[object, list[int], int, list[float]]],
) -> None:
    searched(SearchSpec(), recorded)
    expected = [(TABLE.index[fitted].tolist(), int(OUTCOME[fitted].sum())) for fitted, _ in FOLDS]
    assert [(rows, events) for _, rows, events, _ in fits] == expected


def test_a_count_and_a_share_are_two_settings(fits: list[tuple[object, list[int], int, list[float]]]) -> None:
    # To scikit-learn 1 component or feature is one, and 1.0 all of them.
    searched(SearchSpec(recipe_space={"setting": [1, 1.0]}), recorded)
    assert len(fits) == 8


@pytest.mark.parametrize("number", range(4))
def test_rows_held_out_of_a_fold_do_not_change_what_is_fitted_on_it(
    number: int, fits: list[tuple[object, list[int], int, list[float]]]
) -> None:
    held_out = FOLDS[number][1]
    searched(SearchSpec(), recorded, answering)
    before = [learned for *_, learned in fits]
    fits.clear()
    other, outcome = TABLE.copy(), OUTCOME.copy()
    other.iloc[held_out], outcome[held_out] = 1e6, 1 - outcome[held_out]
    searched(SearchSpec(), recorded, answering, table=other, outcome=outcome)
    after = [learned for *_, learned in fits]
    # The one fold is as it was, the others were fitted on the rows.
    assert [one == same for one, same in zip(before, after, strict=True)] == [fold == number for fold in range(4)]


@pytest.mark.parametrize("number", range(4))
def test_a_held_out_rows_outcome_does_not_change_its_probability(number: int, result: SearchResult) -> None:
    held_out, outcome = FOLDS[number][1], OUTCOME.copy()
    outcome[held_out[:3]] = 1 - outcome[held_out[:3]]
    spec = SearchSpec(
        space={name: [value] for name, value in result.best.arguments.items()},  # type: ignore[misc]
        recipe_space={name: [value] for name, value in result.best.recipe_settings.items()},  # type: ignore[misc]
    )
    changed = searched(spec, powers, outcome=outcome)
    assert np.array_equal(changed.out_of_fold[held_out], result.out_of_fold[held_out])
    assert not np.array_equal(changed.out_of_fold, result.out_of_fold)


class _Answering(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Gives everyone one probability of default, and leaves the number of threads of its fit on record."""

    threads: ClassVar[list[int]] = []

    def __init__(self, probability: float = 0.5) -> None:
        self.probability = probability

    def fit(self, X: Matrix, y: Outcome) -> Self:  # noqa: ARG002  # scikit-learn's signature
        self.threads += [library["num_threads"] for library in threadpool_info()]
        return self

    def predict_proba(self, X: Matrix) -> Matrix:
        return np.full((len(X), 2), self.probability)


def answering(arguments: Arguments, _features: Sequence[str]) -> BaseEstimator:
    return _Answering(**arguments)  # type: ignore[arg-type]


def test_every_fit_has_one_thread() -> None:
    _Answering.threads.clear()
    searched(SearchSpec(), estimator=answering)
    assert set(_Answering.threads) == {1}


def test_a_constant_has_the_log_loss_worked_out_by_hand() -> None:
    found = searched(SearchSpec(space={"probability": [0.5, 0.25]}), estimator=answering, metric="log_loss")
    losses = found.trials.set_index(["candidate", "fold"])["log_loss"]
    for fold, (_, validated) in enumerate(FOLDS):
        share = OUTCOME[validated].mean()
        assert losses[0, fold] == pytest.approx(np.log(2))
        assert losses[1, fold] == pytest.approx(-share * np.log(0.25) - (1 - share) * np.log(0.75))


@pytest.mark.parametrize("probability", [np.nan, np.inf, 1.5])
def test_a_model_that_answers_no_probability_is_a_fault(probability: float) -> None:
    with pytest.raises(ValueError, match="probabilities"):
        searched(SearchSpec(space={"probability": [0.5, probability]}), estimator=answering)


def test_no_finite_mean_at_all_is_a_fault() -> None:
    with pytest.raises(ValueError, match="no candidate has a finite mean roc_auc"):
        _ranks(pd.Series([np.nan, np.inf]), "roc_auc")


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss"])
def test_what_is_not_finite_comes_last(metric: str) -> None:
    assert _ranks(pd.Series([np.nan, 0.5, np.inf, -np.inf]), metric)[1] == 1


@given(st.lists(st.sampled_from([0.1, 0.5, 0.5000001, 0.9]), min_size=1, max_size=8))
def test_ranks_are_one_of_each_and_equal_means_keep_their_order(means: list[float]) -> None:
    ranks = _ranks(pd.Series(means), "roc_auc")
    best_first = sorted(range(len(means)), key=lambda place: (-means[place], place))
    assert ranks.tolist() == [best_first.index(place) + 1 for place in range(len(means))]


RACED = SearchSpec(strategy="racing", space={"C": [1e-4, 1.0, 10.0, 100.0]}, recipe_space={"with_std": [True, False]})


def test_a_race_drops_who_falls_behind_and_finds_the_winner_of_the_whole_search() -> None:
    reported: list[tuple[int, int]] = []
    whole = searched(RACED, metric="log_loss")
    raced = searched(RACED, metric="log_loss", tolerance=0.001, progress=lambda done, of: reported.append((done, of)))
    last_fold = raced.trials.groupby("candidate")["fold"].max()
    dropped = raced.trials.groupby("candidate")["dropped_after"].first()
    means = whole.trials.groupby("candidate")["log_loss"].mean()
    winner = candidates(RACED).index(raced.best)
    assert means[winner] <= means.min() + 0.001
    assert len(raced.trials) < len(whole.trials)
    assert (last_fold[dropped.notna()] + 1 == dropped.dropna()).all()
    assert (last_fold[dropped.isna()] == len(FOLDS) - 1).all()
    assert np.isnan(dropped[winner])
    assert np.isfinite(raced.out_of_fold).all()
    assert list(raced.fold_scores["fold"]) == [0, 1, 2, 3]
    assert reported[-1] == (len(raced.trials), len(raced.trials))
