import pytest

from credit_pipeline.core import find_closest_name, list_names

KNOWN = ("Age", "income", "loan_amount")


@pytest.mark.parametrize(
    ("name", "closest"),
    [("age", "Age"), (" INCOME ", "income"), ("loan-amount", "loan_amount"), ("zip", None), ("", None)],
)
def test_the_closest_name_is_given_as_it_is_spelt(name: str, closest: str | None) -> None:
    assert find_closest_name(name, KNOWN) == closest


def test_a_higher_similarity_finds_less() -> None:
    assert find_closest_name("amount", KNOWN) == "loan_amount"
    assert find_closest_name("amount", KNOWN, similarity=0.75) is None


def test_without_known_names_none_is_close() -> None:
    assert find_closest_name("age", []) is None


@pytest.mark.parametrize(
    ("names", "listed"),
    [([], ""), (["a"], "a"), (["a", "b"], "a, b"), (["a", "b", "c"], "a, b and 1 more")],
)
def test_no_more_names_are_listed_than_asked_for(names: list[str], listed: str) -> None:
    assert list_names(names, 2) == listed


def test_names_may_be_counted_without_being_given() -> None:
    assert list_names(["a", "b"], 2, count=2_002, separator="; ") == "a; b and 2,000 more"
