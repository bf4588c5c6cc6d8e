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
    margin: Annotated[float, Field(ge=0)] = 0.0
    minimum_rows: Annotated[int, Field(ge=2)] = 500
    minimum_events: Annotated[int, Field(ge=1)] = 50
    when_not_compared: Literal["hold", "pass"] = "hold"


class GatesSpec(Spec):
    """What a version must show before the alias ``champion`` moves to it.

    ``minimum`` and ``maximum`` bound metrics by their tracked names, such as ``test_roc_auc``.
    """

    minimum: dict[str, float] = {}
    maximum: dict[str, float] = {}
    champion: ChampionGateSpec = ChampionGateSpec()


class DeploymentSpec(Spec):
    """The registered model and its gates: ``deployment.yml``."""

    annotation: str = ""
    gates: GatesSpec
