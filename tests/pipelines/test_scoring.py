"""Applicants in, a probability of default for each out, with the version that gave it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.io.core import DatasetError
from kedro.runner import SequentialRunner
from mlflow import MlflowClient
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from conftest import Run, copy_finished
from credit_pipeline.datasets.spreadsheet import SpreadsheetTable
from credit_pipeline.datasets.trusted_types import load_trusted
from credit_pipeline.errors import CreditPipelineError, DataError, RegistryError
from credit_pipeline.modelling.features.row_features import RowFeatures
from credit_pipeline.modelling.scoring.scoring_model import ProbabilityModel
from credit_pipeline.pipelines.scoring import create_pipeline, nodes
from credit_pipeline.tracking.registered_model import RegisteredModel

RAW = "data/01_raw/applicants.csv"
SCORES = "data/test/07_model_output/scores.parquet"
MODEL = "credit_test"
PROBABILITY = "probability_of_default"


def client_of(project: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{project / 'mlflow.db'}")


def applicants(project: Path) -> pd.DataFrame:
    """Give the applicants as texts, as they lie in the file."""
    return pd.read_csv(project / RAW, dtype=str)


def score(project: Path, kedro_run: Run, asked: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score applicants; give the scores and the applicants that were set aside."""
    asked.to_csv(project / RAW, index=False)
    kedro_run(project, pipeline_names=["scoring"])
    return latest(project, "scores"), latest(project, "quarantined_applicants")


