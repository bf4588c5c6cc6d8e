"""Each model alone or all together: what is not trained stands, and only what is comparable is ranked."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from sklearn.pipeline import Pipeline

from conftest import Run, copy_finished
from credit_pipeline.errors import SplitMismatchError, TrainingError
from credit_pipeline.modelling.estimators.scorecard_regression import ScorecardRegression
from credit_pipeline.modelling.features.weight_of_evidence import WeightOfEvidence
from credit_pipeline.modelling.scoring.score_stability import ScoreBins, score_stability
from credit_pipeline.pipelines import feature_engineering, training
from credit_pipeline.pipelines.training import nodes

MODELS = ("logistic_regression", "scorecard", "random_forest", "xgboost")
OTHERS = tuple(name for name in MODELS if name != "scorecard")


def paths(project: Path, name: str) -> list[Path]:
    """Every version of a file, oldest first."""
    return sorted((project / "data/test" / name).glob("*/*"))


def versions(project: Path, name: str) -> list[str]:
    return [path.parent.name for path in paths(project, name)]


def trainings(project: Path) -> dict[str, int]:
    """Say how often each model was searched."""
    return {model: len(versions(project, f"06_models/{model}/candidate.skops")) for model in MODELS}


def document(project: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(paths(project, f"08_reporting/{name}.json")[-1].read_text())
    return found


def leaderboard(project: Path) -> pd.DataFrame:
    """Give the latest leaderboard, a row a model."""
    return pd.read_parquet(paths(project, "08_reporting/leaderboard.parquet")[-1]).set_index("model")


def stale(project: Path) -> dict[str, str]:
    """Give the status of each model whose result is not comparable with today's."""
    status = leaderboard(project)["status"]
    return {str(model): str(raised) for model, raised in status.items() if str(raised).startswith("stale")}


def test_every_model_is_ranked_by_cross_validation_and_one_is_challenger(finished_project: Path) -> None:
    table = leaderboard(finished_project)
    assert set(table.index) == set(MODELS)
    assert stale(finished_project) == {}
    current = table[table["status"] == "current"]
    assert current["cv_roc_auc_mean"].is_monotonic_decreasing
    assert current.index[current["challenger"]].tolist() == [document(finished_project, "challenger")["model"]]


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_all_that_is_known_of_a_model_lies_under_one_version(finished_project: Path, model: str) -> None:
    reports = [f"08_reporting/{model}/{name}" for name in ("metrics.json", "roc.png", "importance.png")]
    models = [f"06_models/{model}/{name}" for name in ("candidate.skops", "search_result.json", "run.json")]
    names = [
        *reports,
        *models,
        f"06_models/{model}/trials.parquet",
        f"07_model_output/{model}/test_predictions.parquet",
    ]
    assert {name: versions(finished_project, name) for name in names} == dict.fromkeys(
        names, versions(finished_project, "08_reporting/leaderboard.parquet")
    )


@pytest.mark.slow
def test_a_tag_trains_that_model_and_ranks_it_among_those_that_stand(project: Path, kedro_run: Run) -> None:
    before = leaderboard(project)
    kedro_run(project, tags=["scorecard"], params={"models": {"scorecard": {"search": {"space": {"C": [0.001]}}}}})
    assert trainings(project) == {**dict.fromkeys(OTHERS, 1), "scorecard": 2}
    assert stale(project) == {}
    after = leaderboard(project)
    columns = ["cv_roc_auc_mean", "test_roc_auc", "fit_seconds"]
    pd.testing.assert_frame_equal(after.loc[list(OTHERS), columns], before.loc[list(OTHERS), columns])
    assert not after["cv_log_loss_mean"].equals(before["cv_log_loss_mean"].reindex(after.index))


@pytest.mark.slow
def test_from_a_node_on_its_search_is_kept_and_all_after_it_is_made_again(project: Path, kedro_run: Run) -> None:
    kedro_run(project, pipeline_names=["training"], from_nodes=["scorecard.evaluate"])
    assert trainings(project) == dict.fromkeys(MODELS, 1)
    assert len(versions(project, "08_reporting/scorecard/metrics.json")) == 2
    assert len(versions(project, "08_reporting/xgboost/metrics.json")) == 1
    assert len(versions(project, "08_reporting/leaderboard.parquet")) == 2


@pytest.fixture(scope="module")
def split_once(finished_project: Path, tmp_path_factory: pytest.TempPathFactory, kedro_run: Run) -> Path:
    """Give a finished project with a new split and its features, for which no model was trained yet."""
    copied = copy_finished(finished_project, tmp_path_factory.mktemp("split") / "project")
    kedro_run(copied, pipeline_names=["data_split", "feature_engineering"], params={"split": {"seed": 7}})
    return copied


