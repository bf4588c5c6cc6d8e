"""The bytes of a file on another machine, or an error within half a minute."""

import importlib
from collections.abc import Mapping
from typing import Any

import fsspec

from credit_pipeline.datasets.raw.addresses import redact, scheme
from credit_pipeline.errors import ConfigurationError, DataError

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5, 20, 2
SUPPORTED = ("s3", "https", "http", "gs", "file")
_PACKAGES = {"s3": "s3fs", "https": "aiohttp", "http": "aiohttp", "gs": "gcsfs"}
_EXTRAS = {"s3": "s3", "https": "https", "http": "https", "gs": "gs"}
# Errors of the packages other than OSError.
_FAULTS = {
    "s3": ("botocore.exceptions", "BotoCoreError"),
    "https": ("aiohttp", "ClientError"),
    "http": ("aiohttp", "ClientError"),
    "gs": ("gcsfs.retry", "HttpError"),
}


def require_supported(address: str) -> None:
    """Check that an address has a scheme that can be read.

    Raises
    ------
    ConfigurationError
        It has a different scheme.
    """
    if (found := scheme(address)) and found not in SUPPORTED:
        raise ConfigurationError(
            "The raw table cannot be read from there.",
            expected=f"'filepath' is a local path or an address with {', '.join(f'{name}://' for name in SUPPORTED)}",
            got=f"{found}://",
            fix="conf/<environment>/catalog/data_split.yml; SqlTableDataset reads databases",
        )


def read(address: str, options: Mapping[str, Any]) -> bytes:
    """Read a complete file.

    Parameters
    ----------
    address
        With one of the schemes s3, https, http and gs.
    options
        Arguments of the file system of fsspec, such as ``key`` and ``secret``.

    Raises
    ------
    ConfigurationError
        The optional package for this kind of address is not installed.
    DataError
        The file does not exist, or its host does not answer in time. The message has the address without secrets, and
        only the type of a package's error, because the text of that error quotes the address.
    """
    files, path = _opened(address, options)
    faults = (OSError, _fault(scheme(address)))
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return bytes(files.cat_file(path))
        except (FileNotFoundError, PermissionError) as error:
            raise _unread(address, type(error).__name__) from None
        except faults as error:
            if attempt == ATTEMPTS:
                raise _unread(address, f"{type(error).__name__}{_status(error)}, {ATTEMPTS} times") from None
    raise AssertionError


def exists(address: str, options: Mapping[str, Any]) -> bool:
    """Return whether a file exists."""
    files, path = _opened(address, options)
    return bool(files.exists(path))


def _opened(address: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    kind = scheme(address)
    try:
        importlib.import_module(_PACKAGES[kind])
        files, path = fsspec.core.url_to_fs(address, **{**_patience(kind), **options})
    except ImportError:
        raise ConfigurationError(
            f"Addresses with {kind}:// need an optional package.",
            expected=f"the package {_PACKAGES[kind]}",
            got="it is not installed",
            fix=f"pip install 'credit-pipeline[{_EXTRAS[kind]}]'",
        ) from None
    return files, path


def _patience(kind: str) -> dict[str, Any]:
    """Return arguments that report an unreachable host within seconds; the limits of the packages are minutes."""
    if kind in ("http", "https"):
        aiohttp = importlib.import_module("aiohttp")
        limit = aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_read=READ_SECONDS)
        return {"client_kwargs": {"timeout": limit, "trust_env": True}}
    if kind == "s3":  # s3fs tries five times by itself
        retries = {"mode": "standard", "total_max_attempts": 1}
        limits = {"connect_timeout": CONNECT_SECONDS / 2, "read_timeout": READ_SECONDS, "retries": retries}
        return {"config_kwargs": limits}
    return {}


def _fault(kind: str) -> type[Exception]:
    module, name = _FAULTS[kind]
    fault: type[Exception] = getattr(importlib.import_module(module), name)
    return fault


def _status(error: Exception) -> str:
    """Return the status code of a web server's refusal."""
    return f" {status}" if (status := getattr(error, "status", None)) else ""


def _unread(address: str, got: str) -> DataError:
    return DataError(
        f"The raw table '{redact(address)}' cannot be read.",
        expected="a file that may be read, on a host that answers",
        got=got,
        fix="the address, the credentials in the environment, or the host",
    )
