"""The registered model and its gates: ``deployment.yml``."""

from typing import Annotated, Literal

from pydantic import Field

from credit_pipeline.spec.base import Spec


class ChampionGateSpec(Spec):
    """The challenger against the standing champion, on rows that neither was fitted on.

    It passes if its ``metric`` is not worse by more than ``margin``. Fewer than ``minimum_rows`` rows or
    ``minimum_events`` events are no comparison: ``when_not_compared`` says whether such a challenger waits or passes.
    """

    metric: str = "roc_auc"
    """The metric that is compared."""
    margin: Annotated[float, Field(ge=0)] = 0.0
    """By how much the challenger may be worse."""
    minimum_rows: Annotated[int, Field(ge=2)] = 500
    """Fewer rows are not compared."""
    minimum_events: Annotated[int, Field(ge=1)] = 50
    """Fewer events are not compared."""
    when_not_compared: Literal["hold", "pass"] = "hold"
    """Whether a challenger that was not compared waits or passes."""


class GatesSpec(Spec):
    """What a version must show before the alias ``champion`` moves to it.

    ``minimum`` and ``maximum`` bound metrics by their tracked names, such as ``test_roc_auc``.
    """

    minimum: dict[str, float] = {}
    """The least value by tracked metric."""
    maximum: dict[str, float] = {}
    """The greatest value by tracked metric."""
    champion: ChampionGateSpec = ChampionGateSpec()
    """The comparison with the standing champion."""


class DeploymentSpec(Spec):
    """The registered model and its gates: ``deployment.yml``."""

    annotation: str = ""
    """A text for the description of the registered version."""
    gates: GatesSpec
    """What a version must show to become champion."""
