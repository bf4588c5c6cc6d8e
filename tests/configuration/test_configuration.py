from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from credit_pipeline import configuration
from credit_pipeline.configuration import Configuration, OpenRun, check, open_run
from credit_pipeline.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
SOUND: Mapping[str, Any] = {
    "data": {"columns": {"age": {"role": "numeric"}, "default": {"role": "target"}}},
    "split": {"seed": 1},
    "features": {},
    "recipes": {"plain": {"function": "ordinal"}},
    "models": {"tree": {"recipe": "plain", "estimator": "sklearn.tree.DecisionTreeClassifier"}},
    "training": {"metrics": ["roc_auc", "ks"], "challenger": {"minimum": 0.7}},
    "deployment": {"gates": {"minimum": {"test_roc_auc": 0.7}}},
}
ESTIMATOR = "Expected sklearn.tree.DecisionTreeClassifier, got sklearn.tree.DecisionTreeClasifier."
RECIPE = "Expected one of one_hot, ordinal, weight_of_evidence, selected, or a dotted path to a function, got ordinall."
SEED = "split.sead: unknown key; did you mean 'seed'? (allowed: gap_days, scheme, seed, test_from, test_share)"


@pytest.fixture(autouse=True)
def _no_open_context(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_run, "_open", [])


def written(project: Path, parameters: Mapping[str, Any], environment: str = "base") -> Path:
    """Write a project whose every top-level key has a file of its own."""
    (project / "pyproject.toml").write_text(
        '[tool.kedro]\npackage_name = "p"\nproject_name = "p"\nkedro_init_version = "1"\n'
    )
    folder = project / "conf" / environment / "parameters"
    folder.mkdir(parents=True, exist_ok=True)
    (folder.parent / "globals.yml").write_text(f"folder: data/{environment}\n")
    for key, value in parameters.items():
        (folder / f"{key}.yml").write_text(yaml.safe_dump({key: value}), encoding="utf-8")
    return project


def changed(path: str, value: object, *, without: str | None = None) -> dict[str, Any]:
    """Sound parameters in which the value at ``a/b/c`` is another one, instead of its neighbour ``without``."""
    parameters: dict[str, Any] = deepcopy(dict(SOUND))
    place, (*way, last) = parameters, path.split("/")
    for key in way:
        place = place[key]
    if without is not None:
        del place[without]
    place[last] = value
    return parameters


def lines(project: Path, parameters: Mapping[str, Any], environment: str = "base") -> list[str]:
    """The faults of a configuration, as the report lists them."""
    with pytest.raises(ConfigurationError) as reported:
        check(Configuration(written(project, parameters), environment, parameters))
    listed = reported.value.got.splitlines()[1:]
    count = "1 fault" if len(listed) == 1 else f"{len(listed)} faults"
    assert reported.value.what == f"The configuration of environment '{environment}' has {count}."
    return [line.strip().removeprefix("- ") for line in listed]


