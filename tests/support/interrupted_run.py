"""Run the test environment in this process, and let something happen at a named step of it.

``python tests/support/interrupted_run.py PROJECT STEP:WHEN ACTION [KEDRO OPTION=VALUE ...]``. A step is the name of a
file that a dataset writes, or ``alias``; WHEN is ``before``, ``during`` (written, not yet published) or ``after``.
ACTION is one of:

* a signal for this process, such as ``SIGKILL``, or ``SIGKILL=1234`` for another one;
* ``GET=http://...``, which asks somebody else to let it happen;
* ``FREEZE=SIGTERM``: the workers of the search are named and stopped, so that only a kill can end them; then this
  process gets the signal.

The step ``event:N`` is the N-th thing that Python itself reports: files opened, moved and removed, modules imported,
processes started; at the end of an undisturbed run their number is printed.
"""

import atexit
import itertools
import os
import signal
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kedro.framework.startup import bootstrap_project
from mlflow import MlflowClient

from child_processes import workers_of
from credit_pipeline.cli import cli
from credit_pipeline.datasets import files

publish, set_alias = files.publish, MlflowClient.set_registered_model_alias


def act(action: str) -> None:
    name, _, process = action.partition("=")
    if name == "GET":
        urllib.request.urlopen(process).close()  # noqa: S310  # an address of the tests
        return
    if name == "FREEZE":
        freeze_workers()
        name, process = process, ""
    os.kill(int(process or os.getpid()), getattr(signal, name))


def freeze_workers() -> None:
    """Stop the workers: without this they would end by themselves once this process does."""
    workers = workers_of(os.getpid())
    sys.stdout.write(f"workers {' '.join(workers)}\n")
    for worker in workers:
        os.kill(int(worker.partition(":")[0]), signal.SIGSTOP)


def count_events(number: int, action: str) -> None:
    """Let something happen at one of Python's audit events."""
    counter = itertools.count(1)

    def reported(_event: str, _details: tuple[object, ...]) -> None:
        if next(counter) == number:
            act(action)

    atexit.register(lambda: sys.stdout.write(f"{next(counter)} events\n"))
    sys.addaudithook(reported)


def arrange(step: str, when: str, action: str) -> None:
    @contextmanager
    def watched(path: Path, *, exclusive: bool = False) -> Iterator[Path]:
        here = path.name == step
        if here and when == "before":
            act(action)
        with publish(path, exclusive=exclusive) as temporary:
            yield temporary
            if here and when == "during":
                act(action)
        if here and when == "after":
            act(action)

    def set_watched(self: MlflowClient, name: str, alias: str, version: str) -> None:
        if step == "alias" and when == "before":
            act(action)
        set_alias(self, name, alias, version)
        if step == "alias" and when == "after":
            act(action)

    files.publish = watched
    MlflowClient.set_registered_model_alias = set_watched  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    project, step, action, *options = sys.argv[1:]
    os.chdir(project)
    bootstrap_project(Path(project))
    name, _, when = step.partition(":")
    if name == "event":
        count_events(int(when), action)
    else:
        arrange(name, when, action)
    cli(["run", "--env", "test", *options], standalone_mode=True)
