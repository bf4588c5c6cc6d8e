import gc
import weakref
from collections.abc import Mapping
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import xgboost
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression

from credit_pipeline.modelling.estimators import building
from credit_pipeline.modelling.estimators.event_weighting import EventWeighted
from credit_pipeline.modelling.training import early_stopping, xgboost_bins
from credit_pipeline.modelling.training.fold_fits import Blueprint
from credit_pipeline.modelling.training.search import candidates, search
from credit_pipeline.modelling.training.search_plan import SearchPlan
from credit_pipeline.spec import SearchSpec

ROWS = 600
GENERATOR = np.random.default_rng(8)
# Few values, many, and missing ones; in columns, as a table gives them.
FEATURES = np.asfortranarray(np.column_stack([GENERATOR.integers(0, 5, ROWS), GENERATOR.normal(size=(ROWS, 3))]))
FEATURES[::7, 2] = np.nan
OUTCOME = (GENERATOR.random(ROWS) < 1 / (1 + np.exp(-FEATURES[:, 1]))).astype(np.int64)
CANDIDATES: tuple[Mapping[str, object], ...] = (
    {"max_depth": 2},
    {"max_depth": 5, "learning_rate": 0.1},
    {"max_depth": 3, "subsample": 0.8, "colsample_bytree": 0.5},
    {"max_depth": 3, "monotone_constraints": (0, 1, 0, 0)},
    {"max_depth": 3, "grow_policy": "lossguide", "scale_pos_weight": 2.0},
)


