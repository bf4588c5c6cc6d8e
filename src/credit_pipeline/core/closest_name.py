"""Names in error messages: the known name that a misspelt one may mean, and long lists that are cut short."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_LENGTH = 60  # the comparison takes the square of it, and a file without a header has any text for a name


def find_closest_name(name: str, known: Iterable[str], *, similarity: float = 0.6) -> str | None:
    """Find the known name that a misspelt name probably means. Upper and lower case do not matter.

    Parameters
    ----------
    name
        The misspelt name. Only its first 60 characters are compared.
    known
        The names that exist.
    similarity
        How similar the names must be, from 0 (any) to 1 (equal).

    Returns
    -------
    str or None
        The closest name as ``known`` spells it; ``None`` if none is similar enough.

    Examples
    --------
    >>> find_closest_name("Logloss", ["brier", "log_loss", "roc_auc"])
    'log_loss'
    >>> find_closest_name("ks", ["brier", "log_loss", "roc_auc"]) is None
    True
    """
    spelling = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(name[:_LENGTH].strip().casefold(), spelling, n=1, cutoff=similarity)
    return spelling[close[0]] if close else None


def list_names(names: Sequence[str], most: int, *, count: int | None = None, separator: str = ", ") -> str:
    """List the first names and say how many more there are.

    Parameters
    ----------
    names
        All names, or at least the first ``most``.
    most
        How many are listed.
    count
        How many there are altogether; by default as many as were given.
    separator
        Text between two names.

    Examples
    --------
    >>> list_names(["age", "income", "region"], most=3)
    'age, income, region'
    >>> list_names(["age", "income", "region"], most=2)
    'age, income and 1 more'
    >>> list_names(["row 3", "row 8"], most=2, count=1_502)
    'row 3, row 8 and 1,500 more'
    """
    more = and_more((len(names) if count is None else count) - most)
    return " ".join(filter(None, (separator.join(names[:most]), more)))


def and_more(count: int) -> str:
    """Say how many items of a list are left out; nothing if none is.

    >>> and_more(1_200), and_more(0)
    ('and 1,200 more', '')
    """
    return f"and {count:,} more" if count > 0 else ""
