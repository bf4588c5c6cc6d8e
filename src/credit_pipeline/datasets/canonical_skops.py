"""Skops files without memory addresses and times: equal content gives equal bytes."""

import json
import re
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from credit_pipeline.core.public_names import with_public_names

SCHEMA = "schema.json"
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_ID = re.compile(r'"__id__": (\d+)')


def rewrite(path: Path) -> None:
    """Replace the memory addresses in a skops file by numbers in order, and remove the times.

    Classes of this project are stored by their public names.

    Parameters
    ----------
    path
        A file that skops wrote. It is replaced.
    """
    with ZipFile(path) as written:
        schema = with_public_names(written.read(SCHEMA).decode())
        contents = {name: written.read(name) for name in written.namelist() if name != SCHEMA}
    names = _ordered(contents, schema)
    addresses = dict(zip(dict.fromkeys(_ID.findall(schema)), map(str, count(1)), strict=False))
    renumbered = _ID.sub(lambda found: f'"__id__": {addresses[found.group(1)]}', schema)
    with ZipFile(path, "w", ZIP_STORED) as canonical:
        for name, new in names.items():
            renumbered = renumbered.replace(json.dumps(name), json.dumps(new))
            canonical.writestr(ZipInfo(new, _EARLIEST), contents[name])
        canonical.writestr(ZipInfo(SCHEMA, _EARLIEST), renumbered)


def _ordered(contents: Mapping[str, bytes], schema: str) -> dict[str, str]:
    """Name each member after the place where the schema first mentions it."""
    by_place = sorted(contents, key=lambda name: schema.index(json.dumps(name)))
    return {name: f"{number}{Path(name).suffix}" for number, name in enumerate(by_place, start=1)}
