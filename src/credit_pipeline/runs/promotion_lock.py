"""Only one run at a time promotes: it reads the champion a last time, decides, and moves the aliases."""

from contextlib import ExitStack

from kedro.framework.hooks import hook_impl
from kedro.pipeline.node import Node

from credit_pipeline import configuration
from credit_pipeline.pipelines.deployment.pipeline import TAG
from credit_pipeline.storage import hold_lock


class PromotionLock:
    """Makes other runs wait while a node with the tag ``one_at_a_time`` loads, runs and saves."""

    def __init__(self) -> None:
        self._held = ExitStack()
        self._node: str | None = None

    @hook_impl(tryfirst=True)
    def before_dataset_loaded(self, node: Node) -> None:
        """Acquire the lock before the first input of such a node."""
        if TAG in node.tags and self._node != node.name:
            self._held.enter_context(hold_lock(configuration.current().folder_path / "runs/.promotion.lock", node.name))
            self._node = node.name

    @hook_impl(trylast=True)
    def after_dataset_saved(self, dataset_name: str, node: Node) -> None:
        """Release the lock after the last output."""
        if self._node == node.name and dataset_name == node.outputs[-1]:
            self._release()

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Release the lock after an error."""
        self._release()

    def _release(self) -> None:
        self._held.close()
        self._node = None
