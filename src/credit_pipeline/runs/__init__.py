"""A run from its first act to its last: the session, what happens around it, what is shown, tracked later and repaired."""
