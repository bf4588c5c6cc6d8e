"""How rows are divided into train, test and folds."""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from credit_pipeline.spec.base import Seed, Share, Spec

SplitScheme = Literal["random_stratified", "random", "grouped", "out_of_time"]


class SplitSpec(Spec):
    """How rows become train and test: ``data_split.yml``. The folds of cross-validation follow the same scheme.

    ``random_stratified`` keeps the default rate. ``random`` does not look at the target. ``grouped`` keeps all rows of
    one group (a borrower) in one part. ``out_of_time`` tests on the latest rows: those from the day ``test_from`` on,
    or the latest ``test_share``. The rows of the ``gap_days`` before them are left out, because their outcomes were not
    known yet at that time.
    """

    scheme: SplitScheme = "random_stratified"
    """How rows are divided into train, test and folds."""
    test_share: Share = 0.2
    """The share of rows in the test part."""
    seed: Seed = 42
    """The seed of the random division."""
    test_from: dt.date | None = None
    """The first day of the test part, with ``out_of_time``; without it the latest ``test_share``."""
    gap_days: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0
    """Days before the test part that are left out, with ``out_of_time``."""

    @model_validator(mode="after")
    def _time_is_for_out_of_time(self) -> Self:
        if self.scheme != "out_of_time" and (self.test_from is not None or self.gap_days):
            raise ValueError("'test_from' and 'gap_days' go with scheme 'out_of_time'")
        return self


class FoldsSpec(Spec):
    """The cross-validation folds that every model shares; they follow the scheme of the split."""

    count: Annotated[int, Field(ge=2, le=50)] = 5
    """The number of folds."""
    seed: Seed = 42
    """The seed of the random division into folds."""