@pytest.fixture
def split_again(split_once: Path, tmp_path: Path) -> Path:
    """Give such a project of one's own."""
    return copy_finished(split_once, tmp_path / "project")


def test_models_of_another_split_are_stale_and_cannot_win(split_again: Path, kedro_run: Run) -> None:
    assert leaderboard(split_again).index[0] != "scorecard"  # it wins by nothing but being the only one of its split
    # A few hundred rows are too few for a direction that is asked of the risk, so none is.
    features = "features: {function: credit_pipeline.use_cases.credit_cards.credit_card_features}\n"
    (split_again / "conf/test/parameters/feature_engineering.yml").write_text(features)
    kedro_run(split_again, tags=["scorecard"], pipeline_names=["training"])
    assert stale(split_again) == dict.fromkeys(OTHERS, "stale: another split")
    assert leaderboard(split_again).index[0] == "scorecard"
    challenger = document(split_again, "challenger")
    assert challenger["model"] == "scorecard"
    manifest = json.loads(paths(split_again, "03_primary/split_manifest.json")[-1].read_text())
    assert challenger["split_id"] == manifest["split_id"]


def test_no_model_wins_where_every_one_is_stale(split_again: Path, kedro_run: Run) -> None:
    kedro_run(split_again, node_names=["rank_models"])
    assert stale(split_again) == dict.fromkeys(MODELS, "stale: another split")
    challenger = document(split_again, "challenger")
    assert challenger["model"] is None
    assert "see the status of each model" in challenger["reason"]


@pytest.mark.slow
def test_models_of_other_settings_or_folds_are_stale(project: Path, kedro_run: Run) -> None:
    kedro_run(project, node_names=["rank_models"], params={"models": {"xgboost": {"fixed": {"n_estimators": 31}}}})
    assert stale(project) == {"xgboost": "stale: other settings"}
    kedro_run(project, node_names=["rank_models"], params={"training": {"folds": {"seed": 7}}})
    assert stale(project) == dict.fromkeys(MODELS, "stale: other folds")


@pytest.mark.slow
def test_a_model_that_was_never_trained_has_a_row_and_cannot_win(project: Path, kedro_run: Run) -> None:
    model = {"recipe": "ordinal", "estimator": "sklearn.tree.DecisionTreeClassifier"}
    kedro_run(project, node_names=["rank_models"], params={"models": {"tree": model}})
    table = leaderboard(project)
    assert table.loc["tree", "status"] == "not trained"
    assert table.index[-1] == "tree"
    assert not table.loc["tree", "challenger"]


@pytest.mark.slow
def test_a_namespace_trains_that_model_alone_on_the_versions_asked_for(split_again: Path, kedro_run: Run) -> None:
    made = ("recipe", "source", "train_table")
    names = ("train_features", "test", "split_manifest", *(f"weight_of_evidence_{name}" for name in made))
    old = versions(split_again, "03_primary/train.parquet")[0]
    asked = dict.fromkeys(names, old)
    kedro_run(split_again, pipeline_names=["training"], namespaces=["scorecard"], load_versions=asked)
    assert trainings(split_again) == {**dict.fromkeys(OTHERS, 1), "scorecard": 2}
    assert len(versions(split_again, "08_reporting/leaderboard.parquet")) == 1
    first, second = paths(split_again, "07_model_output/scorecard/test_predictions.parquet")
    assert first.read_bytes() == second.read_bytes()  # the same rows and the same seed


@pytest.mark.parametrize("old", ["train_features", "weight_of_evidence_train_table", "split_manifest"])
def test_tables_of_different_splits_are_refused(split_again: Path, kedro_run: Run, old: str) -> None:
    version = versions(split_again, "03_primary/train.parquet")[0]
    with pytest.raises(SplitMismatchError, match="different splits"):
        kedro_run(split_again, pipeline_names=["training"], tags=["scorecard"], load_versions={old: version})
    assert trainings(split_again) == dict.fromkeys(MODELS, 1)


def test_a_model_of_an_old_split_is_not_evaluated_on_a_new_test_part(split_again: Path, kedro_run: Run) -> None:
    with pytest.raises(SplitMismatchError, match="different splits"):
        kedro_run(split_again, pipeline_names=["training"], from_nodes=["scorecard.evaluate"])
    assert len(versions(split_again, "08_reporting/scorecard/metrics.json")) == 1


def test_an_old_train_part_is_refused_from_the_features_to_the_model(split_again: Path, kedro_run: Run) -> None:
    version = versions(split_again, "03_primary/train.parquet")[0]
    pipelines = ["feature_engineering", "training"]
    with pytest.raises(SplitMismatchError, match="different splits"):
        kedro_run(split_again, pipeline_names=pipelines, load_versions={"train": version})
    assert trainings(split_again) == dict.fromkeys(MODELS, 1)


