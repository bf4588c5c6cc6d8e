"""A run from its first act to its last: the session, its hooks, what is shown, tracked later and repaired."""
