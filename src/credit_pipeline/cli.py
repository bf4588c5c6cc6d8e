"""The command line: Kedro's ``run``, which refuses what would record untruths and tells faults in a few lines."""

import sys
from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run

from credit_pipeline.errors import CreditPipelineError


@click.group(name="credit_pipeline")
def cli() -> None:
    """Commands of the project."""


def run(**options: Any) -> Any:  # noqa: ANN401  # Kedro's own options and result, handed on as they are
    """Run pipelines; without an option, the lifecycle up to the registered champion."""
    try:
        _refuse(options)
        return kedro_run.callback(**options)  # type: ignore[misc]  # Kedro's command always has one
    except Exception as error:  # told, then ended: never swallowed
        fault = _fault_behind(error)
        if fault is None:
            raise
        click.secho(f"\n{type(fault).__name__}: {fault}", fg="red", err=True)
        sys.exit(1)


cli.add_command(click.Command("run", params=list(kedro_run.params), callback=run, help=run.__doc__))


def _refuse(options: dict[str, Any]) -> None:
    from credit_pipeline.hooks import refused  # noqa: PLC0415  # imports Kedro's runners, which `kedro --help` does not need

    if options["is_async"]:
        raise refused("--async")
    if "ParallelRunner" in (options["runner"] or ""):
        raise refused(f"--runner {options['runner']}")


def _fault_behind(error: BaseException | None) -> CreditPipelineError | None:
    """Find the fault that a person can mend, inside what Kedro wrapped around it."""
    while error is not None and not isinstance(error, CreditPipelineError):
        error = error.__cause__
    return error
