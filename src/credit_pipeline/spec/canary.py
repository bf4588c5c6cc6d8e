"""What the leakage canary plants, and from which difference on a leak counts as exposed."""

from typing import Annotated

from pydantic import Field

from credit_pipeline.spec.base import Seed, Share, Spec


class CanarySpec(Spec):
    """The leakage canary: ``canary.yml``.

    ``model`` names the entry of ``models.yml`` that is run with one candidate and few trees; ``None`` takes the first
    boosted or logistic one. At most ``rows`` rows of each part are used. A cross-validated AUC that exceeds the AUC on
    test by more than ``gap`` shows a leak. Rows of train are copied into the test part; ``copies`` is their number as a
    share of the test part.
    """

    model: str | None = None
    """The entry of ``models.yml`` that is run; without it the first boosted or logistic one."""
    rows: Annotated[int, Field(ge=100)] = 10_000
    """The largest number of rows of each part that are used."""
    gap: Share = 0.1
    """By how much the cross-validated AUC must exceed the AUC on test to show a leak."""
    copies: Share = 0.05
    """How many rows of train are copied into test, as a share of the test part."""
    seed: Seed = 42
    """The seed of the canary's random numbers."""
