"""What ``mlflow run`` starts: the project's ``kedro run``, inside the MLflow run that exists already."""

import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click
from kedro.framework.startup import bootstrap_project

from credit_pipeline import configuration
from credit_pipeline.cli import mlflow_parameters
from credit_pipeline.cli.mlflow_parameters import SERVE
from credit_pipeline.configuration.loader import ProjectConfigLoader
from credit_pipeline.errors import ConfigurationError, CreditPipelineError

Texts = Mapping[str, str]


def _run(project: Path, entry_point: str, given: Texts) -> None:
    """Run pipelines as the project's own ``kedro run`` does."""
    from credit_pipeline.cli import commands  # noqa: PLC0415  # a wrong parameter is reported without it

    configured = _configuration(project, given["env"])["parameters"]
    words = mlflow_parameters.kedro_arguments(entry_point, given, configured["models"])
    changed = mlflow_parameters.parameters(entry_point, given, configured["models"])
    bootstrap_project(project)
    with _resume_run(), commands.cli.commands["run"].make_context("kedro run", words) as context:
        commands.run(**{**context.params, "params": changed})


@contextmanager
def _resume_run() -> Iterator[None]:
    """Continue the run that ``mlflow run`` made, in whichever experiment it is.

    kedro-mlflow would start it in the experiment of mlflow.yml, which MLflow refuses. It uses a run that is active
    already as it is, and does not end it.
    """
    from mlflow import end_run, start_run  # noqa: PLC0415  # takes seconds, which a wrong parameter need not cost
    from mlflow.exceptions import MlflowException  # noqa: PLC0415

    # Its warning of an active run shows the store's address with the password. Kedro's set-up would reset a level.
    logging.getLogger("kedro_mlflow.framework.hooks.mlflow_hook").addFilter(_is_error)
    run_id, status = os.environ.get("MLFLOW_RUN_ID"), "FAILED"
    try:
        if run_id is not None:
            start_run(run_id)
    except MlflowException as error:
        raise _not_resumed(run_id, error) from error
    try:
        yield
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        end_run(status)


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


def _not_resumed(run_id: str | None, error: Exception) -> ConfigurationError:
    return ConfigurationError(
        "The run that `mlflow run` made cannot be continued.",
        expected=f"a run {run_id} at the address of MLFLOW_TRACKING_URI; "
        "a relative address counts from the project's folder",
        got=type(error).__name__,
        fix="set MLFLOW_TRACKING_URI to an absolute address, or unset it; a relative address such as "
        "sqlite:///mlflow.db means a different file in each folder",
    )


def _serve(project: Path, given: Texts) -> NoReturn:
    """Replace this process by the server of the champion."""
    mlflow_parameters.parameters(SERVE, given, {})
    use_case = _configuration(project, given["env"])["globals"]["use_case"]
    words = ["models", "serve", "-m", f"models:/{use_case}@champion", "--env-manager", "local"]
    words += ["-h", given.get("host", "127.0.0.1"), "-p", given.get("port", "3000")]
    os.execv(sys.executable, [sys.executable, "-m", "mlflow", *words])  # noqa: S606  # no shell is wanted


def _configuration(project: Path, environment: str) -> ProjectConfigLoader:
    known = sorted(path.name for path in (project / "conf").iterdir() if path.is_dir())
    if environment not in known:
        raise ConfigurationError(
            f"There is no environment '{environment}'.",
            expected=f"one of {', '.join(known)}",
            got=f"-P env={environment}",
            fix="the parameter, or a folder of that name in conf",
        )
    return ProjectConfigLoader(str(project / "conf"), env=environment, **dict(configuration.CONFIG_LOADER_ARGS))


def _pairs(words: Sequence[str]) -> Texts:
    names = [word.removeprefix("--") for word in words[::2]]
    if len(words) % 2 or any(not word.startswith("--") for word in words[::2]):
        raise ConfigurationError(
            "A parameter has no name or no value.",
            expected="--name value for each parameter",
            got=" ".join(words),
            fix="a space between name and value, and quotes around a value with spaces",
        )
    return dict(zip(names, words[1::2], strict=True))


def main(words: Sequence[str]) -> None:
    """Start an entry point with its parameters as MLflow passes them: ``training --env test --max_depth 4``."""
    entry_point, *pairs = words
    try:
        given = {"env": "local", **_pairs(pairs)}
        if entry_point == SERVE:
            _serve(Path.cwd(), given)
        _run(Path.cwd(), entry_point, given)
    except CreditPipelineError as error:
        click.secho(f"\n{type(error).__name__}: {error}", fg="red", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
