"""Files that appear whole or not at all, and the record of each run on the disk."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.storage.atomic import hold_lock, publish
    from credit_pipeline.storage.run_record import RunRecord
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__, submod_attrs={"atomic": ["hold_lock", "publish"], "run_record": ["RunRecord"]}
    )

__all__ = ["RunRecord", "hold_lock", "publish"]
