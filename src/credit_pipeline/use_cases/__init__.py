"""Code that only one use case needs; a use case is deleted with its folder of `conf`, its module here and its tests."""

__all__: list[str] = []  # YAML names each function by its module, so that no other code mentions a use case.