def boosted(**arguments: object) -> BaseEstimator:
    return building.build("xgboost.XGBClassifier", {"n_estimators": 15, **arguments}, seed=3)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The most bins of each matrix that XGBoost builds from here on."""
    found: list[int] = []
    build = xgboost.QuantileDMatrix.__init__

    def counted(self: object, *arguments: object, **given: object) -> None:
        found.append(int(str(given["max_bin"])) if given.get("max_bin") else 256)
        build(self, *arguments, **given)

    monkeypatch.setattr(xgboost_bins, "_CACHE", xgboost_bins._Cache())  # noqa: SLF001  # no bins of earlier tests
    monkeypatch.setattr(xgboost.QuantileDMatrix, "__init__", counted)
    return found


def as_bytes(fitted: BaseEstimator) -> bytes:
    return bytes(fitted.get_booster().save_raw("ubj"))


def shared(features: NDArray[np.float64], outcome: NDArray[np.int64], **arguments: object) -> BaseEstimator:
    estimator = boosted(**arguments)
    xgboost_bins.fit(estimator, features, outcome)
    return estimator


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("arguments", CANDIDATES[1:])
def test_a_fit_with_the_bins_of_another_is_its_own_fit_to_the_last_bit(arguments: Mapping[str, object]) -> None:
    shared(FEATURES, OUTCOME, **CANDIDATES[0])
    found, alone = shared(FEATURES, OUTCOME, **arguments), boosted(**arguments).fit(FEATURES, OUTCOME)
    assert as_bytes(found) == as_bytes(alone)
    assert np.array_equal(found.predict_proba(FEATURES), alone.predict_proba(FEATURES))


def test_candidates_on_one_matrix_build_its_bins_once(built: list[int]) -> None:
    for arguments in CANDIDATES:
        shared(FEATURES, OUTCOME, **arguments)
    assert len(built) == 1


def test_a_regressor_shares_too(built: list[int]) -> None:
    target = FEATURES[:, 1] * 2.0
    fitted = [building.build("xgboost.XGBRegressor", {"n_estimators": 9, "max_depth": n}, seed=1) for n in (2, 3)]
    for estimator in fitted:
        xgboost_bins.fit(estimator, FEATURES, target)
    assert len(built) == 1
    assert as_bytes(fitted[1]) == as_bytes(clone(fitted[1]).fit(FEATURES, target))


@pytest.mark.parametrize(
    ("features", "outcome", "arguments"),
    [
        (FEATURES.copy(), OUTCOME, {}),
        (FEATURES[: ROWS // 2], OUTCOME[: ROWS // 2], {}),
        (FEATURES, 1 - OUTCOME, {}),
        (FEATURES, OUTCOME, {"max_bin": 16}),
        (FEATURES, OUTCOME, {"missing": 0.0}),
    ],
    ids=["another array", "a part of it", "another outcome", "fewer bins", "another missing value"],
)
def test_what_is_not_the_same_has_bins_of_its_own(
    features: NDArray[np.float64], outcome: NDArray[np.int64], arguments: Mapping[str, object], built: list[int]
) -> None:
    shared(FEATURES, OUTCOME)
    found = shared(features, outcome, **arguments)
    assert built == [256, arguments.get("max_bin", 256)]
    assert as_bytes(found) == as_bytes(boosted(**arguments).fit(features, outcome))


def test_weighted_rows_have_bins_of_their_own(built: list[int]) -> None:
    shared(FEATURES, OUTCOME)
    weighted, alone = (EventWeighted(boosted(), weight=5.0) for _ in range(2))
    xgboost_bins.fit(weighted, FEATURES, OUTCOME)
    assert len(built) == 2
    assert as_bytes(weighted.estimator_) == as_bytes(alone.fit(FEATURES, OUTCOME).estimator_)


class _Weighing(xgboost.XGBClassifier):  # type: ignore[misc]  # xgboost ships no types
    """Weighs rows by itself."""

    def fit(self, X: NDArray[np.float64], y: NDArray[np.int64], **given: object) -> "_Weighing":
        return super().fit(X, y, sample_weight=1.0 + 9.0 * (X[:, 1] > 1.0), **given)  # type: ignore[no-any-return]


def test_an_estimator_that_weighs_rows_by_itself_has_bins_of_its_own(built: list[int]) -> None:
    shared(FEATURES, OUTCOME)
    weighing, alone = (_Weighing(n_estimators=15, n_jobs=1) for _ in range(2))
    xgboost_bins.fit(weighing, FEATURES, OUTCOME)
    assert len(built) == 2
    assert as_bytes(weighing) == as_bytes(alone.fit(FEATURES, OUTCOME))


def test_a_fit_that_stops_early_has_bins_of_its_own(built: list[int]) -> None:
    shared(FEATURES, OUTCOME)
    kept, held = np.arange(ROWS // 2), np.arange(ROWS // 2, ROWS)
    stopping = boosted(early_stopping_rounds=3)
    early_stopping.fit(stopping, FEATURES, OUTCOME, (kept, held))
    assert len(built) == 3  # of the whole, of what is kept and of what is held out
    alone = boosted(early_stopping_rounds=3)
    alone.fit(FEATURES[kept], OUTCOME[kept], eval_set=[(FEATURES[held], OUTCOME[held])], verbose=False)
    assert as_bytes(stopping) == as_bytes(alone)


@pytest.mark.parametrize("method", ["approx", "exact"])
def test_where_xgboost_bins_later_or_never_nothing_is_kept(
    method: str, built: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    make = xgboost.DMatrix.__init__

    def counted(self: object, *arguments: object, **given: object) -> None:
        made.append(self)
        make(self, *arguments, **given)

    monkeypatch.setattr(xgboost.DMatrix, "__init__", counted)
    found = [shared(FEATURES, OUTCOME, tree_method=method) for _ in range(2)][-1]
    assert (len(made), built) == (2, [])  # the second fit finds nothing
    assert as_bytes(found) == as_bytes(boosted(tree_method=method).fit(FEATURES, OUTCOME))


@pytest.mark.usefixtures("built")
def test_the_fitted_object_is_what_its_class_makes() -> None:
    found, alone = shared(FEATURES, OUTCOME), boosted().fit(FEATURES, OUTCOME)
    assert type(found) is xgboost.XGBClassifier
    assert vars(found).keys() == vars(alone).keys()
    assert repr(found.get_params()) == repr(alone.get_params())


@pytest.mark.usefixtures("built")
def test_a_fit_that_fails_leaves_the_estimator_as_it_was() -> None:
    refused = boosted(max_depth=-2)
    with pytest.raises(xgboost.core.XGBoostError):
        xgboost_bins.fit(refused, FEATURES, OUTCOME)
    assert "_create_dmatrix" not in vars(refused)


def test_other_estimators_are_fitted_as_they_are() -> None:
    features = np.nan_to_num(FEATURES)
    found = LogisticRegression()
    xgboost_bins.fit(found, features, OUTCOME)
    assert np.array_equal(found.coef_, LogisticRegression().fit(features, OUTCOME).coef_)


@pytest.mark.usefixtures("built")
def test_no_matrix_is_kept_alive_and_its_bins_go_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bins: list[weakref.ref[object]] = []
    build = xgboost.QuantileDMatrix.__init__

    def followed(self: object, *arguments: object, **given: object) -> None:
        bins.append(weakref.ref(self))
        build(self, *arguments, **given)

    monkeypatch.setattr(xgboost.QuantileDMatrix, "__init__", followed)
    features = FEATURES.copy()
    alive = weakref.ref(features)
    shared(features, OUTCOME)
    (kept,) = bins
    gc.collect()
    assert kept() is not None
    del features
    assert alive() is None
    gc.collect()
    assert kept() is None


def test_a_mapped_file_is_one_matrix_however_often_it_is_opened(built: list[int], tmp_path: Path) -> None:
    joblib.dump(FEATURES, tmp_path / "fold.pkl")
    for depth in (2, 4):
        mapped = joblib.load(tmp_path / "fold.pkl", mmap_mode="r")
        found = shared(mapped, OUTCOME, max_depth=depth)
    assert len(built) == 1
    assert as_bytes(found) == as_bytes(boosted(max_depth=4).fit(FEATURES, OUTCOME))


def test_a_part_of_a_mapped_file_is_not_taken_for_the_whole(built: list[int], tmp_path: Path) -> None:
    joblib.dump(np.ascontiguousarray(FEATURES), tmp_path / "fold.pkl")
    mapped = joblib.load(tmp_path / "fold.pkl", mmap_mode="r")
    half = ROWS // 2
    shared(mapped[:half], OUTCOME[:half])
    found = shared(mapped[half:], OUTCOME[:half])
    assert len(built) == 2
    assert as_bytes(found) == as_bytes(boosted().fit(FEATURES[half:], OUTCOME[:half]))


class _Whole(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A recipe that changes nothing, but for a number that it may add."""

    def __init__(self, added: float = 0.0) -> None:
        self.added = added

    def fit_transform(self, features: pd.DataFrame, _outcome: object) -> pd.DataFrame:
        return features + self.added

    def transform(self, features: pd.DataFrame) -> pd.DataFrame:
        return features + self.added


def test_a_search_builds_the_bins_of_a_fold_and_recipe_setting_once(built: list[int]) -> None:
    folds = [(np.arange(300), np.arange(300, 600)), (np.arange(300, 600), np.arange(300))]
    spec = SearchSpec(space={"max_depth": [2, 3, 4]}, recipe_space={"added": [0.0, 1.0]})
    search(
        Blueprint(lambda settings: _Whole(**settings), lambda arguments, _: boosted(**arguments)),  # type: ignore[arg-type]
        candidates(spec),
        pd.DataFrame(FEATURES),
        OUTCOME,
        SearchPlan(folds, ["roc_auc"], "roc_auc", jobs=1),
    )
    assert len(built) == 2 * 2  # 12 fits: three depths on each
