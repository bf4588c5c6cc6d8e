"""`kedro use-case new`: read a table without a description and propose `conf/<name>` for it."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.proposal.proposal import new, propose
else:
    __getattr__, __dir__, _ = lazy_loader.attach(__name__, submod_attrs={"proposal": ["new", "propose"]})

__all__ = ["new", "propose"]
