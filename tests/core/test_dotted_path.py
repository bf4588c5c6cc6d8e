import os
import subprocess
import sys
from collections.abc import Iterator
from inspect import getsource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from xgboost import XGBClassifier

from credit_pipeline.core import dotted_path
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.features.recipes import ordinal
from credit_pipeline.use_cases.credit_cards import credit_card_features

names = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)


@pytest.fixture(autouse=True)
def _nothing_added(monkeypatch: pytest.MonkeyPatch) -> None:
    # Set, then removed: what a test adds is taken back after it.
    monkeypatch.setenv("CREDIT_PIPELINE_PACKAGES", "")
    monkeypatch.delenv("CREDIT_PIPELINE_PACKAGES")


@pytest.fixture
def own_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A user's package with one function, and a module that leaves a trace when it is imported."""
    package = tmp_path / "bank_of_ada"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "ratios.py").write_text("def debt_to_income(applications):\n    return applications\n")
    (package / "trace.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w').close()\n")
    (package / "broken.py").write_text("import a_package_that_nobody_has\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "bank_of_ada"
    for name in [name for name in sys.modules if name.split(".")[0] == "bank_of_ada"]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("sklearn.linear_model.LogisticRegression", LogisticRegression),
        ("xgboost.XGBClassifier", XGBClassifier),
        ("credit_pipeline.use_cases.credit_cards.credit_card_features", credit_card_features),
    ],
)
def test_a_path_gives_the_very_object_that_it_names(path: str, named: object) -> None:
    assert dotted_path.load(path) is named


@pytest.mark.parametrize("path", ["os.system", "builtins.eval", "subprocess.Popen", "pickle.loads", "sklearning.x.Y"])
def test_another_package_is_refused_with_what_is_allowed_and_where_to_allow_it(path: str) -> None:
    with pytest.raises(ConfigurationError, match=f"'{path}' may not be imported") as caught:
        dotted_path.load(path)
    assert caught.value.got == path
    assert all(package in caught.value.expected for package in dotted_path.PACKAGES)
    assert "ALLOWED_PACKAGES in settings.py" in caught.value.fix
    assert "CREDIT_PIPELINE_PACKAGES" in caught.value.fix


@given(names.filter(lambda name: name not in dotted_path.PACKAGES), st.lists(names, max_size=3))
def test_every_package_that_is_not_listed_is_refused(package: str, rest: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="may not be imported"):
        dotted_path.load(".".join([package, *rest]))


def test_a_refused_package_is_not_even_imported(own_package: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="may not be imported"):
        dotted_path.load(f"{own_package}.trace.anything")
    assert not (tmp_path / "imported").exists()
    dotted_path.allow(own_package)
    with pytest.raises(ConfigurationError, match="has no 'anything'"):
        dotted_path.load(f"{own_package}.trace.anything")
    # The trace is left once it is allowed, so its absence above means something.
    assert (tmp_path / "imported").exists()


@pytest.mark.parametrize("path", ["", ".", "sklearn", "LogisticRegression", ".sklearn.linear_model", "..os.system"])
def test_what_is_no_path_into_a_package_is_refused(path: str) -> None:
    with pytest.raises(ConfigurationError, match="may not be imported"):
        dotted_path.load(path)


def test_a_misspelt_name_is_reported_with_the_closest_one() -> None:
    with pytest.raises(ConfigurationError, match=r"'sklearn.linear_model' has no 'LogisticRegresion'") as caught:
        dotted_path.load("sklearn.linear_model.LogisticRegresion")
    assert caught.value.expected == "sklearn.linear_model.LogisticRegression"
    assert caught.value.got == "sklearn.linear_model.LogisticRegresion"
    assert "conf/<environment>/parameters" in caught.value.fix


def test_a_name_like_no_other_is_reported_without_a_guess() -> None:
    with pytest.raises(ConfigurationError) as caught:
        dotted_path.load("sklearn.linear_model.qqqqqq")
    assert caught.value.expected == "a name in sklearn.linear_model"


def test_a_module_that_does_not_exist_is_reported() -> None:
    with pytest.raises(ConfigurationError, match=r"'sklearn.linear_models' cannot be imported") as caught:
        dotted_path.load("sklearn.linear_models.LogisticRegression")
    assert caught.value.expected == "an installed module"
    assert "sklearn.linear_models" in caught.value.got


def test_a_package_that_is_allowed_but_not_installed_is_reported() -> None:
    dotted_path.allow("a_package_that_nobody_has")
    with pytest.raises(ConfigurationError, match="cannot be imported") as caught:
        dotted_path.load("a_package_that_nobody_has.models.Model")
    assert "No module named 'a_package_that_nobody_has'" in caught.value.got
    assert isinstance(caught.value.__cause__, ImportError)


def test_what_a_module_itself_cannot_import_is_reported(own_package: str) -> None:
    dotted_path.allow(own_package)
    with pytest.raises(ConfigurationError, match=r"'bank_of_ada.broken' cannot be imported") as caught:
        dotted_path.load(f"{own_package}.broken.model")
    assert "a_package_that_nobody_has" in caught.value.got


def test_a_users_own_package_can_be_allowed(own_package: str) -> None:
    path = f"{own_package}.ratios.debt_to_income"
    with pytest.raises(ConfigurationError, match="may not be imported"):
        dotted_path.load(path)
    dotted_path.allow(own_package)
    assert dotted_path.load(path).__name__ == "debt_to_income"  # type: ignore[attr-defined]


def test_a_package_allowed_by_the_environment_is_allowed(own_package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDIT_PIPELINE_PACKAGES", f"other,{own_package}")
    assert dotted_path.added_packages() == ("other", own_package)
    assert callable(dotted_path.load(f"{own_package}.ratios.debt_to_income"))


def test_a_package_that_is_allowed_is_not_one_that_starts_like_it(own_package: str) -> None:
    dotted_path.allow("bank")
    with pytest.raises(ConfigurationError, match="may not be imported"):
        dotted_path.load(f"{own_package}.ratios.debt_to_income")


def test_packages_are_added_once_and_in_order() -> None:
    assert dotted_path.added_packages() == ()
    dotted_path.allow("b", "a")
    dotted_path.allow("a", "c")
    assert dotted_path.added_packages() == ("b", "a", "c")


def test_allowing_nothing_adds_nothing() -> None:
    dotted_path.allow()
    assert "CREDIT_PIPELINE_PACKAGES" not in os.environ


def test_a_process_that_is_started_afterwards_allows_the_same() -> None:
    dotted_path.allow("bank_of_ada")
    done = subprocess.run(
        [sys.executable, "-c", "from credit_pipeline.core import dotted_path; print(*dotted_path.added_packages())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["bank_of_ada"]


def test_the_source_is_the_code_as_it_stands() -> None:
    source = dotted_path.source_of(ordinal)
    assert source == getsource(ordinal)
    assert source.startswith("def ordinal(columns: Columns)")
