import os

import pytest

from credit_pipeline.core.environment import restore_variable

NAME = "CREDIT_PIPELINE_SOMETHING"


@restore_variable(NAME)
def change_and_fail(value: str | None) -> None:
    os.environ.pop(NAME, None)
    if value is not None:
        os.environ[NAME] = value
    raise KeyError


@pytest.mark.parametrize("before", [None, "", "before"])
@pytest.mark.parametrize("within", [None, "within"])
def test_a_variable_is_as_before_also_after_an_error(
    before: str | None, within: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(NAME, raising=False)
    if before is not None:
        monkeypatch.setenv(NAME, before)
    with pytest.raises(KeyError):
        change_and_fail(within)
    assert os.environ.get(NAME) == before
