"""The lifecycle from Python: `kedro run` in this process, for one run or for several that are compared."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import mlflow
import pandas as pd
from kedro.framework.project import settings
from kedro.framework.startup import bootstrap_project
from mlflow import MlflowClient
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID
from omegaconf import OmegaConf

from credit_pipeline import configuration
from credit_pipeline.core.environment import restore_variable
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.figures import sweep_figure
from credit_pipeline.storage import run_record

Parameters = Mapping[str, object]


@dataclass(frozen=True)
class RunResult:
    """A run that finished.

    Attributes
    ----------
    project, env
        Where it ran, and in which environment.
    save_version
        Its Kedro save version, which is part of the path of everything that it wrote.
    run_id
        Its MLflow run, ``None`` if it was not tracked.
    """

    project: Path
    env: str | None
    save_version: str
    run_id: str | None
    _outputs: Mapping[str, Mapping[str, str]] = field(repr=False)

    @property
    def datasets(self) -> list[str]:
        """Names of the datasets that the run wrote."""
        return sorted(self._outputs)

    @property
    def leaderboard(self) -> pd.DataFrame:
        """One row per model: status, seconds and every metric; the challenger is marked."""
        return pd.DataFrame(self.load("leaderboard"))

    @property
    def champion(self) -> dict[str, Any]:
        """What happened to the champion: outcome, model, version, reason."""
        return dict(self.load("promotion_report"))

    def load(self, name: str) -> Any:  # noqa: ANN401  # any dataset
        """Load a dataset as this run wrote it, even if later runs wrote newer versions.

        Raises
        ------
        ConfigurationError
            The run wrote no such dataset.
        """
        if name not in self._outputs:
            raise ConfigurationError(
                f"The run {self.save_version} wrote no dataset '{name}'.",
                expected=f"one of {', '.join(self.datasets)}",
                got=name,
                fix="the name, or the pipelines that were run",
            )
        with settings.SESSION_CLASS.create(project_path=self.project, env=self.env) as session:
            return session.load_context().catalog.load(name, self._outputs[name]["version"])


def run(
    env: str | None = None,
    pipelines: Sequence[str] | None = None,
    params: Parameters | None = None,
    *,
    project: str | Path | None = None,
    **filters: object,
) -> RunResult:
    """Run pipelines in this process.

    Parameters
    ----------
    env
        Environment; ``None`` is the credit use case.
    pipelines
        Names; ``None`` is the lifecycle up to the registered champion.
    params
        Parameters for this run, by dotted path or nested: ``{"split.seed": 7}``.
    project
        The project's folder or one below it; by default the working folder.
    **filters
        Other options of a Kedro session: ``tags``, ``namespaces``, ``node_names``, ``from_nodes``, ``load_versions``,
        ``runner``.

    Returns
    -------
    RunResult
        Gives access to what the run wrote.

    Raises
    ------
    CreditPipelineError
        An error that a person can fix, as on the command line.
    """
    folder = configuration.project_of(Path(project).resolve() if project else Path.cwd())
    # Paths in the catalog are relative to the project.
    with restore_variable("KEDRO_ENV"), contextlib.chdir(folder):
        bootstrap_project(folder)
        asked = {"project_path": folder, "env": env, "runtime_params": _nested(params or {})}
        with settings.SESSION_CLASS.create(**asked) as session:
            session.run(pipeline_names=list(pipelines or []), **filters)
            save_version = str(session.session_id)
            record = run_record.record_of(configuration.current().folder_path, save_version) or {}
    return RunResult(folder, env, save_version, record.get("mlflow_run"), record.get("outputs", {}))


@dataclass(frozen=True)
class SweepResult:
    """Several runs of one parent, and how they compare.

    Attributes
    ----------
    runs
        In the order of their parameters.
    table
        One row per run and model: the parameters that differ, then the columns of the leaderboard.
    run_id
        The parent in MLflow, ``None`` if the runs were not tracked.
    """

    runs: tuple[RunResult, ...]
    table: pd.DataFrame
    run_id: str | None


def sweep(
    params: Sequence[Parameters],
    env: str | None = None,
    pipelines: Sequence[str] = ("data_split", "feature_engineering", "training"),
    *,
    project: str | Path | None = None,
    metric: str = "roc_auc",
) -> SweepResult:
    """Run pipelines once for each set of parameters, as children of one MLflow run, and draw a comparison.

    Parameters
    ----------
    params
        Sets of parameters, as ``run`` takes them.
    env, pipelines, project
        As ``run`` takes them.
    metric
        The metric of the figure.
    """
    runs = tuple(run(env, pipelines, chosen, project=project) for chosen in params)
    boards = [_board(number, result, chosen) for number, (result, chosen) in enumerate(zip(runs, params, strict=True))]
    table = pd.concat(boards, ignore_index=True)
    ahead = ["run", *dict.fromkeys(key for chosen in params for key in _flat(chosen))]
    table = table[[*ahead, *(name for name in table if name not in ahead)]]
    return SweepResult(runs, table, _record_parent(runs, table, ahead, metric))


def _board(number: int, result: RunResult, chosen: Parameters) -> pd.DataFrame:
    """Return a run's leaderboard, with the number and the parameters of the run as its first columns."""
    board = result.leaderboard
    for place, (name, value) in enumerate({"run": number, **_flat(chosen)}.items()):
        board.insert(place, name, [value] * len(board))
    return board


def _record_parent(runs: Sequence[RunResult], table: pd.DataFrame, varied: Sequence[str], metric: str) -> str | None:
    """Make the parent run in MLflow, make the runs its children, and log table and figure."""
    tracked = [result.run_id for result in runs if result.run_id]
    if not tracked:
        return None
    client = MlflowClient(mlflow.get_tracking_uri())
    experiment = client.get_run(tracked[0]).info.experiment_id
    parent = client.create_run(experiment, run_name=f"sweep of {len(runs)}").info.run_id
    for run_id in tracked:
        client.set_tag(run_id, MLFLOW_PARENT_RUN_ID, parent)
    client.log_table(parent, table, "sweep.json")
    client.log_figure(parent, sweep_figure(table, list(varied)[1:], metric), "figures/sweep.png")
    client.set_terminated(parent, "FINISHED")
    return str(parent)


def _nested(params: Parameters) -> dict[str, Any]:
    """Turn dotted paths into nested parameters.

    >>> _nested({"split.seed": 7, "training": {"seed": 1}})
    {'split': {'seed': 7}, 'training': {'seed': 1}}
    """
    nested = OmegaConf.create()
    for path, value in params.items():
        OmegaConf.update(nested, path, value)
    return cast("dict[str, Any]", OmegaConf.to_container(nested))


def _flat(params: Parameters, prefix: str = "") -> dict[str, object]:
    """Turn nested parameters into dotted paths.

    >>> _flat({"training": {"seed": 1}})
    {'training.seed': 1}
    """
    flat: dict[str, object] = {}
    for key, value in params.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return flat
