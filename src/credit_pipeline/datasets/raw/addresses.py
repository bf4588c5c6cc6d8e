"""Addresses of tables and servers, shown without their secrets."""

import re
from urllib.parse import urlsplit


def without_credentials(text: str) -> str:
    """Remove user and password from every address in a text.

    >>> without_credentials("postgresql://ada:l@ve@db/mlflow is unreachable")
    'postgresql://db/mlflow is unreachable'
    """
    return re.sub(r"(?<=://)[^/\s]*@", "", text)


def redact(address: str) -> str:
    """Remove user, password, query and fragment from an address; the query of a signed address is a secret.

    Parameters
    ----------
    address
        An address with a scheme, or a local path, which is not changed.

    Examples
    --------
    >>> redact("https://ada:love@host/raw.csv?signature=1815")
    'https://host/raw.csv'
    >>> redact("data/what?.csv")
    'data/what?.csv'
    """
    return re.split("[?#]", without_credentials(address), maxsplit=1)[0] if "://" in address else address


def scheme(address: str) -> str:
    """Return the scheme of an address, in lower case; empty for a local path.

    >>> scheme("S3://bucket/raw.csv"), scheme("data/raw.csv")
    ('s3', '')
    """
    return urlsplit(address).scheme.lower() if "://" in address else ""
