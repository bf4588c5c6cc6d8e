"""What a YAML file may contain: one module per parameter file, one front door."""

from credit_pipeline.spec.base import Code, Marks, Name, Scalar, Seed, Share, Spec, Task
from credit_pipeline.spec.canary import CanarySpec
from credit_pipeline.spec.data import ColumnSpec, ColumnType, DataSpec, Role
from credit_pipeline.spec.deployment import ChampionGateSpec, DeploymentSpec, GatesSpec
from credit_pipeline.spec.features import FeaturesSpec, RecipeSpec
from credit_pipeline.spec.generator import GeneratorSpec
from credit_pipeline.spec.model import Calibration, ModelSpec, SearchSpec
from credit_pipeline.spec.project import ProjectSpec
from credit_pipeline.spec.split import FoldsSpec, SplitScheme, SplitSpec
from credit_pipeline.spec.training import ChallengerSpec, CutOffSpec, PointsSpec, ProfitSpec, TrainingSpec

__all__ = [
    "Calibration",
    "CanarySpec",
    "ChallengerSpec",
    "ChampionGateSpec",
    "Code",
    "ColumnSpec",
    "ColumnType",
    "CutOffSpec",
    "DataSpec",
    "DeploymentSpec",
    "FeaturesSpec",
    "FoldsSpec",
    "GatesSpec",
    "GeneratorSpec",
    "Marks",
    "ModelSpec",
    "Name",
    "PointsSpec",
    "ProfitSpec",
    "ProjectSpec",
    "RecipeSpec",
    "Role",
    "Scalar",
    "SearchSpec",
    "Seed",
    "Share",
    "Spec",
    "SplitScheme",
    "SplitSpec",
    "Task",
    "TrainingSpec",
]