@pytest.mark.parametrize("environment", ["base", "test"])
def test_the_shipped_configuration_has_no_faults(environment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("KEDRO_ENV", environment)
    configured = configuration.current()
    assert configured.environment == environment
    assert set(check(configured).models) == {"logistic_regression", "scorecard", "random_forest", "xgboost"}


def test_a_sound_configuration_is_given_back_as_specifications(tmp_path: Path) -> None:
    spec = check(Configuration(written(tmp_path, SOUND), "base", SOUND))
    assert spec.models["tree"].recipe == "plain"
    assert spec.split.seed == 1


@pytest.mark.parametrize(
    ("path", "nearest", "allowed"),
    [
        ("models/tree/estimater", "estimator", "calibration, estimator, event_weight, fixed, recipe, search"),
        ("training/challenger/minimun", "minimum", "baseline, metric, minimum, simplest_first, tie, tie_breaks"),
        (
            "data/columns/age/roll",
            "role",
            "categories, format, function, meaning, missing, range, role, special_codes, type, unit",
        ),
    ],
)
def test_a_misspelt_key_is_reported_with_its_file_the_nearest_and_all_allowed(
    path: str, nearest: str, allowed: str, tmp_path: Path
) -> None:
    missing, unknown = lines(tmp_path, changed(path, 0.7, without=nearest))
    file = f"conf/base/parameters/{path.split('/', maxsplit=1)[0]}.yml"
    key = path.replace("/", ".")
    assert unknown == f"{file}: {key}: unknown key; did you mean '{nearest}'? (allowed: {allowed})"
    assert missing == f"{file}: {key.rpartition('.')[0]}.{nearest}: Field required"


def test_a_key_like_no_other_is_reported_with_the_allowed_ones_alone(tmp_path: Path) -> None:
    (reported,) = lines(tmp_path, changed("split/zzz", 1))
    allowed = "gap_days, scheme, seed, test_from, test_share"
    assert reported == f"conf/base/parameters/split.yml: split.zzz: unknown key (allowed: {allowed})"


def test_a_misspelt_top_level_key_is_reported_with_the_file_that_holds_it(tmp_path: Path) -> None:
    missing, unknown = lines(tmp_path, changed("modles", {}, without="models"))
    allowed = "canary, data, deployment, features, generator, models, recipes, split, training"
    assert unknown == (
        f"conf/base/parameters/modles.yml: modles: unknown key; did you mean 'models'? (allowed: {allowed})"
    )
    assert missing == "conf/base/parameters: models: Field required"


@pytest.mark.parametrize(
    ("path", "value", "reported"),
    [
        ("split/test_share", 2, "split.yml: split.test_share: Input should be less than 1, found 2"),
        (
            "split/scheme",
            "by_date",
            "split.yml: split.scheme: Input should be 'random_stratified', 'random', 'grouped' or 'out_of_time', ",
        ),
        ("models", None, "models.yml: models: Input should be a valid dictionary, found None"),
        ("data/columns/age/role", "x", "data.yml: data.columns.age.role: Input should be 'identifier', 'target', "),
        ("models/tree/search", {"candidates": 2}, "models.yml: models.tree.search: 'candidates' goes with strategy"),
        (
            "models/tree/estimator",
            "sklearn.tree.DecisionTreeClasifier",
            f"models.yml: models.tree.estimator: 'sklearn.tree' has no 'DecisionTreeClasifier'. {ESTIMATOR}",
        ),
        (
            "recipes/plain/function",
            "ordinall",
            f"recipes.yml: recipes.plain.function: There is no recipe 'ordinall'. Did you mean 'ordinal'? {RECIPE}",
        ),
        (
            "training/metrics",
            ["roc_auc", "brierr"],
            "training.yml: training.metrics.brierr: unknown name; did you mean 'brier'?",
        ),
    ],
)
def test_a_value_that_nothing_understands_is_reported_with_file_key_and_what_was_found(
    path: str, value: object, reported: str, tmp_path: Path
) -> None:
    (line,) = lines(tmp_path, changed(path, value))
    assert line.startswith(f"conf/base/parameters/{reported}")


def test_a_recipe_that_is_not_listed_is_reported_with_file_key_and_the_listed_ones(tmp_path: Path) -> None:
    (line,) = lines(tmp_path, changed("models/tree/recipe", "plane"))
    assert line.startswith("conf/base/parameters/models.yml: models.tree.recipe")
    assert "'plane'" in line
    assert "did you mean 'plain'?" in line


def test_a_recipe_that_is_not_listed_is_reported_beside_other_faults(tmp_path: Path) -> None:
    parameters = {**changed("models/tree/recipe", "plane"), "split": {"test_share": 2}}
    assert any("plane" in line for line in lines(tmp_path, parameters))


def test_a_misspelt_metric_that_the_challenger_rule_needs_is_reported_with_its_nearest_spelling(tmp_path: Path) -> None:
    reported = lines(tmp_path, changed("training/metrics", ["roc_auk", "ks"]))
    assert any("training.metrics.roc_auk" in line and "did you mean 'roc_auc'?" in line for line in reported)


def test_all_faults_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    parameters = {
        **SOUND,
        "split": {"sead": 1},
        "recipes": {"plain": {"function": "plane"}},
        "models": {"tree": {"recipe": "plain", "estimator": "os.system"}},
        "deployment": {"gates": {"minimum": {"test_roc_auk": 0.7}}},
    }
    reported = lines(tmp_path, parameters)
    keys = [line.removeprefix("conf/base/parameters/").split(": ")[:2] for line in reported]
    assert keys == [
        ["split.yml", "split.sead"],
        ["recipes.yml", "recipes.plain.function"],
        ["models.yml", "models.tree.estimator"],
        ["deployment.yml", "deployment.gates.minimum.test_roc_auk"],
    ]


def test_the_report_says_in_four_parts_what_is_wrong(tmp_path: Path) -> None:
    parameters = changed("split/sead", 1)
    with pytest.raises(ConfigurationError) as reported:
        check(Configuration(written(tmp_path, parameters), "base", parameters))
    assert str(reported.value).splitlines() == [
        "The configuration of environment 'base' has 1 fault.",
        "  expected: keys and values as credit_pipeline.spec describes them",
        "  got:      ",
        f"    - conf/base/parameters/split.yml: {SEED}",
        "  fix:      the files named above",
    ]


def test_the_environments_file_is_named_where_it_hides_that_of_base(tmp_path: Path) -> None:
    parameters = {**changed("split/sead", 1), "training": {**SOUND["training"], "jobs": "all"}}
    written(tmp_path, {"split": {"sead": 1}}, "loans")
    split, training = lines(tmp_path, parameters, "loans")
    assert split.startswith("conf/loans/parameters/split.yml: split.sead")
    assert training.startswith("conf/base/parameters/training.yml: training.jobs")


def test_an_empty_file_holds_no_key(tmp_path: Path) -> None:
    written(tmp_path, SOUND)
    (tmp_path / "conf/base/parameters/a.yml").write_text("# later\n")
    assert lines(tmp_path, changed("split/sead", 1))[0].startswith("conf/base/parameters/split.yml")


def test_without_an_open_context_the_working_folders_project_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = written(tmp_path, SOUND) / "data" / "deep"
    inner.mkdir(parents=True)
    written(tmp_path, {"split": {"seed": 7}}, "other")
    monkeypatch.chdir(inner)
    monkeypatch.setenv("KEDRO_ENV", "other")
    configured = configuration.current()
    assert (configured.project_path, configured.environment) == (tmp_path, "other")
    assert configured.spec.split.seed == 7
    assert configured.spec.models["tree"].recipe == "plain"


def test_without_a_named_environment_the_local_one_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, SOUND)
    written(tmp_path, {"split": {"seed": 9}}, "local")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KEDRO_ENV", raising=False)
    assert configuration.current().environment == "local"
    assert configuration.current().spec.split.seed == 9


