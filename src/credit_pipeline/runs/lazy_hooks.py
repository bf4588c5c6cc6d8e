"""The project's hooks, imported when a context is made: `kedro --help` needs neither MLflow nor scikit-learn."""

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl


class LazyHooks:
    """Stands in for the hooks until a session opens, then gives it its own."""

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Register the project's hooks with the session of the context, once, and let them see the context."""
        from credit_pipeline.runs.hooks import ProjectHooks  # noqa: PLC0415
        from credit_pipeline.runs.promotion_lock import PromotionTurn  # noqa: PLC0415
        from credit_pipeline.tracking import TrackingHook  # noqa: PLC0415

        manager = context._hook_manager  # noqa: SLF001  # Kedro hands it to whoever builds on a context
        for kind in (ProjectHooks, TrackingHook, PromotionTurn):
            hook = next((found for found in manager.get_plugins() if isinstance(found, kind)), None)
            if hook is None:
                hook = kind()
                manager.register(hook)
            if hasattr(hook, "after_context_created"):
                hook.after_context_created(context)