@pytest.mark.slow
def test_a_model_that_cannot_be_fitted_is_reported_and_the_others_stand(project: Path, kedro_run: Run) -> None:
    never: dict[str, object] = {"models": {"scorecard": {"search": {"space": {"C": [-1.0]}}}}}
    with pytest.raises(TrainingError) as raised:
        kedro_run(project, pipeline_names=["training"], tags=["scorecard"], params=never)
    assert raised.value.what == "The model 'scorecard' cannot be trained."
    assert raised.value.fix.startswith("models.scorecard in conf/")
    assert len(str(raised.value).splitlines()) == 4
    assert trainings(project) == dict.fromkeys(MODELS, 1)
    kedro_run(project, node_names=["rank_models"])
    assert stale(project) == {}


LOGISTIC = "sklearn.linear_model.LogisticRegression"
SPECS: dict[str, Any] = {
    "data": {"columns": {"income": {"role": "numeric"}, "default": {"role": "target", "categories": {0: "", 1: ""}}}},
    "features": {},
    "recipes": {"plain": {"function": "ordinal"}},
    "models": {
        "tree": {"recipe": "plain", "estimator": "sklearn.tree.DecisionTreeClassifier", "fixed": {"max_depth": 1}},
        "logit": {"recipe": "plain", "estimator": LOGISTIC, "search": {"space": {"C": [0.1, 1.0]}}},
    },
    "training": {
        "jobs": 1,
        "bootstrap": 50,
        "folds": {"count": 3},
        "metrics": ["roc_auc", "log_loss"],
        "challenger": {"minimum": 0.5},
    },
}


def small(rows: int, seed: int) -> pd.DataFrame:
    """Give a part of a split in which the poor default more often."""
    random = np.random.default_rng(seed)
    income = random.uniform(0, 1, rows)
    part = pd.DataFrame({"income": income, "default": (random.uniform(0, 1, rows) > income).astype(int)})
    part.attrs = {"split_id": "a1"}
    return part


class Kept(MemoryDataset):
    """A dataset in memory that Kedro does not drop after its last use."""

    def _release(self) -> None: ...


@pytest.fixture(scope="module")
def in_memory() -> dict[str, Any]:
    """Give what features and training of two small models make, nothing of it on the disk."""
    parts = {"train": small(120, seed=1), "test": small(60, seed=2), "split_manifest": {"split_id": "a1"}}
    specs = {f"params:{key}": value for key, value in SPECS.items()}
    nested = {f"params:{key}.{name}": SPECS[key][name] for key in ("recipes", "models") for name in SPECS[key]}
    catalog = DataCatalog({name: MemoryDataset(given) for name, given in {**parts, **specs, **nested}.items()})
    models = {name: model["recipe"] for name, model in SPECS["models"].items()}
    whole = feature_engineering.create_pipeline({"plain": "ordinal"}) + training.create_pipeline(models)
    kept = {
        *(f"{model}_{kind}" for model in models for kind in ("metrics", "test_predictions")),
        *("leaderboard", "challenger", "comparison", "scorecard_cost"),
    }
    for name in kept:
        catalog[name] = Kept()
    SequentialRunner().run(whole, catalog)
    return {"test": parts["test"], **{name: catalog.load(name) for name in kept}}


def test_the_pipeline_runs_in_memory_and_ranks_every_model(in_memory: dict[str, Any]) -> None:
    table = in_memory["leaderboard"].set_index("model")
    assert table["status"].to_dict() == {"tree": "current", "logit": "current"}
    assert table["candidates"].to_dict() == {"tree": 1, "logit": 2}
    assert in_memory["challenger"]["model"] == table["cv_roc_auc_mean"].idxmax()


def test_predictions_are_those_of_the_test_part(in_memory: dict[str, Any]) -> None:
    predictions = in_memory["tree_test_predictions"]
    assert predictions["outcome"].tolist() == in_memory["test"]["default"].tolist()
    assert predictions["probability_of_default"].nunique() == 2  # a tree of depth 1 has two leaves


@pytest.mark.parametrize("model", SPECS["models"])
def test_the_answers_on_test_are_held_against_those_out_of_fold(in_memory: dict[str, Any], model: str) -> None:
    known = in_memory[f"{model}_metrics"]
    bins = ScoreBins.model_validate(known["score_bins"])
    assert sum(bins.counts) == 120
    expected = score_stability(bins, in_memory[f"{model}_test_predictions"]["probability_of_default"].to_numpy())
    found = [known["metrics"][f"test_score_psi{suffix}"] for suffix in ("", "_lower", "_upper")]
    assert found == [expected.value, expected.lower, expected.upper]


