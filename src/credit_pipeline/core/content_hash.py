"""Hashes of content: the same values give the same hash on any machine, in any process."""

import hashlib
import json
from collections.abc import Mapping


def document_hash(document: Mapping[str, object]) -> str:
    """Return the SHA-256 of a JSON-like document; the order of its keys does not matter.

    >>> document_hash({"a": 1, "b": 2}) == document_hash({"b": 2, "a": 1})
    True
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
