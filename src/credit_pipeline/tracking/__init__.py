"""Everything written to and read from MLflow: runs, models, versions, aliases."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.tracking.hook import TrackingHook
    from credit_pipeline.tracking.model_run import ModelRecord, ModelRun
    from credit_pipeline.tracking.registered_model import RegisteredModel, UnusableModel, load_version
    from credit_pipeline.tracking.registry import RegistryAlias, RegistryVersion
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "hook": ["TrackingHook"],
            "model_run": ["ModelRecord", "ModelRun"],
            "registered_model": ["RegisteredModel", "UnusableModel", "load_version"],
            "registry": ["RegistryAlias", "RegistryVersion"],
        },
    )

__all__ = [
    "ModelRecord",
    "ModelRun",
    "RegisteredModel",
    "RegistryAlias",
    "RegistryVersion",
    "TrackingHook",
    "UnusableModel",
    "load_version",
]
