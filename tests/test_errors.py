import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline import errors
from credit_pipeline.errors import CreditPipelineError

KINDS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.CreditPipelineError)
]
REPORTED = ["What.", "  expected: this", "  got:      that", "  fix:      there"]
PART = st.text(max_size=20)


def test_a_fault_is_reported_in_four_lines() -> None:
    fault = CreditPipelineError("No target.", expected="a column 'default'", got="columns a, b", fix="data.yml")
    assert str(fault).splitlines() == [
        "No target.",
        "  expected: a column 'default'",
        "  got:      columns a, b",
        "  fix:      data.yml",
    ]


@given(PART, PART, PART, PART)
def test_each_part_of_a_fault_is_kept_for_programs(what: str, expected: str, got: str, fix: str) -> None:
    fault = CreditPipelineError(what, expected=expected, got=got, fix=fix)
    assert (fault.what, fault.expected, fault.got, fault.fix) == (what, expected, got, fix)
    assert all(part in str(fault) for part in (what, expected, got, fix))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_fault_is_caught_as_one_and_reports_the_same(kind: type[CreditPipelineError]) -> None:
    with pytest.raises(CreditPipelineError) as raised:
        raise kind("What.", expected="this", got="that", fix="there")
    assert str(raised.value).splitlines() == REPORTED


def test_no_part_of_a_fault_can_be_left_out() -> None:
    with pytest.raises(TypeError, match="fix"):
        CreditPipelineError("What.", expected="this", got="that")  # type: ignore[call-arg]  # that is the point


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_in_a_worker_process_reaches_the_one_that_waits(kind: type[CreditPipelineError]) -> None:
    fault = kind("What.", expected="this", got="that", fix="there")
    back = pickle.loads(pickle.dumps(fault))  # noqa: S301  # our own bytes
    assert type(back) is kind
    assert str(back).splitlines() == REPORTED
