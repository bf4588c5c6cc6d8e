"""Whatever an applicant is within the contract, every model answers a probability, the same in any company."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kedro.config import OmegaConfigLoader
from sklearn.pipeline import Pipeline

from credit_pipeline.configuration import CONFIG_LOADER_ARGS
from credit_pipeline.datasets.trusted_types import load_trusted
from credit_pipeline.modelling.scoring.scoring_model import answers
from credit_pipeline.spec import ColumnSpec, DataSpec

ROOT = Path(__file__).parents[2]
MODELS = ("logistic_regression", "scorecard", "random_forest", "xgboost")
CLOSE = 1e-12


def contract() -> DataSpec:
    loader = OmegaConfigLoader(str(ROOT / "conf"), env="base", **CONFIG_LOADER_ARGS)
    return DataSpec.model_validate(loader["parameters"]["data"])


def value(column: ColumnSpec) -> st.SearchStrategy[float]:
    """Give any value that the contract allows, its ends and special codes among them."""
    if column.categories:
        return st.sampled_from([float(code) for code in (*column.categories, *column.special_codes)])
    low, high = column.range or (None, None)
    whole = st.integers(int(low or 0), int(high or 10**9)).map(float)
    codes = [float(code) for code in column.special_codes]
    within = whole if column.type == "integer" else st.floats(low, high, allow_nan=False)
    return within | st.sampled_from([*codes, float(low or 0)])


CONTRACT = contract()
APPLICANT = st.fixed_dictionaries({name: value(CONTRACT.columns[name]) for name in CONTRACT.inputs})
COMPANY = st.lists(APPLICANT, min_size=2, max_size=6)


@pytest.fixture(scope="module")
def candidates(finished_project: Path) -> dict[str, Pipeline]:
    folder = finished_project / "data/test/06_models"
    return {name: load_trusted(max((folder / name / "candidate.skops").glob("*/*"))) for name in MODELS}


def check(pipeline: Pipeline, applicants: list[dict[str, Any]]) -> None:
    table = pd.DataFrame(applicants)
    together = answers(pipeline, table)
    assert np.isfinite(together).all()
    assert ((together >= 0) & (together <= 1)).all()
    assert np.abs(answers(pipeline, table[::-1])[::-1] - together).max() <= CLOSE
    alone = [answers(pipeline, table.iloc[[row]])[0] for row in range(len(table))]
    assert np.abs(np.array(alone) - together).max() <= CLOSE


@pytest.mark.parametrize("model", MODELS)
def test_a_model_answers_a_probability_the_same_alone_and_in_any_company(
    model: str, candidates: dict[str, Pipeline]
) -> None:
    @settings(max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(COMPANY)
    def always(applicants: list[dict[str, Any]]) -> None:
        check(candidates[model], applicants)

    always()


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_a_model_answers_a_probability_for_thousands(model: str, candidates: dict[str, Pipeline]) -> None:
    @settings(max_examples=1_250, suppress_health_check=list(HealthCheck))
    @given(COMPANY)
    def always(applicants: list[dict[str, Any]]) -> None:
        check(candidates[model], applicants)

    always()
