"""How texts that are dates are written: every format that reads all of them."""

import re
from collections.abc import Sequence

import pandas as pd

ISO = "ISO8601"
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
_DATE_LIKE = re.compile(r"(?=.*\d)(\w+[ ./,-]+\w+([ ./,-]+\w+)?|\d{8})([ T]\d{1,2}:\d{2}(:\d{2})?)?")
_DAYS = (
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d.%m.%y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
)
_MONTHS = ("%b-%Y", "%Y-%m", "%m/%Y")
_TIMES = ("%H:%M", "%H:%M:%S")
FORMATS = (*_DAYS, *_MONTHS, *(f"{day} {time}" for day in _DAYS for time in _TIMES))
"""Formats that are tried beside ISO 8601, as for ``strptime``."""

_FIRST, _MOST = 20, 5000


def recognised(texts: Sequence[str]) -> tuple[str, ...]:
    """Name the formats that read every text.

    Parameters
    ----------
    texts
        Distinct texts, none of them empty; the first 5,000 are looked at.

    Returns
    -------
    tuple of str
        ``ISO`` alone for dates such as 2024-12-31, else formats of ``FORMATS``; empty where the texts are no dates. Two
        formats mean that nobody can tell the day from the month.

    Examples
    --------
    >>> recognised(["31/12/2024", "01/02/2024"]), recognised(["03/04/2024", "01/02/2024"])
    (('%d/%m/%Y',), ('%d/%m/%Y', '%m/%d/%Y'))
    >>> recognised(["2024-12-31"]), recognised(["A-17", "1.5"])
    (('ISO8601',), ())
    """
    few = list(texts[:_FIRST])
    is_iso = all(map(_ISO_DATE.fullmatch, few))
    if not few or not (is_iso or all(map(_DATE_LIKE.fullmatch, few))):
        return ()
    tried = (ISO,) if is_iso else FORMATS
    likely = [written for written in tried if _reads(few, written)]
    return tuple(written for written in likely if _reads(list(texts[:_MOST]), written))


def _reads(texts: list[str], written: str) -> bool:
    return bool(pd.to_datetime(pd.Series(texts), format=written, errors="coerce", utc=True).notna().all())
