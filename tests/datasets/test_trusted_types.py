import pickle
import sys
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NoReturn, Self

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, PowerTransformer
from xgboost import XGBClassifier, XGBRegressor

from credit_pipeline.datasets.trusted_types import TRUSTED_TYPES, dump_trusted, load_trusted, trusted_types
from credit_pipeline.errors import ConfigurationError, RegistryError
from credit_pipeline.modelling.features.row_features import RowFeatures
from credit_pipeline.modelling.features.weight_of_evidence import WeightOfEvidence
from credit_pipeline.modelling.scoring.scoring_model import ProbabilityModel

GENERATOR = np.random.default_rng(3)
TABLE = pd.DataFrame({"age": GENERATOR.uniform(18, 80, 120), "income": GENERATOR.lognormal(10, 1, 120)})
OUTCOME = (GENERATOR.random(120) < 0.4).astype(int)

ESTIMATORS = [
    LogisticRegression(),
    RandomForestClassifier(n_estimators=3),
    GradientBoostingClassifier(n_estimators=3),
    HistGradientBoostingClassifier(max_iter=3),
    HistGradientBoostingRegressor(max_iter=3),
    XGBClassifier(n_estimators=3, n_jobs=1),
    XGBRegressor(n_estimators=3, n_jobs=1),
    make_pipeline(RowFeatures(columns=["income"]), SimpleImputer(add_indicator=True), LogisticRegression()),
    make_pipeline(WeightOfEvidence(categorical=(), special_codes={}), LogisticRegression()),
    make_pipeline(
        ColumnTransformer(
            [("number", PowerTransformer(), ["age"]), ("category", OneHotEncoder(handle_unknown="ignore"), ["income"])]
        ),
        LogisticRegression(),
    ),
]