def test_the_other_model_is_set_against_the_challenger_and_the_logistic_one_against_the_best(
    in_memory: dict[str, Any],
) -> None:
    challenger = in_memory["challenger"]["model"]
    (row,) = in_memory["comparison"].to_dict("records")
    assert (row["against"], row["metric"]) == (challenger, "roc_auc")
    assert {row["model"], challenger} == {"tree", "logit"}
    on_test = {name: in_memory[f"{name}_metrics"]["metrics"]["test_roc_auc"] for name in SPECS["models"]}
    assert row["difference"] == pytest.approx(on_test[row["model"]] - on_test[challenger])
    assert in_memory["scorecard_cost"]["auc"] == pytest.approx(on_test["tree"] - on_test["logit"])
    assert in_memory["scorecard_cost"]["model"] == "logit"


def card() -> Pipeline:
    """Give a fitted scorecard in which the echo of the income speaks against itself."""
    part = small(400, seed=3)
    income, random = part["income"].round(1), np.random.default_rng(4)
    table = pd.DataFrame({"income": income, "echo": income + 0.1 * random.integers(0, 3, 400), "noise": 1.0})
    made = Pipeline([("recipe", WeightOfEvidence()), ("estimator", ScorecardRegression())])
    return made.fit(table, part["default"])


def test_a_scorecards_node_gives_points_and_selection_of_its_room() -> None:
    room = training.create_pipeline({"card": "plain"}, scorecards={"card"})
    fitted = card()
    given = {"card.candidate": fitted, "params:training": SPECS["training"]}
    catalog = DataCatalog({name: MemoryDataset(value) for name, value in given.items()})
    made = SequentialRunner().run(room.only_nodes("card.count_points"), catalog)
    selection = made["card.selection"].load().set_index("characteristic")
    kept = set(made["card.points"].load()["characteristic"])
    assert set(selection.index[selection["kept"]]) == kept
    assert selection.loc["noise", "reason"] == "one bin: one value"
    (record,) = (node for node in room.nodes if node.name == "card.record")
    assert {"card.points", "card.selection"} <= set(record.inputs)


@pytest.mark.parametrize("better", ["tree", "logit"])
def test_a_node_ranks_by_cross_validation_whatever_test_says(in_memory: dict[str, Any], better: str) -> None:
    stored = {name: stood(in_memory, name, cv=0.9 if name == better else 0.8) for name in SPECS["models"]}
    _, challenger, _ = ranked(**stored)
    assert challenger["model"] == better


@pytest.mark.parametrize(
    ("found", "status"),
    [
        ({"split_id": "b2"}, "stale: another split"),
        ({"folds_id": "others"}, "stale: other folds"),
        ({"specification_sha256": "other"}, "stale: other settings"),
    ],
)
def test_a_node_marks_a_stale_row_which_cannot_win(
    in_memory: dict[str, Any], found: dict[str, str], status: str
) -> None:
    stored = {"tree": stood(in_memory, "tree", cv=0.99) | found, "logit": stood(in_memory, "logit", cv=0.6)}
    table, challenger, _ = ranked(**stored)
    assert table.set_index("model")["status"].to_dict() == {"logit": "current", "tree": status}
    assert challenger["model"] == "logit"


def test_the_rule_may_prefer_a_simple_model_that_lies_near_the_best(in_memory: dict[str, Any]) -> None:
    best = in_memory["challenger"]["model"]
    (other,) = set(SPECS["models"]) - {best}
    near = {**stood(in_memory, other, cv=0.0), "metrics": in_memory[f"{best}_metrics"]["metrics"]}
    rule = {"minimum": 0.5, "simplest_first": [other]}
    training_ = {**SPECS["training"], "challenger": rule}
    stored = {f"{other}_metrics": near, f"{best}_metrics": in_memory[f"{best}_metrics"]}
    specs = {key: value for key, value in SPECS.items() if key != "training"}
    _, challenger, _ = nodes.rank_models({"split_id": "a1"}, **specs, training_=training_, **stored)
    assert challenger["model"] == other


def stood(in_memory: dict[str, Any], model: str, *, cv: float) -> dict[str, Any]:
    """Give a stored evaluation with another cross-validated AUC, of which test says the opposite."""
    found: dict[str, Any] = in_memory[f"{model}_metrics"]
    return {**found, "metrics": {**found["metrics"], "cv_roc_auc_mean": cv, "test_roc_auc": 1 - cv}}


def ranked(**stored: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any], object]:
    named: dict[str, Any] = {f"{model}_metrics": found for model, found in stored.items()}
    specs = {"training_" if key == "training" else key: value for key, value in SPECS.items()}
    return nodes.rank_models({"split_id": "a1"}, **specs, **named)
