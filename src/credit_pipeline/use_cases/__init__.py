"""Code that only a shipped use case needs; delete a module with its folder of conf."""