class Stranger(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A type that nobody put on the list; whoever builds one is found out."""

    built = 0

    def __new__(cls, *_: object, **__: object) -> Self:
        cls.built += 1
        return super().__new__(cls)

    def __setstate__(self, state: dict[str, object]) -> None:
        type(self).built += 1
        super().__setstate__(state)


STRANGER = f"{Stranger.__module__}.Stranger"
PACKAGE = STRANGER.split(".", maxsplit=1)[0]


class Unpickled:
    """Counts what any unpickler of the process looks up; an audit hook stays for good, so there is one."""

    def __init__(self) -> None:
        self.watching, self.names = False, list[str]()
        sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.watching and event == "pickle.find_class":
            self.names.append(".".join(map(str, arguments)))


@pytest.fixture(scope="module")
def _listening() -> Unpickled:
    return Unpickled()


@pytest.fixture
def unpickled(_listening: Unpickled) -> Iterator[list[str]]:
    """Names that were looked up by a pickle during the test."""
    _listening.names, _listening.watching = [], True
    yield _listening.names
    _listening.watching = False


def refusal(path: Path) -> RegistryError:
    with pytest.raises(RegistryError) as caught:
        load_trusted(path)
    return caught.value


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: str(estimator).split("(", maxsplit=1)[0])
def test_what_is_stored_answers_the_same_when_loaded(estimator: BaseEstimator, tmp_path: Path) -> None:
    fitted = estimator.fit(TABLE, OUTCOME)
    dump_trusted(fitted, tmp_path / "fitted.skops")
    loaded = load_trusted(tmp_path / "fitted.skops")
    assert type(loaded) is type(fitted)
    assert np.array_equal(loaded.predict(TABLE), fitted.predict(TABLE))
    if hasattr(fitted, "predict_proba"):
        assert np.array_equal(loaded.predict_proba(TABLE), fitted.predict_proba(TABLE))


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: str(estimator).split("(", maxsplit=1)[0])
def test_no_pickle_is_written_or_read(
    estimator: BaseEstimator, tmp_path: Path, unpickled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> NoReturn:
        raise AssertionError("pickle was asked")

    fitted = Pipeline([("estimator", estimator.fit(TABLE, OUTCOME))])
    for name in ("load", "loads", "dump", "dumps", "Unpickler", "Pickler"):
        monkeypatch.setattr(pickle, name, forbidden)
    dump_trusted(ProbabilityModel(fitted), tmp_path / "fitted.skops")
    load_trusted(tmp_path / "fitted.skops").pipeline.predict(TABLE)
    assert unpickled == []


def test_a_pickle_that_is_read_would_be_heard(unpickled: list[str]) -> None:
    pickle.loads(pickle.dumps(partial(print, "x")))  # noqa: S301  # our own bytes
    assert unpickled == ["functools.partial", "builtins.print"]


def test_an_untrusted_type_is_not_stored(tmp_path: Path) -> None:
    with pytest.raises(RegistryError) as caught:
        dump_trusted(make_pipeline(Stranger(), LogisticRegression()), tmp_path / "recipe.skops")
    assert caught.value.what == "recipe.skops contains types that may not be stored or loaded."
    assert caught.value.got == STRANGER
    assert "TRUSTED_TYPES" in caught.value.fix


def test_an_untrusted_type_is_refused_and_nothing_of_the_file_is_built(tmp_path: Path, unpickled: list[str]) -> None:
    skops.io.dump(make_pipeline(Stranger(), LogisticRegression()), tmp_path / "model.skops")
    before = Stranger.built
    assert refusal(tmp_path / "model.skops").got == STRANGER
    assert Stranger.built == before
    assert unpickled == []
    # The count would show it: if skops is asked to trust the type, it builds one.
    skops.io.load(tmp_path / "model.skops", trusted=[STRANGER])
    assert Stranger.built > before


@pytest.mark.parametrize(
    ("hidden", "named"),
    [
        (FunctionTransformer(print), "builtins.print"),
        (FunctionTransformer(partial(eval, "1")), "builtins.eval"),
        (FunctionTransformer(kw_args={"state": Stranger()}), STRANGER),
    ],
    ids=["a function", "a function in a partial one", "an object in a dictionary"],
)
def test_an_untrusted_type_is_found_wherever_it_hides(hidden: BaseEstimator, named: str, tmp_path: Path) -> None:
    skops.io.dump(make_pipeline(hidden, LogisticRegression()), tmp_path / "model.skops")
    assert named in refusal(tmp_path / "model.skops").got


def test_all_untrusted_types_are_named_at_once(tmp_path: Path) -> None:
    skops.io.dump(make_pipeline(Stranger(), FunctionTransformer(print)), tmp_path / "model.skops")
    assert refusal(tmp_path / "model.skops").got == f"builtins.print, {STRANGER}"


def test_the_package_of_a_type_may_be_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PIPELINE_PACKAGES", f"mylender,{PACKAGE}")
    dump_trusted(Stranger(), tmp_path / "recipe.skops")
    assert type(load_trusted(tmp_path / "recipe.skops")).__name__ == "Stranger"


@pytest.mark.parametrize("package", [PACKAGE[:-1], f"{PACKAGE}s", "", "Stranger", STRANGER])
def test_a_package_that_begins_alike_allows_nothing(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skops.io.dump(Stranger(), tmp_path / "recipe.skops")
    monkeypatch.setenv("CREDIT_PIPELINE_PACKAGES", package)
    assert refusal(tmp_path / "recipe.skops").got == STRANGER


def test_only_types_of_the_list_are_trusted_and_listed(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    dump_trusted(ProbabilityModel(Pipeline([("estimator", XGBClassifier(n_estimators=2).fit(TABLE, OUTCOME))])), path)
    found = trusted_types(path)
    assert set(found) <= set(TRUSTED_TYPES)
    assert {"credit_pipeline.modelling.scoring.ProbabilityModel", "xgboost.sklearn.XGBClassifier"} <= set(found)
    assert found == sorted(found)


def test_plain_containers_are_trusted(tmp_path: Path) -> None:
    stored = FunctionTransformer(kw_args={"a": OrderedDict(x=1), "b": defaultdict(list, y=[2])})
    dump_trusted(stored, tmp_path / "recipe.skops")
    assert load_trusted(tmp_path / "recipe.skops").kw_args == {"a": {"x": 1}, "b": {"y": [2]}}


def test_a_stored_function_is_a_name_that_must_be_allowed_when_it_is_used(tmp_path: Path) -> None:
    # A text in a file is no type: what keeps it from naming any code is the list of packages.
    dump_trusted(RowFeatures(function="os.system"), tmp_path / "model.skops")
    loaded = load_trusted(tmp_path / "model.skops")
    with pytest.raises(ConfigurationError, match=r"'os\.system' may not be imported"):
        loaded.transform(TABLE)


class _Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.mkdir, (self.path,)  # type: ignore[return-value]  # a path is what it takes


def test_a_pickle_under_another_name_runs_nothing(tmp_path: Path, unpickled: list[str]) -> None:
    content = pickle.dumps(_Bomb(tmp_path / "ran"))
    (tmp_path / "model.skops").write_bytes(content)
    with pytest.raises(Exception):  # noqa: B017, PT011  # which one is another test's matter
        load_trusted(tmp_path / "model.skops")
    assert unpickled == []
    assert not (tmp_path / "ran").exists()
    pickle.loads(content)  # noqa: S301  # the proof that it would have
    assert (tmp_path / "ran").is_dir()


@pytest.mark.parametrize("content", [b"", b"not a zip", "half"], ids=["empty", "text", "half of a file"])
def test_a_damaged_file_is_reported_as_one_that_must_not_be_used(content: bytes | str, tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    dump_trusted(LogisticRegression().fit(TABLE, OUTCOME), path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] if isinstance(content, str) else content)
    assert refusal(path).what.startswith("model.skops")
