"""How far a search is: a bar in a terminal, sparse lines outside."""

import logging
import sys
from typing import TextIO

from credit_pipeline.modelling.training.search_plan import Progress

_WIDTH = 30
_log = logging.getLogger(__name__)


def progress(name: str, terminal: TextIO | None = None) -> Progress:
    """Give what tells the progress of a model's search.

    Parameters
    ----------
    name
        The model.
    terminal
        Where a bar is drawn, if it is a terminal; by default the standard error output. Elsewhere a line is logged at
        each quarter.
    """
    out = sys.stderr if terminal is None else terminal
    return _bar(name, out) if out.isatty() else _lines(name)


def _bar(name: str, terminal: TextIO) -> Progress:
    def tell(done: int, total: int) -> None:
        filled = _WIDTH * done // total
        end = "\n" if done == total else ""
        terminal.write(f"\r{name} [{'#' * filled}{'-' * (_WIDTH - filled)}] {done} of {total} fits {end}")
        terminal.flush()

    return tell


def _lines(name: str) -> Progress:
    def tell(done: int, total: int) -> None:
        if done * 4 // total > (done - 1) * 4 // total:
            _log.info("%s: %d of %d fits", name, done, total)

    return tell
