import sys
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_info
from xgboost import XGBClassifier

from credit_pipeline.core import dotted_path
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.estimators import building
from credit_pipeline.modelling.features.row_features import RowFeatures

Matrix = NDArray[np.float64]
Outcome = NDArray[np.int_]

LOGISTIC = "sklearn.linear_model.LogisticRegression"
FOREST = "sklearn.ensemble.RandomForestClassifier"
XGBOOST = "xgboost.XGBClassifier"
NAIVE = "sklearn.naive_bayes.GaussianNB"
MODELS: dict[str, dict[str, object]] = {
    LOGISTIC: {"max_iter": 1000, "C": 0.1, "solver": "saga"},
    FOREST: {"n_estimators": 12, "max_features": "sqrt", "min_samples_leaf": 3},
    XGBOOST: {"n_estimators": 12, "tree_method": "hist", "subsample": 0.5, "max_depth": 3, "learning_rate": 0.3},
}
every_model = pytest.mark.parametrize("path", MODELS)


def _applications(rows: int = 300) -> tuple[pd.DataFrame, Outcome]:
    generator = np.random.default_rng(9)
    table = pd.DataFrame(generator.normal(size=(rows, 3)), columns=["debt", "income", "age"])
    return table, (generator.random(rows) < 1 / (1 + np.exp(1 - table["debt"]))).to_numpy().astype(int)


TABLE, OUTCOME = _applications()


def probabilities(path: str, *, seed: int = 1, threads: int = 1) -> Matrix:
    estimator = building.build(path, MODELS[path], seed=seed)
    return np.asarray(building.fit(estimator, TABLE, OUTCOME, threads=threads).predict_proba(TABLE))


@pytest.mark.parametrize(
    ("path", "named"),
    [(LOGISTIC, LogisticRegression), (FOREST, RandomForestClassifier), (XGBOOST, XGBClassifier), (NAIVE, GaussianNB)],
)
def test_a_path_names_its_class(path: str, named: type) -> None:
    assert building.estimator_class(path) is named


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("sklearn.preprocessing.StandardScaler", "type"),
        ("sklearn.metrics.roc_auc_score", "function"),
        ("sklearn.linear_model", "module"),
        ("xgboost.Booster", "type"),
    ],
)
def test_what_is_not_fitted_or_does_not_predict_is_no_estimator(path: str, found: str) -> None:
    with pytest.raises(ConfigurationError, match=f"'{path}' is not an estimator") as error:
        building.estimator_class(path)
    assert error.value.got == found
    assert "models.yml" in error.value.fix


def test_a_class_out_of_a_package_that_is_not_allowed_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="may not be imported"):
        building.build("statsmodels.api.Logit", {}, seed=1)


@pytest.mark.parametrize(("path", "named"), [(LOGISTIC, LogisticRegression), (FOREST, RandomForestClassifier)])
def test_an_estimator_of_scikit_learn_takes_the_arguments_of_its_signature(path: str, named: type) -> None:
    assert building.accepted_arguments(path) == set(signature(named).parameters)


def test_xgboost_takes_what_it_documents_and_nothing_that_is_misspelt() -> None:
    # Its signature ends in **kwargs, which hides a misspelt name.
    accepted = building.accepted_arguments(XGBOOST)
    assert accepted is not None
    assert {*MODELS[XGBOOST], "random_state", "n_jobs", "colsample_bytree", "monotone_constraints"} < accepted
    assert not {"max_deph", "eta_", "kwargs", "self"} & accepted


