"""The house rules: the project keeps each, and each is proven by a bad example to bite."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import conventions
import pytest
from conventions import code, configuration, documents
from kedro.config import OmegaConfigLoader
from kedro.pipeline import Node, Pipeline

from credit_pipeline.configuration import CONFIG_LOADER_ARGS, Configuration
from credit_pipeline.pipeline_registry import register_pipelines

ROOT = Path(__file__).parents[1]
Check = Callable[[Path], list[str]]

ENTRY = (
    "{type: pandas.ParquetDataset, filepath: data/train.parquet, versioned: true, metadata: {kedro-viz: {layer: raw}}}"
)
LOCK = "numpy==2.0 \\\n    --hash=sha256:00\n"
SOUND: Mapping[str, str] = {
    "src/credit_pipeline/pipelines/split/__init__.py": "",
    "src/credit_pipeline/pipelines/split/nodes.py": "",
    "src/credit_pipeline/pipelines/split/pipeline.py": "",
    "src/credit_pipeline/cli.py": "try:\n    pass\nexcept Exception:\n    raise\n",
    "src/credit_pipeline/modelling/metrics.py": '"""Metrics."""\n\n\ndef gini() -> None:\n    """Give it."""\n',
    "conf/base/catalog/split.yml": f"train: {ENTRY}\n",
    "conf/base/parameters/split.yml": "# The seed: all folds stand on it.\nsplit: {seed: 42}\n",
    "conf/test/parameters/split.yml": "split: {seed: 1}\n",
    "tests/pipelines/test_split.py": "",
    "Makefile": "run: ## run it\n\tkedro run\n",
    "README.md": "Type `make run`, and make sure that it ends.\n",
    "requirements.lock": LOCK,
    "requirements-test.lock": LOCK.replace("numpy", "pytest"),
}


def written(project: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    return project


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return written(tmp_path, SOUND)


@pytest.mark.parametrize("check", conventions.CHECKS, ids=lambda check: check.__name__)
def test_the_project_keeps(check: Check) -> None:
    assert check(ROOT) == []


@pytest.mark.parametrize("check", conventions.CHECKS, ids=lambda check: check.__name__)
def test_nothing_is_found_in_a_sound_project(check: Check, sound: Path) -> None:
    assert check(sound) == []


BODY = "def long():\n    '''Not counted.\n\n    Nor this.\n    '''\n" + "    pass\n" * 40
MODULE = "src/credit_pipeline/scores.py"
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": ["open('/home/ada/x.csv')"]}]})
BAD = [
    (conventions.rooms, "src/credit_pipeline/pipelines/drift/nodes.py", "", "tests/pipelines/test_drift.py: missing"),
    (conventions.rooms, "conf/base/catalog/drift.yml", "", "conf/base/catalog/drift.yml: no pipeline of that name"),
    (conventions.banned_file_names, "src/credit_pipeline/utils.py", "", "src/credit_pipeline/utils.py: named"),
    (conventions.banned_file_names, "tests/plot_helpers.py", "", "tests/plot_helpers.py: named after nothing"),
    (conventions.banned_file_names, "src/common/psi.py", "", "src/common: named after nothing"),
    (conventions.long_modules, MODULE, "x = 1\n" * 251, f"{MODULE}: 251 lines, at most 250"),
    (conventions.long_functions, MODULE, BODY + "    pass\n", f"{MODULE}: long has 41 lines, at most 40"),
    (conventions.banned_identifiers, MODULE, "def f(df2): ...\n", f"{MODULE}:1: the name df2"),
    (conventions.banned_identifiers, "tests/test_x.py", "x = 1\ndata2 = x\n", "tests/test_x.py:2: the name data2"),
    (conventions.banned_identifiers, MODULE, "import a\na.process_data()\n", f"{MODULE}:2: the name process_data"),
    (conventions.broad_excepts, MODULE, "try: f()\nexcept Exception: pass\n", f"{MODULE}:2: catches everything"),
    (conventions.broad_excepts, MODULE, "try: f()\nexcept: pass\n", f"{MODULE}:2: catches everything"),
    (conventions.broad_excepts, MODULE, "try: f()\nexcept (OSError, BaseException): pass\n", f"{MODULE}:2: catches"),
    (
        conventions.broad_excepts,
        "src/credit_pipeline/cli.py",
        SOUND["src/credit_pipeline/cli.py"] * 2,
        "src/credit_pipeline/cli.py:7: catches everything",
    ),
    (conventions.pickle_imports, MODULE, "import pickle\n", f"{MODULE}: uses pickle"),
    (conventions.pickle_imports, MODULE, "from cloudpickle import dumps\n", f"{MODULE}: uses cloudpickle"),
    (conventions.pickle_imports, MODULE, "from joblib import load\n", f"{MODULE}: uses joblib.load"),
    (conventions.pickle_imports, MODULE, "import joblib\njoblib.load('x')\n", f"{MODULE}: uses joblib.load"),
    (conventions.pickle_imports, MODULE, "from joblib import dump\n", f"{MODULE}: uses joblib.dump"),
    (conventions.pickle_imports, MODULE, "import torch\ntorch.load('x')\n", f"{MODULE}: uses torch.load"),
    (
        conventions.pickle_imports,
        "conf/base/catalog/split.yml",
        f"train: {ENTRY}\n".replace("pandas.Parquet", "pickle.Pickle"),
        "conf/base/catalog/split.yml: names pickle",
    ),
    (
        conventions.pickle_imports,
        MODULE,
        "import pandas as pd\npd.read_pickle('x')\n",
        f"{MODULE}: uses pd.read_pickle",
    ),
    (
        conventions.missing_docstrings,
        "src/credit_pipeline/modelling/psi.py",
        '"""PSI."""\n\n\nclass Psi:\n    """It."""\n\n    def of(self): ...\n    def _inner(self): ...\n',
        "src/credit_pipeline/modelling/psi.py: of has no docstring",
    ),
    (
        conventions.keys_with_two_owners,
        "conf/base/parameters/training.yml",
        "split: {}\n",
        "conf/base/parameters/training.yml: split is in split.yml too",
    ),
    (
        conventions.keys_with_two_owners,
        "conf/base/catalog/training.yml",
        f"train: {ENTRY}\n",
        "conf/base/catalog/training.yml: train is in split.yml too",
    ),
    (
        conventions.wandering_keys,
        "conf/test/parameters/models.yml",
        "split: {}\n",
        "conf/test/parameters/models.yml: split belongs in split.yml",
    ),
    (
        conventions.commented_out_yaml,
        "conf/base/x.yml",
        "a: 1\n  # seed: 42\n",
        "conf/base/x.yml:2: commented out: # seed: 42",
    ),
    (conventions.commented_out_yaml, "conf/base/x.yml", "#train:\n", "conf/base/x.yml:1: commented out: #train:"),
    (conventions.commented_out_yaml, "conf/base/x.yml", "# - one\n", "conf/base/x.yml:1: commented out: # - one"),
    (conventions.commented_out_yaml, "conf/base/x.yml", "# a: {b: 1, c: 2}\n", "conf/base/x.yml:1: commented out"),
    (conventions.objects_and_secrets, "conf/base/x.py", "", "conf/base/x.py: Python in conf"),
    (
        conventions.objects_and_secrets,
        "conf/base/x.yml",
        "a: !!python/name:os.system\n",
        "conf/base/x.yml: the tag !!python/name",
    ),
    (conventions.objects_and_secrets, "conf/base/x.yml", "a: [{db_password: hunter2}]\n", "a secret in db_password"),
    (
        conventions.objects_and_secrets,
        "conf/base/x.yml",
        "uri: postgresql://ada:love@db/x\n",
        "conf/base/x.yml: a secret",
    ),
    (
        conventions.layerless_entries,
        "conf/test/catalog/split.yml",
        '"{part}_features": {type: x, metadata: {}}\n',
        "conf/test/catalog/split.yml: {part}_features has the layer none",
    ),
    (
        conventions.layerless_entries,
        "conf/base/catalog/split.yml",
        f"train: {ENTRY}\n".replace("raw", "row"),
        "conf/base/catalog/split.yml: train has the layer row",
    ),
    (
        conventions.unversioned_snapshots,
        "conf/base/catalog/split.yml",
        f"train: {ENTRY}\n".replace("versioned: true, ", ""),
        "conf/base/catalog/split.yml: train is not versioned",
    ),
    (conventions.machine_paths, "docs/x.md", "See /tmp/report.\n", "docs/x.md:1: /tmp/"),
    (conventions.machine_paths, "notebooks/x.ipynb", NOTEBOOK, "notebooks/x.ipynb:1: /home/"),
    (conventions.machine_paths, "CONTRIBUTING.md", "pip --index-url https://x\n", "CONTRIBUTING.md:1: index-url"),
    (conventions.unknown_targets, "README.md", "    make walk\n", "README.md: make walk does not exist"),
    (conventions.unknown_targets, "docs/x.md", "```\nmake run\nmake fly\n```\n", "docs/x.md: make fly does not exist"),
    (
        conventions.lock_faults,
        "requirements.lock",
        f"--index-url https://x\n{LOCK}",
        "requirements.lock: holds an address",
    ),
    (
        conventions.lock_faults,
        "requirements.lock",
        LOCK + LOCK.replace("numpy", "nvidia-nccl-cu12"),
        "requirements.lock: pins nvidia-nccl-cu12",
    ),
    (conventions.lock_faults, "requirements.lock", "numpy==2.0\n", "requirements.lock: numpy has no hash"),
    (conventions.lock_faults, "requirements.lock", "", "requirements.lock: pins nothing"),
    (conventions.lock_faults, "requirements-test.lock", LOCK, "requirements-test.lock: repeats numpy"),
]


@pytest.mark.parametrize(("check", "name", "text", "fault"), BAD, ids=[f"{bad[0].__name__}-{bad[3]}" for bad in BAD])
def test_a_bad_example_is_found(check: Check, name: str, text: str, fault: str, sound: Path) -> None:
    assert any(fault in found for found in check(written(sound, {name: text})))


def test_every_rule_has_a_bad_example() -> None:
    assert {bad[0] for bad in BAD} == set(conventions.CHECKS)


def test_a_body_of_forty_lines_under_a_docstring_is_not_too_long(sound: Path) -> None:
    assert code.long_functions(written(sound, {MODULE: BODY})) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# Note: a comment in words",
        "# one word",
        "#",
        "# see https://example.org for why",
        "# yaml-language-server: $schema=models.json",
    ],
)
def test_a_comment_in_words_is_no_commented_out_yaml(comment: str, sound: Path) -> None:
    assert configuration.commented_out_yaml(written(sound, {"conf/base/x.yml": f"{comment}\n"})) == []


def test_a_secret_from_the_environment_is_none(sound: Path) -> None:
    text = "password: ${oc.env:DATABASE_PASSWORD}\n"
    assert configuration.objects_and_secrets(written(sound, {"conf/base/x.yml": text})) == []


def test_a_web_address_is_no_machine_path(sound: Path) -> None:
    text = "https://example.org/tmp/x and data/work, and/home\n"
    assert documents.machine_paths(written(sound, {"docs/x.md": text})) == []


@pytest.mark.parametrize("environment", ["base", "test"])
def test_every_pipeline_leads_from_earlier_layers_to_later_ones(
    environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = OmegaConfigLoader(str(ROOT / "conf"), env=environment, **CONFIG_LOADER_ARGS)
    configured = Configuration(ROOT, environment, loader["parameters"])
    monkeypatch.setattr("credit_pipeline.configuration._Current.configuration", configured)
    registered = register_pipelines()
    assert {"data_split", "feature_engineering", "training", "deployment", "scoring"} < set(registered)
    assert configuration.backward_layers(registered.values(), loader["catalog"]) == []


def test_a_node_that_leads_to_an_earlier_layer_is_found() -> None:
    entries = {
        "{model}_scores": {"type": "x", "metadata": {"kedro-viz": {"layer": "scoring"}}},
        "train": {"type": "x", "metadata": {"kedro-viz": {"layer": "primary"}}},
    }
    backward = Pipeline([Node(lambda scores: scores, "best_scores", "train", name="learn_from_scores")])
    forward = Pipeline([Node(lambda train: train, ["train"], "best_scores", name="score")])
    fault = "learn_from_scores: from best_scores (scoring) back to train (primary)"
    assert configuration.backward_layers([backward], entries) == [fault]
    assert configuration.backward_layers([forward], entries) == []
