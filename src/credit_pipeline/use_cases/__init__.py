"""Code that only a shipped use case needs; delete a module with its folder of conf."""

__all__: list[str] = []  # YAML names each function by its module, so that a use case goes without a trace.
