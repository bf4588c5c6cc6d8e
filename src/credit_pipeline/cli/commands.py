"""The command line: Kedro's ``run``, which refuses unsupported options and reports errors in a few lines."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run

from credit_pipeline.errors import CreditPipelineError


@click.group(name="credit_pipeline")
def cli() -> None:
    """Commands of the project."""


def run(**options: Any) -> Any:  # noqa: ANN401  # Kedro's own options and result, passed on unchanged
    """Run pipelines; without an option, the lifecycle up to the registered champion."""
    with _short_errors():
        _refuse(options)
        return kedro_run.callback(**options)  # type: ignore[misc]  # Kedro's command always has one


@contextmanager
def _short_errors() -> Iterator[None]:
    """Report an error that a person can fix in a few lines, without a traceback."""
    try:
        yield
    except Exception as error:  # reported, then the command ends: never swallowed
        fault = _fixable_error(error)
        if fault is None:
            raise
        click.secho(f"\n{type(fault).__name__}: {fault}", fg="red", err=True)
        sys.exit(1)


@cli.command()
@click.argument("save_version", metavar="RUN")
@click.option("--env", "-e", help="The environment of the run.")
def track(save_version: str, env: str | None) -> None:
    """Upload to MLflow a run that exists only on disk; RUN is its save version, such as 2026-01-31T12.00.00.000Z."""
    from credit_pipeline.runs import track_later  # noqa: PLC0415  # imports MLflow

    with _short_errors():
        click.echo(track_later.track(_project(), env, save_version))


@cli.command()
@click.option("--env", "-e", help="The environment to look at.")
@click.option("--apply", is_flag=True, help="Fix what can be fixed automatically.")
def doctor(env: str | None, apply: bool) -> None:  # click passes options by name
    """List problems with the project's runs, files, aliases and settings."""
    from kedro.framework.project import settings  # noqa: PLC0415

    from credit_pipeline import configuration  # noqa: PLC0415
    from credit_pipeline.runs import doctor as checks  # noqa: PLC0415  # imports MLflow

    with _short_errors():
        with settings.SESSION_CLASS.create(project_path=_project(), env=env) as session:
            context = session.load_context()
            found = checks.findings(configuration.current().folder_path, context.config_loader["globals"]["use_case"])
        left = [finding for finding in found if not (apply and finding.fix)]
        for finding in found:
            if apply and finding.fix:
                finding.fix()
            click.echo(f"{'fixed' if finding not in left else 'found '}  {finding.what}\n        {finding.advice}")
        click.echo(f"{len(found)} found, {len(found) - len(left)} fixed" if found else "nothing is wrong")
        sys.exit(1 if left else 0)


@cli.group(name="use-case")
def use_case() -> None:
    """Your own use cases: each is an environment of the same pipelines."""


@use_case.command()
@click.argument("name")
@click.option("--data", required=True, help="Path or address of the raw table: CSV, Parquet, database#table.")
@click.option("--target", required=True, help="The column to predict.")
@click.option(
    "--task", type=click.Choice(["classification", "regression"]), help="By default inferred from the target."
)
@click.option("--dry-run", is_flag=True, help="Show the files without writing them.")
def new(name: str, **options: Any) -> None:  # noqa: ANN401  # click passes options by name
    """Propose conf/NAME from a table: roles and contract of its columns, recipes, models, gates."""
    from credit_pipeline.proposal import proposal  # noqa: PLC0415  # imports pandas and scikit-learn

    with _short_errors():
        click.echo(proposal.new(_project(), name, **options))


def _project() -> Path:
    from credit_pipeline import configuration  # noqa: PLC0415  # imports pydantic, which `kedro --help` does not need

    return configuration.project_of(Path.cwd())


cli.add_command(click.Command("run", params=list(kedro_run.params), callback=run, help=run.__doc__))


def _refuse(options: dict[str, Any]) -> None:
    from credit_pipeline.runs.hooks import unsupported_missing_outputs, unsupported_option  # noqa: PLC0415  # imports Kedro's runners, which `kedro --help` does not need

    if options["is_async"] or (options["runner_params"] or {}).get("is_async"):
        raise unsupported_option("--async")
    if options["only_missing_outputs"]:
        raise unsupported_missing_outputs()
    if "ParallelRunner" in (options["runner"] or ""):
        raise unsupported_option(f"--runner {options['runner']}")


def _fixable_error(error: BaseException | None) -> CreditPipelineError | None:
    """Find the error that a person can fix inside the exceptions that Kedro raised from it."""
    while error is not None and not isinstance(error, CreditPipelineError):
        error = error.__cause__
    return error
