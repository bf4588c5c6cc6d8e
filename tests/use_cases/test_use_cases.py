"""A use case is an environment of the same pipelines: the code does not know which there are."""

import re

import yaml

from conftest import ROOT

GLOBALS = {
    path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in ROOT.glob("conf/*/globals.yml")
}


def test_each_use_case_has_a_name_and_a_folder_that_no_other_has() -> None:
    assert len({found["use_case"] for found in GLOBALS.values()}) == len(GLOBALS)
    assert len({found["folder"] for found in GLOBALS.values()}) == len(GLOBALS)


def test_no_code_asks_which_use_case_it_is() -> None:
    names = {*GLOBALS, *(found["use_case"] for found in GLOBALS.values())} - {"base", "local", "test"}
    asks = re.compile(rf"""(==|in|case)\s*[({{\[]?\s*["']({"|".join(map(re.escape, names))})["']""")
    sources = (ROOT / "src").rglob("*.py")
    assert [str(path) for path in sources if asks.search(path.read_text(encoding="utf-8"))] == []