def test_the_open_contexts_configuration_comes_before_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    opened = Configuration(tmp_path, "test", SOUND)
    open_run.enter(OpenRun(opened))
    assert configuration.current() is opened
    assert configuration.project_path() == tmp_path
    assert configuration.project_file("mlflow.db") == str(tmp_path / "mlflow.db")


def test_outside_every_project_there_is_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for ask in (configuration.current, configuration.project_path, lambda: configuration.project_file("mlflow.db")):
        with pytest.raises(ConfigurationError, match="There is no project here"):
            ask()


def test_runs_are_tracked_in_the_projects_folder_from_wherever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    open_run.enter(OpenRun(Configuration(ROOT, "base", SOUND)))
    assert configuration.tracking_uri() == f"sqlite:///{ROOT}/mlflow.db"
    assert configuration.artifact_location() == f"file://{ROOT}/mlartifacts"


def test_artifacts_lie_beside_the_store_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/kept/mlflow.db")
    assert configuration.artifact_location() == f"file://{tmp_path}/kept/mlartifacts"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    assert configuration.artifact_location() == f"file://{tmp_path}/mlartifacts"


def test_a_tracking_server_is_named_by_the_environment_and_keeps_its_own_artifacts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://localhost:5000")
    assert configuration.tracking_uri() == "http://localhost:5000"
    assert configuration.artifact_location() is None


def test_parameters_may_hold_secrets_and_are_not_printed(tmp_path: Path) -> None:
    assert "hunter2" not in repr(Configuration(tmp_path, "base", {"annotation": "hunter2"}))


def test_globals_of_ones_own_are_no_fault_and_misspelt_ones_are(tmp_path: Path) -> None:
    sound = Configuration(tmp_path, "base", SOUND, globals={"use_case": "loans", "bucket": "lake"})
    written(tmp_path, SOUND)
    check(sound)
    with pytest.raises(ConfigurationError, match="did you mean 'use_case'"):
        check(replace(sound, globals={"use_cas": "loans", "folder": "data"}))
