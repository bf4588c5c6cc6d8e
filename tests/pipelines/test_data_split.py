"""From the raw table to train and test."""

import json
from pathlib import Path

import pandas as pd
import pytest

from conftest import Run
from credit_pipeline.errors import DataError, SplitMismatchError
from credit_pipeline.modelling.splitting.row_hashes import frame_hash

RAW = "tests/data/applications.csv"


def latest(project: Path, name: str) -> Path:
    return max((project / "data/test" / name).glob("*/*"))


def test_the_manifest_proves_both_parts(finished_project: Path) -> None:
    manifest = json.loads(latest(finished_project, "03_primary/split_manifest.json").read_text())
    for name in ("train", "test"):
        part = pd.read_parquet(latest(finished_project, f"03_primary/{name}.parquet"))
        assert manifest["parts"][name]["content_sha256"] == frame_hash(part)
        assert manifest["parts"][name]["rows"] == len(part)
        assert part.attrs["split_id"] == manifest["split_id"]
    assert manifest["parts"]["test"]["rows"] == 300  # a fifth of 1,500


def test_the_same_seed_gives_the_same_bytes(project: Path, kedro_run: Run) -> None:
    kedro_run(project, pipeline_names=["data_split"])
    for name in ("train", "test"):
        first, second = sorted((project / f"data/test/03_primary/{name}.parquet").glob("*/*"))
        assert first.read_bytes() == second.read_bytes()


def test_faulty_rows_are_set_aside_and_counted(project: Path, kedro_run: Run) -> None:
    lines = (project / RAW).read_text().splitlines()
    fields = lines[5].split(",")
    fields[5] = "999"  # AGE
    lines[5] = ",".join(fields)
    (project / RAW).write_text("\n".join(lines) + "\n")
    kedro_run(project, pipeline_names=["data_split"])
    aside = pd.read_parquet(latest(project, "02_intermediate/quarantined_applications.parquet"))
    assert aside["row"].tolist() == [5]
    assert aside["rules"].tolist() == ["out_of_range(AGE)"]
    assert json.loads(latest(project, "08_reporting/quarantine_report.json").read_text())["counts"] == {
        "out_of_range": 1
    }


def test_too_many_faulty_rows_stop_the_run(project: Path, kedro_run: Run) -> None:
    table = pd.read_csv(project / RAW, dtype=str)
    table.assign(AGE="999").to_csv(project / RAW, index=False)
    with pytest.raises(DataError, match="maximum_quarantined_share"):
        kedro_run(project, pipeline_names=["data_split"])


def test_train_and_test_of_different_splits_are_refused(project: Path, kedro_run: Run) -> None:
    version = latest(project, "03_primary/train.parquet").parent.name
    kedro_run(project, pipeline_names=["data_split"], params={"split": {"seed": 7}})
    with pytest.raises(SplitMismatchError, match="different splits"):
        kedro_run(project, pipeline_names=["feature_engineering"], load_versions={"train": version})
