"""The use case ``synthetic``: a loan book that is generated when it is read."""

import json
from pathlib import Path

import pytest

from conftest import Run, copy_project
from use_case_run import Finished, UseCase

pytestmark = pytest.mark.takes_long

SMALL = {
    "generator": {"rows": 6000},
    "training": {"bootstrap": 50, "folds": {"count": 2}},
    "models": {"xgboost": {"fixed": {"n_estimators": 20}, "search": {"space": {"max_depth": [2]}}}},
}


class TestTheUseCase(UseCase):
    environment = "synthetic"
    modules = ("generated_loans.py", "loan_book.py", "loan_characteristics.py", "loan_population.py")
    small = SMALL
    applicants = 200
    metrics = ("roc_auc", "ks")
    answer = "probability_of_default"

    def test_it_is_tested_on_later_loans_than_it_was_trained_on(self, ran: Finished) -> None:
        parts = ran.parts()
        assert parts["train"]["last"] < parts["test"]["first"]

    @pytest.mark.slow
    def test_without_it_the_project_is_sound(self, tmp_path: Path) -> None:
        super().test_without_it_the_project_is_sound(tmp_path)


def test_loans_can_be_split_by_borrower_in_place_of_time(tmp_path: Path, kedro_run: Run) -> None:
    project = copy_project(tmp_path)
    small = {"generator": {"rows": 3000}, "split": {"scheme": "grouped"}}
    kedro_run(project, "synthetic", small, pipeline_names=["data_split"])
    written = max((project / "data/synthetic/03_primary/split_manifest.json").glob("*/*"))
    manifest = json.loads(written.read_text(encoding="utf-8"))
    assert (manifest["scheme"], manifest["shared_groups"]) == ("grouped", 0)
