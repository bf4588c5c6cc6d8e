"""The list of what the product is made of follows from the lock."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bill_of_materials import bill_of_materials

ROOT = Path(__file__).parents[1]
LOCK = """numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
absl-py==2.5.1 \\
    --hash=sha256:{a}
""".format(a="a" * 64, b="b" * 64)


def test_each_package_stands_with_version_hashes_and_condition(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(LOCK)
    first, second = bill_of_materials(lock)["components"]
    assert (first["purl"], first["version"]) == ("pkg:pypi/absl-py@2.5.1", "2.5.1")
    assert "properties" not in first
    assert second["purl"] == "pkg:pypi/numpy@2.4.6"
    assert second["properties"] == [{"name": "condition", "value": "python_full_version < '3.12'"}]
    assert [digest["content"][0] for digest in second["externalReferences"][0]["hashes"]] == ["a", "b"]


def test_every_line_of_the_lock_is_listed_once() -> None:
    command = [sys.executable, str(ROOT / "tools/bill_of_materials.py"), str(ROOT / "requirements.lock")]
    listed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    pinned = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line.partition(";")[0]]
    purls = [component["purl"] for component in listed["components"]]
    assert (listed["bomFormat"], listed["specVersion"]) == ("CycloneDX", "1.5")
    assert len(purls) == len(set(purls)) == len(pinned)
    assert all(component["externalReferences"][0]["hashes"] for component in listed["components"])


def test_a_line_that_pins_nothing_certain_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("numpy [extra]==2.0\n")
    with pytest.raises(ValueError, match="no pinned package"):
        bill_of_materials(lock)
