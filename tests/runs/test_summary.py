from io import StringIO

from kedro.io import DataCatalog, MemoryDataset
from rich.console import Console

from credit_pipeline.runs.summary import show


def shown(**saved: object) -> str:
    catalog = DataCatalog({name: MemoryDataset(document) for name, document in saved.items()})
    console = Console(file=StringIO(), width=200)
    show(catalog, list(saved), console)
    return str(console.file.getvalue())  # type: ignore[attr-defined]  # it is a StringIO


def test_a_run_says_in_a_sentence_what_the_scorecard_costs() -> None:
    assert shown(scorecard_cost={"sentence": "scorecard costs 0.013 AUC"}) == "scorecard costs 0.013 AUC\n"
    assert shown(scorecard_cost={"sentence": None}) == ""


def test_each_canary_has_a_line_with_its_verdict_and_what_was_found() -> None:
    lines = [{"canary": name, "exposed": exposed, "found": "AUC 0.5"} for name, exposed in (("a", True), ("b", None))]
    assert shown(canary_report={"canaries": lines}) == "canary exposed: a (AUC 0.5)\ncanary not planted: b (AUC 0.5)\n"
