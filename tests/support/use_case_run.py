"""What every shipped use case must do: run whole on small settings, and leave a sound project when it is deleted.

The test file of a use case has a class that inherits from ``UseCase`` and says what is particular about it.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from mlflow import MlflowClient

from conftest import Run, copy_project

SOUND = """
import importlib
import pkgutil
from pathlib import Path

from kedro.framework.startup import bootstrap_project
from kedro.io import DataCatalog

import credit_pipeline
from credit_pipeline import configuration
from credit_pipeline.configuration import CONFIG_LOADER_ARGS, Configuration, open_run
from credit_pipeline.configuration.loader import ProjectConfigLoader
from credit_pipeline.pipeline_registry import register_pipelines

project = Path.cwd()
assert Path(credit_pipeline.__file__).is_relative_to(project), credit_pipeline.__file__
bootstrap_project(project)
for module in pkgutil.walk_packages(credit_pipeline.__path__, "credit_pipeline."):
    importlib.import_module(module.name)
for environment in sorted(folder.parent.name for folder in project.glob("conf/*/parameters")):
    loader = ProjectConfigLoader(str(project / "conf"), env=environment, **CONFIG_LOADER_ARGS)
    globals = loader["globals"]
    found = Configuration(project, environment, loader["parameters"], globals["folder"], globals)
    configuration.check(found)
    open_run.enter(open_run.OpenRun(configuration=found))
    catalog = DataCatalog.from_config(loader["catalog"])
    assert all(catalog.get(name) is not None for name in catalog.keys())
    assert register_pipelines()["__default__"].nodes
    print(environment)
"""


@dataclass(frozen=True)
class Finished:
    """A project in which a use case has run whole, scoring included."""

    project: Path
    environment: str

    def latest(self, name: str) -> Path:
        return max((self.project / "data" / self.environment / name).glob("*/*"))

    def document(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.latest(name).read_text(encoding="utf-8"))
        return found

    def metrics(self, model: str) -> dict[str, float]:
        found: dict[str, float] = self.document(f"08_reporting/{model}/metrics.json")["metrics"]
        return found

    def parts(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.document("03_primary/split_manifest.json")["parts"]
        return found


class UseCase:
    """Tests of a use case.

    Attributes
    ----------
    environment
        Its folder below ``conf``.
    modules
        Its files below ``src/credit_pipeline/use_cases``.
    small
        Parameters with which it runs in seconds.
    applicants
        How many rows it scores.
    metrics
        Metrics of each of its models.
    answer
        Column of the scores.
    """

    environment: str
    modules: Sequence[str]
    small: Mapping[str, Any]
    applicants: int
    metrics: Sequence[str]
    answer = "prediction"

    @pytest.fixture(scope="class")
    def ran(self, tmp_path_factory: pytest.TempPathFactory, kedro_run: Run) -> Finished:
        project = copy_project(tmp_path_factory.mktemp(self.environment))
        small = {**self.small, "training": {"jobs": 1, **self.small.get("training", {})}}
        kedro_run(project, self.environment, small)
        kedro_run(project, self.environment, small, pipeline_names=["scoring"])
        return Finished(project, self.environment)

    def test_it_ends_with_a_champion_of_its_name(self, ran: Finished) -> None:
        name = yaml.safe_load((ran.project / f"conf/{self.environment}/globals.yml").read_text())["use_case"]
        client = MlflowClient(f"sqlite:///{ran.project / 'mlflow.db'}")
        assert client.get_model_version_by_alias(name, "champion").version in {1, "1"}
        assert client.get_experiment_by_name(name) is not None
        assert ran.document("08_reporting/promotion_report.json")["outcome"] == "promoted"

    def test_its_champion_scores_in_batch(self, ran: Finished) -> None:
        scores = pd.read_parquet(ran.latest("07_model_output/scores.parquet"))
        assert len(scores) == self.applicants
        assert scores[self.answer].notna().all()

    def test_its_metrics_are_those_of_its_task_each_with_an_interval(self, ran: Finished) -> None:
        found = ran.metrics("xgboost")
        for name in self.metrics:
            assert found[f"test_{name}_lower"] < found[f"test_{name}"] < found[f"test_{name}_upper"]

    def test_without_it_the_project_is_sound(self, tmp_path: Path) -> None:
        project = copy_project(tmp_path)
        kept = {folder.parent.name for folder in project.glob("conf/*/parameters")} - {self.environment}
        shutil.rmtree(project / "conf" / self.environment)
        for module in self.modules:
            (project / "src/credit_pipeline/use_cases" / module).unlink()
        done = subprocess.run(
            [sys.executable, "-c", SOUND],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(project / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        assert set(done.stdout.split()) == kept
