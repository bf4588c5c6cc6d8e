"""How a run is started from outside: Kedro's command line and `mlflow run`."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.cli.commands import cli
else:
    __getattr__, __dir__, _ = lazy_loader.attach(__name__, submod_attrs={"commands": ["cli"]})

__all__ = ["cli"]
