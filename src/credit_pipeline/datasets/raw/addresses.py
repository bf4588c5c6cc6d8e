"""Addresses of tables and servers, told without what is secret in them."""

import re
from urllib.parse import urlsplit


def without_credentials(text: str) -> str:
    """Leave out user and password of every address in a text.

    >>> without_credentials("postgresql://ada:l@ve@db/mlflow is away")
    'postgresql://db/mlflow is away'
    """
    return re.sub(r"(?<=://)[^/\s]*@", "", text)


def redact(address: str) -> str:
    """Leave out user, password, query and fragment of one address: a signed address has its secret in the query.

    Parameters
    ----------
    address
        A local path, which stays as it is, or an address with a scheme.

    Examples
    --------
    >>> redact("https://ada:love@host/raw.csv?signature=1815")
    'https://host/raw.csv'
    >>> redact("data/what?.csv")
    'data/what?.csv'
    """
    return re.split("[?#]", without_credentials(address), maxsplit=1)[0] if "://" in address else address


def scheme(address: str) -> str:
    """Give the scheme of an address, in lower case; a local path has none.

    >>> scheme("S3://bucket/raw.csv"), scheme("data/raw.csv")
    ('s3', '')
    """
    return urlsplit(address).scheme.lower() if "://" in address else ""
