"""`kedro use-case new`: look at a table that nobody has described and write `conf/<name>`."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.proposal.proposal import new, propose
else:
    __getattr__, __dir__, _ = lazy_loader.attach(__name__, submod_attrs={"proposal": ["new", "propose"]})

__all__ = ["new", "propose"]
