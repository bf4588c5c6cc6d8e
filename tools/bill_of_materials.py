"""Print a lock as a CycloneDX list: ``python bill_of_materials.py LOCK``.

The list depends only on the lock, not on the network, the time or random numbers: equal locks give equal lists.
Packages that are only for some systems or Python versions are listed too, with their condition.
"""

import json
import re
import sys
from pathlib import Path

from lock_difference import entries

_PIN = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[^\s;]+)\s*(?:;\s*(?P<marker>.+))?")


def bill_of_materials(lock: Path) -> dict[str, object]:
    """Return the pinned packages of a lock as a CycloneDX 1.5 document.

    Parameters
    ----------
    lock
        A requirements file with hashes.
    """
    components = [_component(pin, block) for pin, block in sorted(entries(str(lock)).items())]
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}


def _component(pin: str, block: str) -> dict[str, object]:
    found = re.fullmatch(_PIN, pin)
    if found is None:
        message = f"no pinned package: {pin}"
        raise ValueError(message)
    name, version, marker = found.group("name", "version", "marker")
    purl = f"pkg:pypi/{name}@{version}"
    hashes = [{"alg": "SHA-256", "content": digest} for digest in re.findall(r"sha256:([0-9a-f]{64})", block)]
    files = {"type": "distribution", "url": purl, "comment": "one hash for each of its files", "hashes": hashes}
    condition = {"properties": [{"name": "condition", "value": marker.strip()}]} if marker else {}
    named = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    return {**named, "externalReferences": [files], **condition}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(bill_of_materials(Path(sys.argv[1])), indent=2) + "\n")
