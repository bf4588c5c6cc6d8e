"""A target that a function builds."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from credit_pipeline.errors import DataError
from credit_pipeline.modelling.contract.set_aside import quarantine
from credit_pipeline.modelling.contract.target import with_target
from credit_pipeline.spec import DataSpec

RAW = pd.DataFrame({"days_late": ["0", "95", "30"]})


def contract(function: str | None) -> DataSpec:
    target = {"role": "target", "type": "integer", "categories": {0: "paid", 1: "defaulted"}, "function": function}
    return DataSpec.model_validate({"columns": {"days_late": {"role": "numeric"}, "defaulted": target}})


@pytest.fixture
def own_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    (tmp_path / "lender_targets.py").write_text(
        "def ninety_days(table):\n    return (table['days_late'] >= 90).astype(int)\n"
        "def too_few(table):\n    return [2] * len(table)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("CREDIT_PIPELINE_PACKAGES", "lender_targets")
    return "lender_targets"


def test_the_raw_table_needs_no_target_and_gets_one(own_module: str) -> None:
    spec = contract(f"{own_module}.ninety_days")
    accepted = quarantine(RAW, spec).accepted
    assert list(accepted) == ["days_late"]
    built = with_target(accepted, spec)
    assert list(built) == ["days_late", "defaulted"]
    assert built["defaulted"].tolist() == [0, 1, 0]
    assert built["defaulted"].dtype == np.int64


def test_values_that_break_the_contract_of_the_target_are_refused(own_module: str) -> None:
    spec = contract(f"{own_module}.too_few")
    with pytest.raises(DataError, match="builds a target that breaks its contract") as fault:
        with_target(quarantine(RAW, spec).accepted, spec)
    assert fault.value.got == "3 of 3 rows without such a value"


def test_a_table_with_a_target_of_its_own_stays_as_it_is() -> None:
    table = pd.DataFrame({"days_late": [1.0], "defaulted": [0]})
    pd.testing.assert_frame_equal(with_target(table, contract(None)), table)
