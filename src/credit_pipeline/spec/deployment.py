"""The registered model and its gates: ``deployment.yml``."""

from typing import Annotated, Literal

from pydantic import Field

from credit_pipeline.spec.base import Spec


class ChampionGateSpec(Spec):
    """The comparison of the challenger with the current champion, on rows that neither was fitted on.

    The challenger passes if its ``metric`` is not worse by more than ``margin``. With fewer than ``minimum_rows`` rows
    or ``minimum_events`` events they are not compared; ``when_not_compared`` says whether such a challenger waits or
    passes.
    """

    metric: str = "roc_auc"
    """The metric that is compared."""
    margin: Annotated[float, Field(ge=0)] = 0.0
    """By how much the challenger may be worse."""
    minimum_rows: Annotated[int, Field(ge=2)] = 500
    """With fewer rows the models are not compared."""
    minimum_events: Annotated[int, Field(ge=1)] = 50
    """With fewer events the models are not compared."""
    when_not_compared: Literal["hold", "pass"] = "hold"
    """Whether a challenger that was not compared waits or passes."""


class GatesSpec(Spec):
    """What a version must show before the alias ``champion`` moves to it.

    ``minimum`` and ``maximum`` are bounds of metrics, by their tracked names, such as ``test_roc_auc``.
    """

    minimum: dict[str, float] = {}
    """The smallest allowed value by tracked metric."""
    maximum: dict[str, float] = {}
    """The largest allowed value by tracked metric."""
    champion: ChampionGateSpec = ChampionGateSpec()
    """The comparison with the current champion."""


class DeploymentSpec(Spec):
    """The registered model and its gates: ``deployment.yml``."""

    annotation: str = ""
    """A text for the description of the registered version."""
    gates: GatesSpec
    """What a version must show to become champion."""
