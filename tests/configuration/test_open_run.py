"""Which run is current, whatever the order in which sessions begin and end."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.configuration import OpenRun, open_run


@pytest.fixture(autouse=True)
def _nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_run, "_open", [])


def entered(*, has_end: bool = True) -> OpenRun:
    run = OpenRun(has_end=has_end)
    open_run.enter(run)
    return run


def test_a_run_inside_another_leaves_the_outer_one_open() -> None:
    outer, inner = entered(), entered()
    assert open_run.current() is inner
    open_run.close(inner)
    assert open_run.current() is outer
    open_run.close(outer)
    assert open_run.current() is None


def test_a_run_may_be_closed_twice_or_without_having_been_entered() -> None:
    run = entered()
    for _ in range(2):
        open_run.close(run)
    open_run.close(OpenRun())
    assert open_run.current() is None


def test_a_run_whose_session_reports_no_end_is_current_until_the_next_of_its_kind() -> None:
    notebook = entered(has_end=False)
    open_run.close(entered())
    assert open_run.current() is notebook
    again = entered(has_end=False)
    assert open_run.current() is again
    open_run.close(again)
    assert open_run.current() is None


def test_a_thread_sees_the_open_run_of_its_process() -> None:
    run = entered()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(open_run.current).result() is run


@given(st.lists(st.tuples(st.sampled_from(["enter", "close"]), st.sampled_from(["v1", "v2", "v3"])), max_size=12))
def test_runs_in_any_order_never_mix(operations: list[tuple[str, str]]) -> None:
    runs = {version: OpenRun(has_end=True) for version in ("v1", "v2", "v3")}
    names: list[str] = []
    for operation, version in operations:
        names = [other for other in names if other != version]
        if operation == "enter":
            names.append(version)
            open_run.enter(runs[version])
        else:
            open_run.close(runs[version])
    assert open_run.current() is (runs[names[-1]] if names else None)
    for run in runs.values():
        open_run.close(run)
