"""The progress of a search: a bar in a terminal, a few lines elsewhere."""

import logging
import sys
from typing import TextIO

from credit_pipeline.modelling.training.search_plan import Progress

_WIDTH = 30
_log = logging.getLogger(__name__)


def progress(name: str, terminal: TextIO | None = None) -> Progress:
    """Return the function that shows the progress of a model's search.

    Parameters
    ----------
    name
        Name of the model.
    terminal
        Where the bar is drawn; by default the standard error output. If this is not a terminal, a line is logged after
        each quarter instead.
    """
    out = sys.stderr if terminal is None else terminal
    return _bar(name, out) if out.isatty() else _lines(name)


def _bar(name: str, terminal: TextIO) -> Progress:
    def show(done: int, total: int) -> None:
        filled = _WIDTH * done // total
        end = "\n" if done == total else ""
        terminal.write(f"\r{name} [{'#' * filled}{'-' * (_WIDTH - filled)}] {done} of {total} fits {end}")
        terminal.flush()

    return show


def _lines(name: str) -> Progress:
    def show(done: int, total: int) -> None:
        if done * 4 // total > (done - 1) * 4 // total:
            _log.info("%s: %d of %d fits", name, done, total)

    return show
