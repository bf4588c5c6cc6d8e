import io
import logging

import pytest

from credit_pipeline.pipelines.training.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_on_one_line() -> None:
    terminal = Terminal()
    show = progress("xgboost", terminal)
    for done in range(1, 5):
        show(done, 4)
    drawn = terminal.getvalue()
    assert drawn.count("\n") == 1
    assert drawn.endswith(f"\rxgboost [{'#' * 30}] 4 of 4 fits \n")
    assert f"\rxgboost [{'#' * 15}{'-' * 15}] 2 of 4 fits" in drawn


def test_elsewhere_there_is_a_line_at_each_quarter(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        show = progress("xgboost", io.StringIO())
        for done in range(1, 41):
            show(done, 40)
    assert caplog.messages == [f"xgboost: {done} of 40 fits" for done in (10, 20, 30, 40)]
