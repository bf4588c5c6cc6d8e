"""Date formats: which of them read all texts of a column."""

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
"""Formats, as for ``strptime``, that are tried if the texts are not ISO 8601."""

_FIRST, _MOST = 20, 5000


def find_date_formats(texts: Sequence[str]) -> tuple[str, ...]:
    """List the formats that read every text.

    Parameters
    ----------
    texts
        Distinct texts, none of them empty. Only the first 5,000 are read.

    Returns
    -------
    tuple of str
        Only ``ISO`` for dates such as 2024-12-31, else formats from ``FORMATS``; empty if the texts are not dates. Two
        formats mean that day and month cannot be distinguished.

    Examples
    --------
    >>> find_date_formats(["31/12/2024", "01/02/2024"]), find_date_formats(["03/04/2024", "01/02/2024"])
    (('%d/%m/%Y',), ('%d/%m/%Y', '%m/%d/%Y'))
    >>> find_date_formats(["2024-12-31"]), find_date_formats(["A-17", "1.5"])
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
