"""The house rules: the project keeps each, and each is proven by a bad example to bite."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import check_conventions
import conventions
import pytest
from conventions import code, configuration, docstrings, documents, packages, wording
from kedro.config import OmegaConfigLoader
from kedro.pipeline import Node, Pipeline

from credit_pipeline.configuration import CONFIG_LOADER_ARGS, Configuration, OpenRun, open_run
from credit_pipeline.pipeline_registry import register_pipelines

ROOT = Path(__file__).parents[1]
Check = Callable[[Path], list[str]]
RULES = (*conventions.CHECKS, *conventions.WARNINGS)

ENTRY = (
    "{type: pandas.ParquetDataset, filepath: data/train.parquet, versioned: true, metadata: {kedro-viz: {layer: raw}}}"
)
RANKING = '''"""Metrics of the order."""


def gini(outcome, probability, weight):
    """Give it.

    Parameters
    ----------
    outcome, probability, weight
        One a row.
    """
'''
LOCK = "numpy==2.0 \\\n    --hash=sha256:00\n"
SOUND: Mapping[str, str] = {
    "src/credit_pipeline/__init__.py": '"""Credit."""\n\n__all__ = []\n',
    "src/credit_pipeline/errors.py": '"""Errors."""\n',
    "src/credit_pipeline/pipelines/__init__.py": '"""The pipelines."""\n\n__all__ = ["split"]\n',
    "src/credit_pipeline/pipelines/split/__init__.py": '"""Train and test."""\n\n__all__ = ["create_pipeline"]\n',
    "src/credit_pipeline/pipelines/split/nodes.py": '"""Nodes."""\n',
    "src/credit_pipeline/pipelines/split/pipeline.py": '"""The graph."""\n',
    "src/credit_pipeline/cli/__init__.py": '"""Commands."""\n\n__all__: list[str] = []\n',
    "src/credit_pipeline/cli/commands.py": '"""One."""\n\ntry:\n    pass\nexcept Exception:\n    raise\n',
    "src/credit_pipeline/modelling/__init__.py": '"""No Kedro."""\n\nimport numpy\n\n__all__ = ["metrics"]\n',
    "src/credit_pipeline/modelling/metrics/__init__.py": '"""How good."""\n\n__all__ = ["gini"]\n',
    "src/credit_pipeline/modelling/metrics/ranking.py": RANKING,
    "conf/base/catalog/split.yml": f"train: {ENTRY}\n",
    "conf/base/parameters/split.yml": "# The seed: all folds stand on it.\nsplit: {seed: 42}\n",
    "conf/test/parameters/split.yml": "split: {seed: 1}\n",
    "tests/conftest.py": "",
    "tests/modelling/metrics/test_ranking.py": "",
    "tests/modelling/test_metrics.py": "",
    "tests/cli/test_a_whole_run.py": "",
    "tests/pipelines/test_split.py": "",
    "tests/support/one_more/drawn.py": "",
    "tests/test_readme.py": "",
    "Makefile": "run: ## run it\n\tkedro run\n",
    "README.md": "Type `make run`, and make sure that it ends.\n",
    "requirements.lock": LOCK,
    "requirements-test.lock": LOCK.replace("numpy", "pytest"),
    "requirements-docs.lock": LOCK.replace("numpy", "sphinx"),
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


@pytest.mark.parametrize("check", RULES, ids=lambda check: check.__name__)
def test_nothing_is_found_in_a_sound_project(check: Check, sound: Path) -> None:
    assert check(sound) == []


BODY = "def long():\n    '''Not counted.\n\n    Nor this.\n    '''\n" + "    pass\n" * 40
MODULE = "src/credit_pipeline/scores.py"
DOORLESS = "src/credit_pipeline/modelling/drift"
DOOR = "src/credit_pipeline/modelling/metrics/__init__.py"
FOLDERS = "src/credit_pipeline/pipelines/__init__.py"
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": ["open('/home/ada/x.csv')"]}]})
BAD = [
    (conventions.rooms, "src/credit_pipeline/pipelines/drift/nodes.py", "", "tests/pipelines/test_drift.py: missing"),
    (conventions.rooms, "conf/base/catalog/drift.yml", "", "conf/base/catalog/drift.yml: no pipeline of that name"),
    (conventions.banned_file_names, "src/credit_pipeline/utils.py", "", "src/credit_pipeline/utils.py: named"),
    (conventions.banned_file_names, "tests/plot_helpers.py", "", "tests/plot_helpers.py: named after nothing"),
    (conventions.banned_file_names, "src/common/psi.py", "", "src/common: named after nothing"),
    (conventions.long_modules, MODULE, "x = 1\n" * 351, f"{MODULE}: 351 lines, at most 350"),
    (conventions.growing_modules, MODULE, "x = 1\n" * 251, f"{MODULE}: 251 lines, at most 250"),
    (conventions.long_functions, MODULE, BODY + "    pass\n", f"{MODULE}: long has 41 lines, at most 40"),
    (conventions.banned_identifiers, MODULE, "def f(df2): ...\n", f"{MODULE}:1: the name df2"),
    (conventions.banned_identifiers, "tests/test_x.py", "x = 1\ndata2 = x\n", "tests/test_x.py:2: the name data2"),
    (conventions.banned_identifiers, MODULE, "import a\na.process_data()\n", f"{MODULE}:2: the name process_data"),
    (conventions.broad_excepts, MODULE, "try: f()\nexcept Exception: pass\n", f"{MODULE}:2: catches everything"),
    (conventions.broad_excepts, MODULE, "try: f()\nexcept: pass\n", f"{MODULE}:2: catches everything"),
    (conventions.broad_excepts, MODULE, "try: f()\nexcept (OSError, BaseException): pass\n", f"{MODULE}:2: catches"),
    (
        conventions.broad_excepts,
        "src/credit_pipeline/cli/commands.py",
        SOUND["src/credit_pipeline/cli/commands.py"] * 2,
        "src/credit_pipeline/cli/commands.py:11: catches everything",
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
    (conventions.missing_docstrings, MODULE, "x = 1\n", f"{MODULE}: the module has no docstring"),
    (conventions.missing_parameters, MODULE, "def f(a, /, b, *, c): ...\n", f"{MODULE}:1: f has 3 arguments and no"),
    (conventions.missing_parameters, MODULE, "def f(a, *values, **settings): ...\n", "f has 3 arguments and no"),
    (
        conventions.missing_parameters,
        MODULE,
        "async def f(a, b, c):\n    '''Parameters: all.'''\n",
        "f has 3 arguments",
    ),
    (conventions.missing_parameters, MODULE, "class A:\n    def f(self, a, b, c): ...\n", f"{MODULE}:2: f has 3"),
    (
        conventions.missing_parameters,
        MODULE,
        "class A:\n    @staticmethod\n    def f(a, b, c): ...\n",
        f"{MODULE}:3: f has 3 arguments",
    ),
    (
        conventions.crowded_packages,
        "src/credit_pipeline/modelling/psi.py",
        "",
        "src/credit_pipeline/modelling: 1 modules beside __init__, at most 0",
    ),
    (conventions.front_doors, f"{DOORLESS}/psi.py", "", f"{DOORLESS}/__init__.py: missing"),
    (conventions.front_doors, DOOR, "__all__ = []\n", f"{DOOR}: the first line is not a docstring of one sentence"),
    (conventions.front_doors, DOOR, "'''No end'''\n__all__ = []\n", f"{DOOR}: the first line is not"),
    (conventions.front_doors, DOOR, "'''One. Two.'''\n__all__ = []\n", f"{DOOR}: the first line is not"),
    (conventions.front_doors, DOOR, "'''\nOne.\n'''\n__all__ = []\n", f"{DOOR}: the first line is not"),
    (conventions.front_doors, DOOR, "# Why\n'''One.'''\n__all__ = []\n", f"{DOOR}: the first line is not"),
    (conventions.front_doors, DOOR, "'''One.'''\n\nfrom x import y\n", f"{DOOR}: has no __all__"),
    (conventions.front_doors, FOLDERS, "'''One.'''\n", f"{FOLDERS}: has no __all__"),
    (
        conventions.mirrored_tests,
        "tests/modelling/metrics/test_psi.py",
        "",
        "tests/modelling/metrics/test_psi.py: no module or package src/credit_pipeline/modelling/metrics/psi",
    ),
    (conventions.mirrored_tests, "tests/modelling/test_whole.py", "", "tests/modelling/test_whole.py: no module or"),
    (conventions.mirrored_tests, "tests/drift/test_psi.py", "", "tests/drift: no package of that name"),
    (conventions.mirrored_tests, "tests/cli/more/test_run.py", "", "tests/cli/more: no package of that name"),
    (conventions.supporting_modules, "tests/drawn.py", "", "tests/drawn.py: not a test, belongs into tests/support"),
    (conventions.supporting_modules, "tests/cli/drawn.py", "", "tests/cli/drawn.py: not a test, belongs into"),
    (conventions.gone_words, MODULE, "x = 1\n_TOLD = x\n", f"{MODULE}:2: TOLD: say report"),
    (conventions.gone_words, MODULE, "'''A\n\nIt tells.'''\n", f"{MODULE}:3: tells: say report"),
    (conventions.gone_words, MODULE, "def is_told_twice(): ...\n", f"{MODULE}:1: told: say report"),
    (conventions.gone_words, MODULE, "f('x', f'{left}\\nMended')\n", f"{MODULE}:1: Mended: say fix"),
    (conventions.gone_words, MODULE, "f('x', mend=1)\n", f"{MODULE}:1: mend: say fix"),
    (conventions.gone_words, MODULE, "# A file is no `YAML`.\n", f"{MODULE}:1: is no `YAML: say is not a"),
    (conventions.gone_words, MODULE, "# One.\n# A file is\n# no valid one.\n", f"{MODULE}:2: is # no valid: say"),
    (conventions.gone_words, "README.md", "What is foretold\n", "README.md:1: foretold: say predict"),
    (conventions.gone_words, "SECURITY.md", "A name it bears.\n", "SECURITY.md:1: bears: say have"),
    (conventions.gone_words, "SECURITY.md", "The names\nthey bear.\n", "SECURITY.md:2: bear: say have"),
    (conventions.gone_words, ".ci/run", "#!/bin/sh\n# It tells.\n", ".ci/run:2: tells: say report"),
    (conventions.gone_words, ".github/workflows/ci.yml", "on: x  # told\n", ".github/workflows/ci.yml:1: told: say"),
    (conventions.gone_words, "docs/conf.py", "x = 1  # mended\n", "docs/conf.py:1: mended: say fix"),
    (conventions.gone_words, "docs/decisions/1.md", "A telling word\n", "docs/decisions/1.md:1: telling: say report"),
    (conventions.gone_words, "docs/schemas/x.json", '{"d": "It mends."}', "docs/schemas/x.json:1: mends: say fix"),
    (conventions.gone_words, "conf/base/x.yml", "a: 1\nb: 2  # told why\n", "conf/base/x.yml:2: told: say report"),
    (conventions.gone_words, "Makefile", "run: ## tell it\n", "Makefile:1: tell: say report"),
    (
        conventions.gone_words,
        "notebooks/x.ipynb",
        '{"source": ["It told\\n"]}',
        "notebooks/x.ipynb:1: told: say report",
    ),
    (conventions.gone_words, "benchmarks/x.py", "told = 1\n", "benchmarks/x.py:1: told: say report"),
    (conventions.gone_words, "tools/x.py", "told = 1\n", "tools/x.py:1: told: say report"),
    (
        conventions.gone_words_in_tests,
        "tests/test_x.py",
        "def test_a_fault_is_told(): ...\n",
        "tests/test_x.py:1: told: say report",
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
    (
        conventions.lock_faults,
        "requirements-docs.lock",
        LOCK.replace("numpy", "pytest"),
        "requirements-docs.lock: repeats pytest",
    ),
]


@pytest.mark.parametrize(("check", "name", "text", "fault"), BAD, ids=[f"{bad[0].__name__}-{bad[3]}" for bad in BAD])
def test_a_bad_example_is_found(check: Check, name: str, text: str, fault: str, sound: Path) -> None:
    assert any(fault in found for found in check(written(sound, {name: text})))


def test_every_rule_has_a_bad_example() -> None:
    assert {bad[0] for bad in BAD} == set(RULES)


def test_faults_end_the_check_and_warnings_only_show(sound: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound_code, clean = check_conventions.main(sound), capsys.readouterr().err
    text = '"""Scores."""\n' + "x = 1\n" * 250
    warned_code, warned = check_conventions.main(written(sound, {MODULE: text})), capsys.readouterr().err
    faulty_code, faulty = check_conventions.main(written(sound, {MODULE: f"{text}df2 = 1\n"})), capsys.readouterr().err
    assert (sound_code, warned_code, faulty_code) == (0, 0, 1)
    assert clean == ""
    assert warned == f"warning: growing_modules: {MODULE}: 251 lines, at most 250\n"
    assert faulty.splitlines()[1:] == [f"banned_identifiers: {MODULE}:252: the name df2"]


@pytest.mark.parametrize(("package", "most"), [("src/credit_pipeline", 4), ("src/credit_pipeline/drift", 12)])
def test_a_package_may_be_full_but_not_fuller(package: str, most: int, sound: Path) -> None:
    there = len([path for path in (sound / package).glob("*.py") if path.stem != "__init__"])
    modules = {f"{package}/module_{number}.py": "" for number in range(there, most)}
    full = written(sound, {f"{package}/__init__.py": "", **modules})
    assert packages.crowded_packages(full) == []
    fault = f"{package}: {most + 1} modules beside __init__, at most {most}"
    assert packages.crowded_packages(written(full, {f"{package}/one_more.py": ""})) == [fault]


@pytest.mark.parametrize(
    "source",
    [
        "def _private(a, b, c): ...\n",
        "class _Private:\n    def f(self, a, b, c): ...\n",
        "class A:\n    def __init__(self, a, b, c): ...\n",
        "class A:\n    def f(self, a, b): ...\n    @classmethod\n    def g(cls, a, b): ...\n",
        "def f(a, b, *args, **kwargs): ...\n",
        "def f():\n    def inner(a, b, c): ...\n",
    ],
)
def test_what_is_private_nested_or_short_needs_no_parameters_section(source: str, sound: Path) -> None:
    assert docstrings.missing_parameters(written(sound, {MODULE: source})) == []


@pytest.mark.parametrize(
    "text",
    [
        "amend, recommend, teller, retold, bearish",
        "position = file.tell()",
        "There\n# is no MLflow run",
        "it is no use, and is no validation",
    ],
)
def test_a_word_inside_another_and_plain_english_stay(text: str, sound: Path) -> None:
    assert wording.gone_words(written(sound, {MODULE: f"# {text}\n"})) == []


def test_keys_and_values_of_conf_belong_to_the_data(sound: Path) -> None:
    text = "bears: {stock: told, color: '#tell'}\n"
    assert wording.gone_words(written(sound, {"conf/base/x.yml": text})) == []


def test_the_rule_of_the_words_its_test_and_a_local_conf_may_use_them(sound: Path) -> None:
    quoting = ("tools/conventions/wording.py", "tests/test_conventions.py", "conf/local/x.yml")
    project = written(sound, dict.fromkeys(quoting, "# told\n"))
    assert wording.gone_words(project) + wording.gone_words_in_tests(project) == []


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
    monkeypatch.setattr(open_run, "_open", [OpenRun(configured)])
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
