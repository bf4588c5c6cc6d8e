"""Save versions that a run must not load: those of other runs that go on."""


class _Hidden:
    """What the open run must not see."""

    versions: frozenset[str] = frozenset()


def hide(versions: frozenset[str]) -> None:
    """Set the save versions that the open run must not load unless it is told to."""
    _Hidden.versions = versions


def hidden() -> frozenset[str]:
    """Give the save versions that the open run must not load."""
    return _Hidden.versions