@pytest.fixture
def own_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A user's package with an estimator that takes any argument."""
    (tmp_path / "bank_of_bea.py").write_text(
        "from sklearn.base import BaseEstimator\n\n\n"
        "class AnyModel(BaseEstimator):\n"
        "    def __init__(self, depth=1, **others): self.depth = depth\n"
        "    def fit(self, X, y): return self\n"
        "    def predict(self, X): return X\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("CREDIT_PIPELINE_PACKAGES", "bank_of_bea")
    yield "bank_of_bea"
    del sys.modules["bank_of_bea"]


def test_an_estimator_that_takes_any_argument_says_so(own_package: str) -> None:
    assert dotted_path.added_packages() == (own_package,)
    assert building.accepted_arguments(f"{own_package}.AnyModel") is None


@every_model
def test_arguments_and_seed_are_handed_on(path: str) -> None:
    parameters = building.build(path, MODELS[path], seed=17).get_params()
    assert parameters.items() >= {**MODELS[path], "random_state": 17}.items()


@every_model
def test_what_is_not_given_stays_as_the_class_has_it(path: str) -> None:
    by_class = building.estimator_class(path)().get_params()
    built = building.build(path, {}, seed=17).get_params()
    # XGBoost would take all cores, each fit of a search beside the others.
    ours = {"random_state": 17, "n_jobs": 1} if path == XGBOOST else {"random_state": 17}
    assert repr(built) == repr({**by_class, **ours})


@every_model
def test_a_seed_and_jobs_among_the_arguments_win(path: str) -> None:
    parameters = building.build(path, {"random_state": 5, "n_jobs": 2}, seed=17).get_params()
    assert (parameters["random_state"], parameters["n_jobs"]) == (5, 2)


def test_an_estimator_without_randomness_needs_no_seed() -> None:
    assert building.build(NAIVE, {"var_smoothing": 0.1}, seed=17).get_params() == {
        "priors": None,
        "var_smoothing": 0.1,
    }


def test_building_leaves_the_arguments_as_they_were() -> None:
    arguments = {"max_depth": 3}
    building.build(XGBOOST, arguments, seed=17)
    assert arguments == {"max_depth": 3}


@every_model
def test_the_same_seed_gives_the_same_probabilities(path: str) -> None:
    assert np.array_equal(probabilities(path), probabilities(path))


@pytest.mark.parametrize("path", [FOREST, XGBOOST])
def test_another_seed_gives_another_model(path: str) -> None:
    assert not np.array_equal(probabilities(path, seed=1), probabilities(path, seed=2))


@every_model
def test_the_number_of_threads_does_not_change_the_model(path: str) -> None:
    assert np.array_equal(probabilities(path, threads=1), probabilities(path, threads=2))


@every_model
def test_fitting_gives_what_the_class_gives(path: str) -> None:
    by_class = building.estimator_class(path)(**MODELS[path], random_state=1).fit(TABLE, OUTCOME)
    assert probabilities(path) == pytest.approx(by_class.predict_proba(TABLE), rel=1e-9)


@every_model
def test_the_estimator_itself_stays_unfitted_and_the_fitted_one_asks_for_one_thread(path: str) -> None:
    estimator = building.build(path, MODELS[path], seed=1)
    fitted = building.fit(estimator, TABLE, OUTCOME, threads=2)
    with pytest.raises(NotFittedError):
        check_is_fitted(estimator)
    check_is_fitted(fitted)
    assert fitted.get_params()["n_jobs"] in (1, None)
    assert repr(fitted.get_params()) == repr(estimator.get_params())


class _Recorded(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Leaves on record which threads its fit had."""

    threads: ClassVar[list[int]] = []

    def fit(self, X: pd.DataFrame, y: Outcome) -> Self:  # noqa: ARG002  # scikit-learn's signature
        self.threads[:] = [library["num_threads"] for library in threadpool_info()]
        return self


class _RecordedJobs(_Recorded):
    """Has threads of its own."""

    jobs: ClassVar[list[int | None]] = []

    def __init__(self, n_jobs: int | None = None) -> None:
        self.n_jobs = n_jobs

    def fit(self, X: pd.DataFrame, y: Outcome) -> Self:
        self.jobs[:] = [self.n_jobs]
        return super().fit(X, y)


def test_an_estimator_without_threads_of_its_own_sums_in_one() -> None:
    building.fit(_Recorded(), TABLE, OUTCOME, threads=2)
    assert set(_Recorded.threads) == {1}


def test_an_estimator_with_threads_of_its_own_has_them_while_it_is_fitted() -> None:
    fitted = building.fit(_RecordedJobs(), TABLE, OUTCOME, threads=3)
    assert _RecordedJobs.jobs == [3]
    assert fitted.n_jobs == 1


def test_assembling_fits_nothing_again() -> None:
    features, recipe = RowFeatures(columns=["debt", "age"]), StandardScaler()
    made = recipe.fit_transform(TABLE[["debt", "age"]])
    estimator = LogisticRegression().fit(made, OUTCOME)
    learned = (recipe.mean_.copy(), estimator.coef_.copy())
    model = building.assemble(features, recipe, estimator)
    assert [(name, step) for name, step in model.steps] == [
        ("features", features),
        ("recipe", recipe),
        ("estimator", estimator),
    ]
    assert np.array_equal(model["recipe"].mean_, learned[0])
    assert np.array_equal(model["estimator"].coef_, learned[1])
    # The model takes raw columns, and says what its parts say one after another.
    assert np.array_equal(model.predict_proba(TABLE.assign(name="Ada")), estimator.predict_proba(made))
