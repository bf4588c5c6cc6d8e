import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from credit_pipeline.proposal import yaml_text

# What a cell of a text file may hold; a zero byte and half a surrogate pair cannot be there.
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)
SCALARS = TEXTS | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()


def looked_up(text: str) -> object:
    """Read YAML as Kedro does."""
    return OmegaConf.to_container(OmegaConf.create(text), resolve=True)


@given(TEXTS, SCALARS)
def test_what_is_written_is_read_back_as_it_was(name: str, value: object) -> None:
    text = f"{yaml_text.key(name)}: {yaml_text.scalar(value)}\n"  # type: ignore[arg-type]
    if "${" not in str(value):
        assert looked_up(text) == {name: value}
    assert list(yaml.safe_load(text)) == [name]


@given(st.lists(SCALARS.filter(lambda value: "${" not in str(value)), max_size=5), TEXTS)
def test_a_list_on_one_line_is_read_back_as_it_was(values: list[object], name: str) -> None:
    text = f"a: {yaml_text.flow({name: values})}\n"
    assert text.count("\n") == 1
    assert looked_up(text) == {"a": {name: values}}


@pytest.mark.parametrize(
    "text",
    ["yes", "No", "null", "~", "007", "1e5", "1_000", "12:30", "2024-12-31", ".inf", "- a", "a: b", "# a", "a #b"],
)
def test_a_text_that_yaml_would_take_for_something_else_is_quoted(text: str) -> None:
    assert yaml_text.scalar(text).startswith('"')
    assert looked_up(f"a: {yaml_text.scalar(text)}") == {"a": text}


def test_a_text_that_asks_for_a_value_is_not_looked_up() -> None:
    assert looked_up(f"a: {yaml_text.scalar('${oc.env:HOME}')}") == {"a": "${oc.env:HOME}"}


def test_an_object_is_no_value_of_yaml() -> None:
    with pytest.raises(TypeError, match="object"):
        yaml_text.flow([object()])