def latest(project: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(max((project / f"data/test/07_model_output/{name}.parquet").glob("*/*")))


@pytest.fixture(scope="module")
def scored(finished_project: Path, tmp_path_factory: pytest.TempPathFactory, kedro_run: Run) -> Path:
    """Give a finished project whose applicants are scored. Tests only read it."""
    copied = copy_finished(finished_project, tmp_path_factory.mktemp("scored") / "project")
    kedro_run(copied, pipeline_names=["scoring"])
    return copied


@pytest.mark.slow
def test_each_applicant_gets_one_row_in_the_order_of_the_file(scored: Path) -> None:
    scores = latest(scored, "scores")
    assert scores.columns.tolist() == ["ID", PROBABILITY, "model_name", "model_version"]
    assert scores["ID"].astype(str).tolist() == applicants(scored)["ID"].tolist()
    assert scores[PROBABILITY].between(0, 1).all()
    assert scores[PROBABILITY].nunique() > 100  # of 200 applicants: a probability, not a label
    assert latest(scored, "quarantined_applicants").empty


@pytest.mark.slow
def test_a_spreadsheet_holds_the_same_scores(scored: Path) -> None:
    (path,) = (scored / "data/test/07_model_output/scores.csv").glob("*/*")
    exported = SpreadsheetTable(filepath=str(path)).load()
    assert exported is not None
    pd.testing.assert_frame_equal(exported, latest(scored, "scores"), check_exact=True)


@pytest.mark.slow
def test_each_row_names_the_version_that_gave_it(scored: Path) -> None:
    named = latest(scored, "scores")[["model_name", "model_version"]].drop_duplicates()
    assert named.to_numpy().tolist() == [[MODEL, "1"]]


@pytest.mark.slow
def test_the_champion_scores_as_the_model_that_was_trained(scored: Path, kedro_run: Run) -> None:
    trained = client_of(scored).get_model_version(MODEL, "1").tags["model"]
    pipeline = load_trusted(max((scored / f"data/test/06_models/{trained}/candidate.skops").glob("*/*")))
    expected = pipeline.predict_proba(pd.read_csv(scored / RAW))[:, 1]
    np.testing.assert_allclose(latest(scored, "scores")[PROBABILITY], expected, rtol=0, atol=1e-9)


@pytest.mark.slow
def test_faulty_applicants_are_set_aside_with_the_rule_and_the_others_scored(
    project: Path, scored: Path, kedro_run: Run
) -> None:
    asked = applicants(project)
    asked.loc[3, "AGE"] = "999"
    asked.loc[7, "LIMIT_BAL"] = ""
    scores, aside = score(project, kedro_run, asked)
    assert aside["row"].tolist() == [4, 8]  # counted from 1
    assert aside["rules"].tolist() == ["out_of_range(AGE)", "missing_value(LIMIT_BAL)"]
    assert aside["ID"].tolist() == asked["ID"].iloc[[3, 7]].tolist()
    sound = latest(scored, "scores").drop(index=[3, 7]).reset_index(drop=True)
    pd.testing.assert_frame_equal(scores, sound)


@pytest.mark.slow
def test_an_applicant_is_scored_alike_alone_and_in_company(project: Path, scored: Path, kedro_run: Run) -> None:
    scores, _ = score(project, kedro_run, applicants(project).iloc[[5]])
    company = latest(scored, "scores")[PROBABILITY].iloc[5]
    assert len(scores) == 1
    assert scores[PROBABILITY].iloc[0] == pytest.approx(company, abs=1e-9)


@pytest.mark.slow
def test_a_table_of_faulty_applicants_alone_gives_no_scores(project: Path, kedro_run: Run) -> None:
    scores, aside = score(project, kedro_run, applicants(project).head(3).assign(AGE="999"))
    assert scores.columns.tolist() == ["ID", PROBABILITY, "model_name", "model_version"]
    assert (len(scores), len(aside)) == (0, 3)


def test_applicants_need_no_outcome_and_a_known_one_changes_nothing(
    project: Path, scored: Path, kedro_run: Run
) -> None:
    known = applicants(project).assign(**{"default payment next month": "1"})
    scores, _ = score(project, kedro_run, known)
    pd.testing.assert_frame_equal(scores, latest(scored, "scores"))


def fault_behind(error: BaseException | None) -> CreditPipelineError | None:
    """Give the error that Kedro wrapped, as the command line reports it."""
    while error is not None and not isinstance(error, CreditPipelineError):
        error = error.__cause__
    return error


@pytest.mark.slow
def test_applicants_without_a_column_of_the_contract_are_refused_by_its_name(project: Path, kedro_run: Run) -> None:
    with pytest.raises((DataError, DatasetError)) as reported:
        score(project, kedro_run, applicants(project).drop(columns="PAY_AMT6"))
    fault = fault_behind(reported.value)
    assert isinstance(fault, DataError)
    assert "PAY_AMT6" in str(fault)
    assert not (project / SCORES).exists()


@pytest.mark.slow
def test_without_a_champion_the_error_says_what_to_do(project: Path, kedro_run: Run) -> None:
    client_of(project).delete_registered_model_alias(MODEL, "champion")
    with pytest.raises((RegistryError, DatasetError)) as reported:
        kedro_run(project, pipeline_names=["scoring"])
    fault = fault_behind(reported.value)
    assert isinstance(fault, RegistryError)
    assert fault.what == "'credit_test' has no champion."
    assert "kedro run" in fault.fix
    assert "gate report" in fault.fix
    assert not (project / SCORES).exists()


SMALL: dict[str, object] = {
    "columns": {
        "number": {"role": "identifier", "type": "integer"},
        "income": {"role": "numeric", "range": [0, 10]},
        "default": {"role": "target"},
    }
}


@pytest.fixture(scope="module")
def champion() -> RegisteredModel:
    """Give a champion of which only the answer matters: incomes 0, 1 defaulted, incomes 9, 10 did not."""
    features = RowFeatures(None, ("income",))
    pipeline = make_pipeline(features, LogisticRegression())
    pipeline.fit(pd.DataFrame({"income": [0.0, 1.0, 9.0, 10.0]}), [1, 1, 0, 0])
    return RegisteredModel("credit_small", "3", "", ProbabilityModel(pipeline), np.array([], dtype=np.uint64))


def test_a_node_scores_what_keeps_the_contract_and_sets_the_rest_aside(champion: RegisteredModel) -> None:
    asked = pd.DataFrame({"number": ["7", "8", "9"], "income": ["10", "11", "0"]})
    scores, exported, aside = nodes.score_applicants(asked, champion, SMALL)
    assert exported is scores
    assert scores.columns.tolist() == ["number", PROBABILITY, "model_name", "model_version"]
    assert scores["number"].tolist() == [7, 9]
    assert scores[PROBABILITY].iloc[0] < 0.5 < scores[PROBABILITY].iloc[1]  # the rich, then the poor
    assert scores[["model_name", "model_version"]].drop_duplicates().to_numpy().tolist() == [["credit_small", "3"]]
    assert aside[["number", "row", "rules"]].to_numpy().tolist() == [["8", 2, "out_of_range(income)"]]


def test_the_pipeline_runs_in_memory(champion: RegisteredModel) -> None:
    asked = pd.DataFrame({"number": ["1", "2"], "income": ["3", "5"]})
    given: dict[str, object] = {"applicants": asked, "champion": champion, "params:data": SMALL}
    catalog = DataCatalog({name: MemoryDataset(value, copy_mode="assign") for name, value in given.items()})
    made = SequentialRunner().run(create_pipeline(), catalog)
    # The fit is symmetric around an income of 5: there the chances are even, but for what the solver tolerates.
    probabilities = made["scores"].load()[PROBABILITY].tolist()
    assert probabilities[0] > 0.5
    assert probabilities[1] == pytest.approx(0.5, abs=1e-3)
    assert made["quarantined_applicants"].load().empty
