"""The project's hooks, imported when a context is made: `kedro --help` needs neither MLflow nor scikit-learn."""

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from pluggy import PluginManager

from credit_pipeline.configuration import OpenRun


class LazyHooks:
    """Registers the project's hooks in a session that is not a ``LifecycleSession``, which does so itself."""

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Register the hooks with a new run, once, and pass the context on to them: this call does not reach them."""
        manager = context._hook_manager  # noqa: SLF001  # Kedro hands it to whoever builds on a context
        for hook in register_hooks(manager, OpenRun()):
            if hasattr(hook, "after_context_created"):
                hook.after_context_created(context)


def register_hooks(manager: PluginManager, run: OpenRun) -> list[object]:
    """Register the project's hooks, bound to a run, unless the session's manager has them already.

    Returns
    -------
    list
        The hooks that were registered.
    """
    from credit_pipeline.runs.hooks import ProjectHooks  # noqa: PLC0415
    from credit_pipeline.runs.promotion_lock import PromotionLock  # noqa: PLC0415
    from credit_pipeline.tracking import TrackingHook  # noqa: PLC0415

    if any(isinstance(plugin, ProjectHooks) for plugin in manager.get_plugins()):
        return []
    hooks: list[object] = [ProjectHooks(run), TrackingHook(run), PromotionLock()]
    for hook in hooks:
        manager.register(hook)
    return hooks
