"""What the leakage canary plants, and from where on it is exposed."""

from typing import Annotated

from pydantic import Field

from credit_pipeline.spec.base import Seed, Share, Spec


class CanarySpec(Spec):
    """The leakage canary: ``canary.yml``.

    ``model`` names the entry of ``models.yml`` that is run with one candidate and few trees; ``None`` takes the first
    boosted or logistic one. At most ``rows`` rows of either part are used. ``gap`` is how far the cross-validated AUC
    must lie above that of the test part to tell a leak; ``copies`` the share of the test part that is planted again
    as rows of train.
    """

    model: str | None = None
    """The entry of ``models.yml`` that is run; without it the first boosted or logistic one."""
    rows: Annotated[int, Field(ge=100)] = 10_000
    """How many rows of train, and of test, are used at most."""
    gap: Share = 0.1
    """How far the cross-validated AUC must lie above that of test to be called a leak."""
    copies: Share = 0.05
    """The share of the test part that is planted in train."""
    seed: Seed = 42
    """Where the random numbers of the canary start."""
