from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from credit_pipeline.modelling.estimators import building
from credit_pipeline.modelling.splitting.schemes import Keys
from credit_pipeline.modelling.training import early_stopping
from credit_pipeline.spec import ModelSpec, SplitSpec

ROWS = 400
GENERATOR = np.random.default_rng(5)
FEATURES = GENERATOR.normal(size=(ROWS, 3))
OUTCOME = (GENERATOR.random(ROWS) < 1 / (1 + np.exp(-FEATURES[:, 0]))).astype(np.int64)
KEYS = Keys(
    outcome=OUTCOME,
    stratum=OUTCOME,
    date=pd.date_range("2020-01-01", periods=ROWS).to_numpy("datetime64[us]"),
    group=np.arange(ROWS) // 4,
)
FITTED = np.arange(0, ROWS, 2)
BOOSTING = {
    "xgboost.XGBClassifier": {"n_estimators": 400, "learning_rate": 0.3, "max_depth": 2},
    "lightgbm.LGBMClassifier": {"n_estimators": 400, "learning_rate": 0.3, "num_leaves": 4, "verbosity": -1},
    "catboost.CatBoostClassifier": {"iterations": 400, "learning_rate": 0.3, "depth": 2, "allow_writing_files": False},
}


def test_it_is_asked_for_by_the_argument_that_boosting_calls_it() -> None:
    model = ModelSpec(recipe="ordinal", estimator="xgboost.XGBClassifier", fixed={"early_stopping_rounds": 30})
    assert early_stopping.is_asked(model)
    assert not early_stopping.is_asked(model.model_copy(update={"fixed": {}}))


def test_a_fifth_is_held_out_with_its_share_of_defaults() -> None:
    kept, held = early_stopping.hold_out(KEYS, SplitSpec(), FITTED)
    assert sorted([*kept, *held]) == list(range(len(FITTED)))
    assert len(held) == len(FITTED) // 5
    assert abs(OUTCOME[FITTED][held].mean() - OUTCOME[FITTED].mean()) < 1 / len(held)


def test_borrowers_are_held_out_whole() -> None:
    kept, held = early_stopping.hold_out(KEYS, SplitSpec(scheme="grouped"), FITTED)
    assert KEYS.group is not None
    assert not set(KEYS.group[FITTED][kept]) & set(KEYS.group[FITTED][held])


def test_the_latest_are_held_out_beyond_the_gap() -> None:
    split = SplitSpec.model_validate({"scheme": "out_of_time", "test_from": "2030-01-01", "gap_days": 10})
    kept, held = early_stopping.hold_out(KEYS, split, FITTED)
    assert KEYS.date is not None
    assert KEYS.date[FITTED][held].min() - KEYS.date[FITTED][kept].max() > np.timedelta64(10, "D")


def test_a_hold_out_is_the_same_each_time() -> None:
    first, second = (early_stopping.hold_out(KEYS, SplitSpec(), FITTED)[1] for _ in range(2))
    assert first.tolist() == second.tolist()


@pytest.mark.parametrize("path", BOOSTING)
def test_the_trees_are_counted_where_the_held_out_rows_say_stop(path: str, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip(path.partition(".")[0], reason="an optional extra, which is not installed")
    inner = early_stopping.hold_out(KEYS, SplitSpec(), np.arange(ROWS))
    arguments = {**BOOSTING[path], "early_stopping_rounds": 5}
    stopping = building.build(path, arguments, seed=1)
    found = early_stopping.fit(stopping, FEATURES, OUTCOME, inner)
    ((name, trees),) = found.items()
    assert 1 <= trees < 100
    assert name in BOOSTING[path]
    assert capfd.readouterr().out == ""
    if path.startswith("catboost"):  # its randomness follows from the number of trees that it plans
        assert stopping.tree_count_ == trees
        return
    # As many trees on the same rows, without stopping, answer the same.
    again = building.build(path, {**arguments, **early_stopping.final_arguments([found])}, seed=1)
    again.fit(FEATURES[inner[0]], OUTCOME[inner[0]])
    assert again.predict_proba(FEATURES) == pytest.approx(stopping.predict_proba(FEATURES), abs=1e-9)


def test_an_estimator_that_does_not_ask_sees_every_row() -> None:
    whole, plain = (building.build("xgboost.XGBClassifier", {"n_estimators": 5}, seed=1) for _ in range(2))
    assert early_stopping.fit(whole, FEATURES, OUTCOME, (FITTED, FITTED + 1)) == {}
    assert (whole.predict_proba(FEATURES) == plain.fit(FEATURES, OUTCOME).predict_proba(FEATURES)).all()


def test_groups_that_a_fold_lacks_change_nothing() -> None:
    only_late = np.arange(ROWS // 2, ROWS)
    shifted = replace(KEYS, group=np.arange(ROWS) // 4 + 1_000)
    found = [early_stopping.hold_out(keys, SplitSpec(scheme="grouped"), only_late)[1] for keys in (KEYS, shifted)]
    assert found[0].tolist() == found[1].tolist()
    assert len(found[0]) == len(only_late) // 5
