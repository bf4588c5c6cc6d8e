"""A model in its map: fitted, stored, asked for what is within, and scored on folds that its map has not seen."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks
from xgboost import XGBClassifier

from credit_pipeline.datasets.trusted_types import dump_trusted, load_trusted
from credit_pipeline.modelling.estimators.calibration import Calibrated, cross_fit
from credit_pipeline.modelling.estimators.calibration_map import BetaMap, fit_map
from credit_pipeline.modelling.estimators.event_weighting import EventWeighted
from credit_pipeline.modelling.estimators.wrapped_classifier import unwrap
from credit_pipeline.spec import Calibration

HALVED = BetaMap(0.5, 0.5, 0.0)
KINDS: tuple[Calibration, ...] = ("sigmoid", "isotonic", "beta")
FEATURES = np.random.default_rng(6).normal(size=(400, 2))
OUTCOME = (FEATURES[:, 0] + np.random.default_rng(7).normal(size=400) > 0).astype(np.int_)


@parametrize_with_checks([Calibrated(LogisticRegression(), HALVED)])
def test_it_keeps_scikit_learns_rules(estimator: BaseEstimator, check: object) -> None:
    check(estimator)  # type: ignore[operator]  # scikit-learn ships no types


def test_the_probabilities_go_through_the_map() -> None:
    inner = LogisticRegression().fit(FEATURES, OUTCOME)
    calibrated = Calibrated.of(inner, HALVED)
    answered = calibrated.predict_proba(FEATURES)
    assert np.array_equal(answered[:, 1], HALVED(inner.predict_proba(FEATURES)[:, 1]))
    assert answered.sum(axis=1) == pytest.approx(1.0)
    assert is_classifier(calibrated)
    assert calibrated.classes_.tolist() == [0, 1]


def test_an_estimator_that_is_fitted_already_is_not_fitted_again() -> None:
    inner = LogisticRegression().fit(FEATURES, OUTCOME)
    assert Calibrated.of(inner, HALVED).estimator_ is inner


def test_a_clone_is_unfitted_and_fits_with_the_same_map() -> None:
    calibrated = Calibrated.of(LogisticRegression().fit(FEATURES, OUTCOME), HALVED)
    again = clone(calibrated)
    with pytest.raises(NotFittedError):
        again.predict_proba(FEATURES)
    assert np.array_equal(again.fit(FEATURES, OUTCOME).predict_proba(FEATURES), calibrated.predict_proba(FEATURES))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("inner", [XGBClassifier(n_estimators=3, n_jobs=1), RandomForestClassifier(n_estimators=3)])
def test_it_is_stored_without_pickle_and_answers_as_before(
    kind: Calibration, inner: BaseEstimator, tmp_path: Path
) -> None:
    fitted = EventWeighted(inner, 3.0).fit(FEATURES, OUTCOME)
    calibrated = Calibrated.of(fitted, fit_map(kind, OUTCOME, fitted.predict_proba(FEATURES)[:, 1]))
    dump_trusted(calibrated, tmp_path / "model.skops")
    loaded = load_trusted(tmp_path / "model.skops")
    assert type(loaded) is Calibrated
    assert np.array_equal(loaded.predict_proba(FEATURES), calibrated.predict_proba(FEATURES))


def test_within_every_wrapping_is_the_estimator_itself() -> None:
    forest = RandomForestClassifier(n_estimators=2)
    assert unwrap(forest) is forest
    assert unwrap(EventWeighted(forest)) is forest
    fitted = EventWeighted(forest).fit(FEATURES, OUTCOME)
    # A fitted forest has an attribute estimator_ of its own, which is none of these wrappings.
    assert unwrap(Calibrated.of(fitted, HALVED)) is fitted.estimator_
    assert isinstance(unwrap(fitted), RandomForestClassifier)


def _folds() -> tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray]:
    number = np.arange(400) % 4
    folds = [(np.flatnonzero(number != fold), np.flatnonzero(number == fold)) for fold in range(4)]
    return folds, 1 / (1 + np.exp(-FEATURES[:, 0]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_folds_answers_are_mapped_by_the_other_folds_alone(kind: Calibration) -> None:
    folds, answers = _folds()
    before = cross_fit(kind, OUTCOME, answers, folds)
    scored = folds[0][1]
    turned = OUTCOME.copy()
    turned[scored] = 1 - turned[scored]
    after = cross_fit(kind, turned, answers, folds)
    assert np.array_equal(after[scored], before[scored])
    assert not np.array_equal(np.delete(after, scored), np.delete(before, scored))


def test_rows_that_no_fold_validates_stay_without_an_answer() -> None:
    folds, answers = _folds()
    answers[folds[0][1]] = np.nan
    mapped = cross_fit("sigmoid", OUTCOME, answers, folds[1:])
    assert np.array_equal(np.isnan(mapped), np.isnan(answers))


def test_without_calibration_the_answers_are_the_same() -> None:
    folds, answers = _folds()
    assert cross_fit("none", OUTCOME, answers, folds) is answers
